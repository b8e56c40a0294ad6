"""What the pulse answers to."""

from bot.core.feature import Feature

feature = Feature("pulse")
