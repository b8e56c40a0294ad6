"""The weekly pulse.

Read in this order: storage/pulse.py, storage/ballots.py, storage/pulse_results.py, bot/rules/published.py, actions,
results, heads, views, result_handlers; bot/calculations/pulse_results.py computes.
"""

from bot.features.pulse import result_handlers
from bot.features.pulse.handlers import feature

__all__ = ["feature", "result_handlers"]
