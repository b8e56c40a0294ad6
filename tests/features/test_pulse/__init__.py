"""Stories of the weekly pulse."""
