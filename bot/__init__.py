"""Parley: a chat bot that gets sales and marketing people to work as one team."""
