"""Answering a reaction: nobody waits, so a refusal is told in private."""

from bot.core.context import Context, UserError
from bot.core.feature import Reacted
from bot.core.limits import clip
from bot.core.registry import Registry
from bot.core.ui import Line, Message


def react(registry: Registry, ctx: Context, reacted: Reacted) -> None:
    """Let a feature answer a reaction; a refusal is told to the member in private, and leaves nothing else."""
    try:
        with ctx.session.begin_nested():
            registry.react(ctx, reacted)
    except UserError as error:
        text = str(error)
        refused = (f"{reacted.subject}.refused", reacted.subject_id)
        ctx.post(ctx.member, lambda: sentences(text), subject=refused)


def sentences(text: str) -> Message:
    """A text of any length as a message."""
    if len(text) <= 140:
        return Message(text)
    return Message(clip(text, 140), Line(clip(text, 2800)))
