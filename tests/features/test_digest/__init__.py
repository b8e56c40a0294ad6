"""The daily digest: mornings in channels, people who act on open items, and days that are no ordinary days."""
