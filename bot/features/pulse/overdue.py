"""What fails: a close is tried until it succeeds; a result for a week, and then what it would be made of is forgotten.

Admins hear of it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.core.context import Context
from bot.core.ui import Message
from bot.features.pulse.results import OVERDUE, PROMPT, PUBLISH
from bot.features.pulse.views import admins as views
from bot.features.pulse.waves import CLOSE, UNCLOSED
from storage.ballots import forget_sealed
from storage.due import Due, is_pending, move_due, set_due
from storage.people import admins
from storage.pulse import PulseWave, WaveState, find_wave
from storage.pulse_results import find_result

AGAIN, TRIES = timedelta(days=1), 7


def see_to_close(ctx: Context, due: Due) -> None:
    """Have a wave closed whose close was given up: until then the answers lie about, and so does their key."""
    wave = find_wave(ctx.session, ctx.workspace.id, due.subject_id)
    if wave is None or wave.state != WaveState.OPEN:
        return
    if is_pending(ctx.session, ctx.workspace.id, CLOSE, wave.id):
        due.at = ctx.now + PROMPT
        return
    if due.step == 1:
        _tell(ctx, views.unclosed, wave)
    move_due(ctx.session, _due(wave, CLOSE, 0, ctx.now))
    set_due(ctx.session, _due(wave, UNCLOSED, due.step + 1, ctx.now + PROMPT))


def see_to(ctx: Context, due: Due) -> None:
    """Have it tried again; each time is a step. While it is being tried, or was not because Parley was down, wait."""
    wave = find_wave(ctx.session, ctx.workspace.id, due.subject_id)
    if wave is None or find_result(ctx.session, ctx.workspace.id, wave.id):
        return
    if is_pending(ctx.session, ctx.workspace.id, PUBLISH, wave.id):
        due.at = ctx.now + PROMPT
        return
    if due.step == 1:
        _tell(ctx, views.overdue, wave)
    if due.step > TRIES:
        forget_sealed(ctx.session, ctx.workspace.id, wave.id)
        _tell(ctx, views.given_up, wave)
        return
    move_due(ctx.session, _due(wave, PUBLISH, 1, ctx.now))
    set_due(ctx.session, _due(wave, OVERDUE, due.step + 1, ctx.now + AGAIN))


def _due(wave: PulseWave, kind: str, step: int, at: datetime) -> Due:
    return Due(workspace_id=wave.workspace_id, kind=kind, subject_id=wave.id, step=step, at=at)


def _tell(ctx: Context, view: Callable[[int], Message], wave: PulseWave) -> None:
    for admin in admins(ctx.session, ctx.workspace.id):
        ctx.post(admin, lambda: view(wave.number))
