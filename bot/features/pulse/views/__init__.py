"""How the pulse looks: its cards, forms, settings, and what is said of privacy."""
