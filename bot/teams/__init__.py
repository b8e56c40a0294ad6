"""Microsoft Teams: the only package that knows it."""
