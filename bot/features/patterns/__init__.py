"""Patterns: which messages of a leads channel announce a lead. Each becomes one; the rest stay ordinary messages.

Read in this order: storage/patterns.py, bot/rules/lead_patterns.py, actions, service, views, handlers.
"""

from bot.features.patterns.handlers import feature

__all__ = ["feature"]
