"""Stories of job swaps."""
