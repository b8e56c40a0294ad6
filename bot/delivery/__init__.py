"""Delivery: claims outbox rows, draws and sends them, records what happened; finds out where it does not know."""

from bot.delivery.worker import Delivery

__all__ = ["Delivery"]
