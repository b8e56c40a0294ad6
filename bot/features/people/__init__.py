"""People and channels: who is on which side, who may change settings, what each channel is for.

Read in this order: storage/people.py, channels.py and campaigns.py, actions, service, views, handlers.
"""

from bot.features.people.handlers import feature

__all__ = ["feature"]
