"""The daily digest: yesterday in each channel that wants it, and open items that people take by a reaction.

Read in this order: storage/digest.py, storage/digest_facts.py, actions, days (of which days it tells), facts (what it
tells), open_items (which, and in which order), building, service (what people do), settings, views, handlers.
"""

from bot.features.digest.handlers import feature

__all__ = ["feature"]
