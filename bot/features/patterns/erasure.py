"""Erasing what was heard: a message by an erased person, or one that names who is erased, is forgotten."""

from bot.core.context import Context
from bot.core.erasing import Erased
from storage.patterns import HeardText, forget_heard


def from_heard(ctx: Context, erased: Erased, heard: HeardText) -> bool:
    is_theirs = heard.author_id is not None and heard.author_id == erased.member_id
    if is_theirs or erased.is_named_in(heard.text):
        forget_heard(ctx.session, ctx.workspace.id, heard.channel_id, heard.ts)
        return True
    return False
