"""What job swaps answer to."""

from bot.features.gemba.handlers import erasing, ideas, rounds, sign_ups, swaps, visits
from bot.features.gemba.handlers.gemba import feature

__all__ = ["erasing", "feature", "ideas", "rounds", "sign_ups", "swaps", "visits"]
