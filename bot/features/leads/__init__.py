"""Leads: handed from marketing to sales, accepted, worked on, won, lost or kept for later.

Read in this order: storage/leads.py, bot/rules/lead_states.py, actions, log, intake (announced leads) and importing
(those of a file), undo, service, views, handlers.
"""

from bot.features.leads.handlers import feature

__all__ = ["feature"]
