"""Reports: what became of leads, by source, campaign, reason, owner or status; in chat and on the command line.

Read in this order: storage/reports.py, bot/rules/statistics.py, actions, service, views, handlers.
"""

from bot.features.reports.handlers import feature

__all__ = ["feature"]
