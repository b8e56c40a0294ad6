"""Clocks: what waits for whom, and until when; leads and cases start and stop them.

Read in this order: storage/calendars.py, storage/clocks.py, bot/rules/worktime.py, bot/rules/calendars.py,
bot/rules/clocks.py, actions, service, deadlines (what admins change), nudging (who is told, and when), reporting,
views, handlers.
"""

from bot.features.clocks.handlers import feature

__all__ = ["feature"]
