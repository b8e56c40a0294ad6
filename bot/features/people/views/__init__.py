"""How people and channels look: pure functions from rows to messages and forms."""

from bot.features.people.views import channels, failures, profiles, setup

__all__ = ["channels", "failures", "profiles", "setup"]
