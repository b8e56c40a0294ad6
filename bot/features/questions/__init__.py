"""Questions: a seller needs to know more about a lead; its clocks pause until marketing has answered.

Read in this order: storage/questions.py, actions, service, views, handlers.
"""

from bot.features.questions.handlers import feature

__all__ = ["feature"]
