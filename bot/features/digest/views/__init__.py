"""How digests look: the message of a day, its open items, and the settings; pure functions."""
