"""The weekly pulse: three taps a week, worded for each side, confidential while it is open and sealed at its close.

Read in this order: storage/pulse.py, storage/ballots.py, statements (the bank), rotation, actions, settings, bank,
counting (whose ballots are whose), service (answering), waves (opening, reminding, closing), views, handlers; and
bot/waves.py, which counts, and destroys keys. Why it is so: docs/decisions/0017-the-pulse.md.
"""

from bot.features.pulse.handlers import feature

__all__ = ["feature"]
