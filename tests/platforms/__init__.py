"""What the platforms are sent."""
