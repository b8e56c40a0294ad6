"""Publishing what a wave says: what is read for it, and what follows once it is computed."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.core.context import Context, UserError
from bot.core.language import _, fill
from bot.core.limits import clip
from bot.features.pulse import heads
from bot.features.pulse.counting import scored
from bot.features.pulse.views import admins as views
from bot.features.pulse.views.shown import Shown
from bot.rules.calendars import zone_of
from bot.rules.clocks import ended
from bot.rules.disclosure import RECENT
from bot.rules.published import Published, Record, shows_anything
from storage.ballots import forget_sealed, sealed_answers, sealed_comments
from storage.channels import Channel, Purpose, channels
from storage.clocks import courses_since
from storage.digest_facts import count_answered
from storage.due import Due, cancel_due, set_due
from storage.people import Side, admins
from storage.pulse import PulseWave, QuestionKind, WaveState, find_numbered, find_wave, questions_of
from storage.pulse_results import (
    PulseResult,
    changes_in_asked,
    find_result,
    newest_published,
    results_with_waves,
    sentences_after,
)
from storage.tables import add

PUBLISH = "pulse.publish"  # falls due when a wave is closed
OVERDUE = "pulse.overdue"  # falls due when its result should long be there
CARD = "pulse.result"  # the subject of what is posted then
SIDES = (Side.SALES, Side.MARKETING)
PERIOD = timedelta(days=28)  # of the record
PROMPT = timedelta(hours=2)  # in which a result is there, or has failed each time it was tried
CLOCKS_READ = 2000  # the newest
LOOKED_BACK = 60  # waves
LONGEST_NUMBER = 7  # digits of a number that no pulse has
MIDDLE = 3  # of the answers
_CLOCKS = {"L2": ("S2", "attempted"), "L4": ("M2", "decided")}  # which clock says what a statement asks
_DEEDS = {"L1": "accepted"}


def publish_soon(ctx: Context, wave: PulseWave) -> None:
    """Have the result of a closed wave computed and posted."""
    for kind, at in ((PUBLISH, ctx.now), (OVERDUE, ctx.now + PROMPT)):
        set_due(ctx.session, Due(workspace_id=ctx.workspace.id, kind=kind, subject_id=wave.id, step=1, at=at))


def question(ctx: Context, due: Due) -> dict[str, Any] | None:
    """All that the calculation is told; None if the wave is published already, or there is nothing to publish."""
    session, workspace_id = ctx.session, ctx.workspace.id
    wave = find_wave(session, workspace_id, due.subject_id)
    if wave is None or wave.state != WaveState.CLOSED or find_result(session, workspace_id, wave.id):
        return None
    answers, comments = defaultdict[tuple[int, str], list[int]](list), defaultdict[tuple[int, str], list[str]](list)
    for sealed in sealed_answers(session, workspace_id, wave.id):
        answers[sealed.position, sealed.side] += [sealed.value] * sealed.n
    for comment in sealed_comments(session, workspace_id, wave.id):
        comments[comment.position, comment.side].append(comment.text)
    asked = scored(questions_of(session, workspace_id, wave.id))
    return {
        "on": wave.closes_at.astimezone(zone_of(ctx.workspace.timezone)).date().isoformat(),
        "kind": wave.kind,
        "threshold": wave.threshold,
        "comment_threshold": wave.comment_threshold,
        "asked": {side: wave.asked(side) for side in SIDES},
        "answered": {side: wave.answered(side) for side in SIDES},
        "statements": [
            {
                "position": each.position,
                "key": each.code,
                "reversed": each.is_reverse,
                "healthy": each.is_healthy,
                "answers": {side: answers[each.position, side] for side in SIDES},
            }
            for each in asked
        ],
        "comments": [
            {"position": position, "side": side, "texts": texts} for (position, side), texts in comments.items()
        ],
        "earlier": [
            {
                "published": json.loads(result.body),
                "changes": _changes(session, workspace_id, before, wave),
            }
            for before, result in results_with_waves(session, workspace_id, LOOKED_BACK)
        ],
        "records": records(session, workspace_id, [each.code for each in asked], wave.closes_at),
    }


def _changes(session: Session, workspace_id: int, before: PulseWave, wave: PulseWave) -> dict[Side, dict[str, int]]:
    """In who was asked; of waves so long ago that it does not matter, none."""
    if wave.closes_at - before.closes_at > timedelta(days=RECENT + 1):
        return {}
    changes = changes_in_asked(session, workspace_id, before, wave)
    return {side: change._asdict() for side, change in changes.items()}


def publish(ctx: Context, due: Due, published: Published) -> None:
    """Keep and post what was computed, and ask the heads what they will do."""
    if find_result(ctx.session, ctx.workspace.id, due.subject_id):
        return
    result = PulseResult(
        wave_id=due.subject_id,
        workspace_id=ctx.workspace.id,
        published_at=ctx.now,
        body=json.dumps(published),
    )
    add(ctx.session, result)
    forget_sealed(ctx.session, ctx.workspace.id, due.subject_id)
    cancel_due(ctx.session, ctx.workspace.id, OVERDUE, due.subject_id)
    if shows_anything(published):
        heads.ask(ctx, due.subject_id)
    _tell_of_distrust(ctx, due.subject_id, published)
    for channel in places(channels(ctx.session, ctx.workspace.id)):
        ctx.post(channel, subject=(CARD, due.subject_id))


def _tell_of_distrust(ctx: Context, wave_id: int, published: Published) -> None:
    """Where a side does not believe that answers cannot be traced, admins hear of it: nothing else counts then."""
    asked = questions_of(ctx.session, ctx.workspace.id, wave_id)
    trust = {each.position for each in asked if each.kind == QuestionKind.TRUST}
    sides = [shown for each in published["statements"] if each["position"] in trust for shown in each["sides"].values()]
    if any(shown.get("mean", shown.get("alike", MIDDLE)) < MIDDLE for shown in sides):
        for admin in admins(ctx.session, ctx.workspace.id):
            ctx.post(admin, views.distrust)


def places(known: Iterable[Channel]) -> list[Channel]:
    """Where results are posted: where either side talks, and nobody of another organisation reads along."""
    talking = (Purpose.SALES, Purpose.MARKETING, Purpose.SHARED)
    return [channel for channel in known if channel.purpose in talking and channel.is_open and not channel.is_shared]


def records(session: Session, workspace_id: int, keys: Sequence[str], until: datetime) -> list[Record]:
    """What happened in four weeks, of what these statements ask about."""
    found = []
    if any(key in _CLOCKS for key in keys):
        courses = courses_since(session, workspace_id, until - PERIOD, CLOCKS_READ)
        for key in keys:
            kind, what = _CLOCKS.get(key, ("", ""))
            counts = Counter(ended(course, until) for course in courses if course.clock.kind == kind)
            found.append(Record(key=key, what=what, part=counts["within"], n=counts["within"] + counts["late"]))
    if any(key in _DEEDS for key in keys):
        accepted, rejected = count_answered(session, workspace_id, until - PERIOD, until)
        n = accepted + rejected
        found += [Record(key=key, what=_DEEDS[key], part=accepted, n=n) for key in keys if key in _DEEDS]
    return [record for record in found if record["n"]]


def awaits_sentence(session: Session, workspace_id: int, wave: PulseWave) -> bool:
    """Whether heads were asked what they will do, and none has said it."""
    result = find_result(session, workspace_id, wave.id)
    return wave.sentence_at is None and result is not None and shows_anything(json.loads(result.body))


def asked_for(ctx: Context, word: str) -> Shown:
    """The result of the wave of this number, else the newest."""
    newest = newest_published(ctx.session, ctx.workspace.id)
    if newest is None:
        raise UserError(_("No pulse has been published yet."))
    number = int(word) if word.isdecimal() and len(word) < LONGEST_NUMBER else 0
    wave = find_numbered(ctx.session, ctx.workspace.id, number) if word else newest
    if wave is None or (found := shown(ctx.session, ctx.workspace.id, wave.id)) is None:
        said = clip(word, 50)
        raise UserError(fill(_("There is no result “{word}”. The newest is {n}."), word=said, n=newest.number))
    return found


def shown(session: Session, workspace_id: int, wave_id: int) -> Shown | None:
    """A result with all that is shown with it; None if it is not published yet."""
    result, wave = find_result(session, workspace_id, wave_id), find_wave(session, workspace_id, wave_id)
    if result is None or wave is None:
        return None
    return Shown(
        number=wave.number,
        published=json.loads(result.body),
        questions={each.position: each for each in questions_of(session, workspace_id, wave_id)},
        sentences=sentences_after(session, workspace_id, wave_id),
    )
