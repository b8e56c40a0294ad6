"""How job swaps look: pure functions from rows to messages and forms."""
