"""The feature that the modules beside this one register with."""

from bot.core.feature import Feature

feature = Feature("gemba")
