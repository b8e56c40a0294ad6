"""People: which side they are on, how they work, who may change settings, and how they come from a file."""
