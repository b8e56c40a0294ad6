"""Stories of the weekly pulse: asking, answering, sealing, and what is published."""
