"""The weekly pulse: two or three taps, worded for each side, confidential while it is open and sealed at its close.

Read in this order: storage/pulse.py, storage/ballots.py, statements (the bank), rotation, actions, settings, bank,
counting (whose ballots are whose), service (answering), waves (opening, reminding), sealing (closing), views, handlers;
and bot/waves.py, which counts, and destroys keys. Why it is so: docs/decisions/0017-the-pulse.md.

Then of what is published: storage/pulse_results.py, bot/rules/published.py and disclosure.py, results, overdue, heads,
result_handlers; bot/calculations/pulse_results.py computes it. Why no more is: docs/decisions/0018-pulse-results.md.
"""

from bot.features.pulse import result_handlers
from bot.features.pulse.handlers import feature

__all__ = ["feature", "result_handlers"]
