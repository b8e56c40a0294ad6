"""What job swaps answer to."""

from bot.features.gemba.handlers import rounds, sign_ups
from bot.features.gemba.handlers.feature import feature

__all__ = ["feature", "rounds", "sign_ups"]
