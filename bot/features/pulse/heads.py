"""What the heads of both sides say they will do about a result: asked in private, shown to both sides."""

from bot.core.context import Context, UserError
from bot.core.language import _
from storage.people import Side
from storage.people import heads as heads_of
from storage.pulse import PulseWave
from storage.pulse_results import PulseSentence, find_sentence, last_results
from storage.tables import add, lock

ASKED = "pulse.heads"  # the subject of the question to them


def ask(ctx: Context, wave_id: int) -> None:
    for side in (Side.SALES, Side.MARKETING):
        for head in heads_of(ctx.session, ctx.workspace.id, side):
            ctx.post(head, subject=(ASKED, wave_id))


def check_may_say(ctx: Context, wave_id: int) -> Side:
    """The side that the member speaks for; UserError where they do not, or the result is not the newest any more."""
    side = ctx.member.side
    if not ctx.member.is_head or side not in (Side.SALES, Side.MARKETING):
        raise UserError(_("The heads of sales and marketing say what they will do. An admin names them: /parley setup"))
    newest = last_results(ctx.session, ctx.workspace.id, 1)
    if not newest or newest[0].wave_id != wave_id:
        raise UserError(_("There is a newer result; please answer to that one."))
    return side


def say(ctx: Context, wave_id: int, text: str) -> None:
    """Keep what a head will do, instead of what they said before."""
    wave = lock(ctx.session, PulseWave, ctx.workspace.id, wave_id)
    side, text = check_may_say(ctx, wave_id), ctx.readable(text)
    said = find_sentence(ctx.session, ctx.workspace.id, wave_id, ctx.member.id)
    if said:
        said.side, said.text, said.said_at = side, text, ctx.now
    else:
        said = PulseSentence(
            workspace_id=ctx.workspace.id,
            wave_id=wave_id,
            member_id=ctx.member.id,
            side=side,
            text=text,
            said_at=ctx.now,
        )
        add(ctx.session, said)
    if wave and wave.sentence_at is None:
        wave.sentence_at = ctx.now
