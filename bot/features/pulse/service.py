"""The rules of answering: who may, what an answer replaces, and what is told of it. Nothing else is remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from bot.core.context import Context, UserError
from bot.core.language import _
from bot.features.pulse.counting import COMMENT, ballot_id, scored, sealed_number, unsealed_number
from bot.rules.naming import without_names
from storage.ballots import (
    Ballot,
    Cast,
    StagedComment,
    answers,
    staged_comment,
    take_back,
    while_casting,
    while_open,
)
from storage.people import Side
from storage.pulse import PulseQuestion, PulseWave, QuestionKind, WaveState, find_wave, questions_of, side_asked
from storage.tables import put

SYMPTOM_VALUES = 3  # no, sometimes, yes
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Told(Enum):
    """What somebody is told who has answered; mostly nothing, to keep the channel quiet."""

    NOTHING = auto()
    ALL = auto()  # that was the last answer that was missing
    CHANGED = auto()


class OtherSide(Exception):
    """Somebody answers in the words of the side they are not asked with."""

    def __init__(self, side: Side) -> None:
        super().__init__(side)
        self.side = side


@dataclass(frozen=True)
class Part:
    """What somebody needs to answer: an open wave, their side in it, its questions and the key."""

    wave: PulseWave
    side: Side
    questions: Sequence[PulseQuestion]
    key: bytes


def part_of(ctx: Context, wave_id: int) -> Part:
    """The actor's part in a wave; UserError where they have none."""
    wave = find_wave(ctx.session, ctx.workspace.id, wave_id)
    if wave is None or wave.state != WaveState.OPEN or ctx.now >= wave.closes_at:
        raise UserError(_("This pulse is closed. The next one comes by itself."))
    side = side_asked(ctx.session, ctx.workspace.id, wave.id, ctx.member.id)
    if side is None:
        raise UserError(_("Asked are those who were in sales or marketing, and not away, when this pulse opened."))
    key = ctx.keys.read(wave.key_name or "")
    if key is None:
        raise UserError(_("This pulse can take no answers now. What you said before stays. An admin has been told."))
    return Part(wave, side, questions_of(ctx.session, ctx.workspace.id, wave.id), key)


def answer(
    ctx: Context, wave_id: int, given: Mapping[int, int], words: str | None = None, side: Side | None = None
) -> Told:
    """Take answers by their position, in the place of earlier ones; and words, where they are not None. A tap that is
    older than the answer that stands was delivered late, or again: it changes nothing.

    `side` is the one for which the questions were worded that are answered; raises OtherSide where it is not theirs.
    """
    while_open(ctx.session, ctx.workspace.id, wave_id)
    part = part_of(ctx, wave_id)
    if side not in (None, part.side):
        raise OtherSide(part.side)
    asked = {each.position: each for each in scored(part.questions)}
    if not given.keys() <= asked.keys():
        raise UserError(_("This pulse does not ask that."))
    if any(asked[at].kind == QuestionKind.SYMPTOM and value > SYMPTOM_VALUES for at, value in given.items()):
        raise UserError(_("This pulse does not ask that."))
    while_casting(ctx.session, ctx.workspace.id, [ballot_id(part.key, ctx.member.id, at) for at in given])
    before = _cast(ctx, part)
    has_changed = [_answer(ctx, part, at, value, before.get(at)) for at, value in given.items()]
    if words is not None:
        _say(ctx, part, words)
    if any(has_changed):
        return Told.CHANGED
    was_incomplete = before.keys() < asked.keys()
    return Told.ALL if was_incomplete and {*before, *given} == set(asked) else Told.NOTHING


def earlier(ctx: Context, part: Part) -> dict[int, int]:
    """What the actor has answered so far, by position."""
    return {position: cast.value for position, cast in _cast(ctx, part).items()}


def words_of(ctx: Context, part: Part) -> str:
    """What the actor has said so far in words."""
    comment_id = ballot_id(part.key, ctx.member.id, COMMENT)
    return staged_comment(ctx.session, ctx.workspace.id, part.wave.id, comment_id) or ""


def open_question(part: Part) -> PulseQuestion | None:
    return next((each for each in part.questions if each.kind == QuestionKind.OPEN), None)


def _cast(ctx: Context, part: Part) -> dict[int, Cast]:
    ids = {ballot_id(part.key, ctx.member.id, each.position): each.position for each in scored(part.questions)}
    found = answers(ctx.session, ctx.workspace.id, part.wave.id, list(ids))
    return {ids[each]: cast for each, cast in found.items()}


def _answer(ctx: Context, part: Part, position: int, value: int, stands: Cast | None) -> bool:
    """Whether another answer stood there. What has no time of the platform's comes after what it replaces."""
    last = unsealed_number(part.key, stands.turn) if stands else 0
    turn = last + 1 if ctx.acted_at is None else (ctx.acted_at - _EPOCH) // _MICROSECOND
    if turn < last:
        return False
    ballot = Ballot(
        wave_id=part.wave.id,
        id=ballot_id(part.key, ctx.member.id, position),
        workspace_id=ctx.workspace.id,
        position=position,
        side=part.side,
        value=value,
        turn=sealed_number(part.key, turn),
    )
    put(ctx.session, ballot)
    return stands is not None and stands.value != value


def _say(ctx: Context, part: Part, words: str) -> None:
    comment_id = ballot_id(part.key, ctx.member.id, COMMENT)
    text, question = without_names(words), open_question(part)
    if not text:
        take_back(ctx.session, ctx.workspace.id, part.wave.id, [comment_id])
        return
    comment = StagedComment(
        wave_id=part.wave.id,
        id=comment_id,
        workspace_id=ctx.workspace.id,
        position=question.position if question else COMMENT,
        side=part.side,
        text=text,
    )
    put(ctx.session, comment)
