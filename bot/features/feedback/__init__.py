"""Feedback: what a seller says of a lead, in ten seconds; marketing's answer is the feature `cases`.

Read in this order: storage/feedback.py, bot/rules/codes.py, actions, typed (a line as it was
typed), service, views, handlers.
"""

from bot.features.feedback.handlers import feature

__all__ = ["feature"]
