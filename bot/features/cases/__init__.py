"""Cases: marketing's side of feedback: acknowledge, decide, and a receipt for every reporter.

Read in this order: storage/cases.py, actions, service, views, handlers.
"""

from bot.features.cases.handlers import feature

__all__ = ["feature"]
