"""How the pulse looks: cards, forms, settings, what is said of privacy, results, and what heads are asked."""
