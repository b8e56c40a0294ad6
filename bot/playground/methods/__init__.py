"""The Web API methods, found by name."""

from bot.playground.methods import auth, chat, conversations, files, people, reactions, views
from bot.playground.methods.registry import METHODS, Method

__all__ = ["METHODS", "Method", "auth", "chat", "conversations", "files", "people", "reactions", "views"]
