"""Gemba: half-day job swaps between sales and marketing, from sign-up to an improvement that is adopted.

Read in this order: storage/gemba.py, gemba_swaps.py and gemba_ideas.py, words, actions, service, views, handlers.
"""

from bot.features.gemba.handlers import feature

__all__ = ["feature"]
