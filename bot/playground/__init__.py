"""A local workspace that speaks Slack's protocol, for platform tests and for the demo in a browser."""

from bot.playground.double import Double
from bot.playground.pace import Pace
from bot.playground.state import App

__all__ = ["App", "Double", "Pace"]
