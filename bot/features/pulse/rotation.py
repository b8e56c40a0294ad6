"""Which questions a week has: pure, from the bank and what was asked before.

An anchor, L1 and L2 in turn; a statement of the topic that was asked least recently; and in turn nothing, an open
question, or whether something has changed because of the pulse. Every eighth wave asks instead whether people believe
that they cannot be traced, and every thirteenth week has the symptom check. Where weeks were skipped so often that some
topic would not return within 26 weeks, it takes the third place.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.features.pulse.statements import ACTION_TAKEN, ANCHORS, OPEN_QUESTIONS, SYMPTOMS, TRUST, Statement

RETURNS_WITHIN = 26  # weeks
TRUST_EVERY = 8  # waves of statements
SYMPTOMS_EVERY = 13  # weeks
_PACE_OF = 6  # waves, by which it is told how often weeks are skipped
_WEEK = timedelta(weeks=1)
_SAFELY = (RETURNS_WITHIN - 2) * _WEEK  # a symptom check and one skipped week may come in between
_LONG_AGO = date(1970, 1, 5)


@dataclass(frozen=True)
class Issue:
    """What a week asked, or asks: codes in their order."""

    week: date  # its Monday
    codes: tuple[str, ...]

    @property
    def has_symptoms(self) -> bool:
        return self.codes[:1] == (SYMPTOMS[0].code,)


def choose(bank: Sequence[Statement], history: Sequence[Issue], week: date) -> Issue:
    """The questions of a week; `history` has the weeks that asked, the oldest first."""
    checks = [issue.week for issue in history if issue.has_symptoms]
    since = checks[-1] if checks else history[0].week - _WEEK if history else week
    if week - since >= SYMPTOMS_EVERY * _WEEK:
        return Issue(week, tuple(each.code for each in SYMPTOMS))
    return Issue(week, tuple(each.code for each in _statements(bank, history, week)))


def coming(bank: Sequence[Statement], history: Sequence[Issue], weeks: Sequence[date]) -> list[Issue]:
    """What these weeks will ask, if none is skipped."""
    known = list(history)
    for week in weeks:
        known.append(choose(bank, known, week))
    return known[len(history) :]


def _statements(bank: Sequence[Statement], history: Sequence[Issue], week: date) -> Iterator[Statement]:
    last = {code: issue.week for issue in history for code in issue.codes}
    asked = [issue.codes for issue in history if not issue.has_symptoms]
    yield min((each for each in bank if each.code in ANCHORS), key=lambda each: last.get(each.code, _LONG_AGO))
    queue = _queue(bank, last, history[0].week if history else week)
    second = next((each for each, _since in queue if each.code != ACTION_TAKEN), None)
    if second:
        yield second
    others = [(each, since) for each, since in queue if each is not second]
    if len(asked) >= TRUST_EVERY - 1 and all(TRUST.code not in codes for codes in asked[1 - TRUST_EVERY :]):
        yield TRUST
    elif _is_pressed([since for _each, since in others], history, week):
        yield next(each for each, _since in others if not (second and second.is_reverse and each.is_reverse))
    elif len(asked) % 3 == 1:
        yield min(OPEN_QUESTIONS, key=lambda each: last.get(each.code, _LONG_AGO))
    elif len(asked) % 3 == 2:
        yield from (each for each in bank if each.code == ACTION_TAKEN)


def _queue(bank: Sequence[Statement], last: Mapping[str, date], begun: date) -> list[tuple[Statement, date]]:
    """Of every topic but the anchors' the statement asked least recently, with the week since when the topic waits; the
    topic asked least recently first."""
    topics: dict[str, list[Statement]] = {}
    for each in bank:
        if each.code not in ANCHORS:
            topics.setdefault(each.topic, []).append(each)

    def when(each: Statement) -> date:
        return last.get(each.code, _LONG_AGO)

    ordered = sorted(topics.values(), key=lambda of_topic: max(map(when, of_topic)))
    return [(min(of_topic, key=when), max(begun, *map(when, of_topic))) for of_topic in ordered]


def _is_pressed(waiting: Sequence[date], history: Sequence[Issue], week: date) -> bool:
    """Whether some topic would return too late if each of the weeks to come asked for one only."""
    recent = history[-_PACE_OF:]
    pace = max((week - recent[0].week) / len(recent), _WEEK) if recent else _WEEK
    return any(week + place * pace - since > _SAFELY for place, since in enumerate(waiting, 1))
