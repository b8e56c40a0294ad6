"""The noise budget: whether people act on what Parley sends, and folding into the daily digest what they do not act on.

Read in this order: storage/noise.py, bot/core/counting.py, actions, service, views, handlers.
"""

from bot.features.noise.handlers import feature

__all__ = ["feature"]
