"""Waves that were answered and sealed, for stories of what is published of them."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from bot.features.pulse.results import OVERDUE, PROMPT, PUBLISH
from storage.ballots import SealedAnswer, SealedComment
from storage.due import Due, set_due
from storage.people import Side
from storage.pulse import PulseAsked, PulseQuestion, PulseWave, QuestionKind, WaveKind, WaveState
from storage.tables import add

FIRST = datetime(2026, 11, 26, 17, tzinfo=UTC)  # a Thursday
TEN, SIX = [4, 4, 5, 5, 4, 3, 5, 4, 4, 3], [2, 3, 3, 2, 4, 1]  # answers
WORDS = {
    "L1": ("Lead quality", "The leads I got deserved my time", "The leads we passed deserved a seller's time"),
    "L2": ("Follow-up", "Leads I accepted got a proper attempt", "The leads we passed got a proper attempt"),
    "X1": ("Blame", "When results slip, fingers point at the other team"),
    "X3": ("Constructive conflict", "We argue openly about ideas and both sides gain"),
    "Q1": ("This pulse", "I believe answers here cannot be traced to me"),
    "Y1": ("Leaders avoid joint work", "Leaders avoid joint work"),
    "Y2": ("Hostile camps", "There are hostile camps"),
    "O1": ("One thing", "One thing to change next week"),
}


async def sealed(world, answers, *, number=1, asked=None, people=(), comments=(), kind="statements"):
    """A wave that closes now: answers by the statement's code and by side; `people` are those asked, by side."""
    closes_at = FIRST + timedelta(weeks=number - 1)
    counts = {side: max((len(of.get(side, ())) for of in answers.values()), default=0) for side in Side}
    asked = {side: max((asked or {}).get(side, 0), counts[side]) for side in Side}

    def work(session):
        wave = PulseWave(
            workspace_id=1, number=number, kind=WaveKind(kind), state=WaveState.CLOSED, week=closes_at.date(),
            opens_at=closes_at - timedelta(days=2), closes_at=closes_at, closed_at=closes_at,
            sales_asked=asked["sales"], sales_answered=counts["sales"],
            marketing_asked=asked["marketing"], marketing_answered=counts["marketing"],
        )  # fmt: skip
        add(session, wave)
        of_wave = {"workspace_id": 1, "wave_id": wave.id}
        for position, code in enumerate([*answers, *(["O1"] if comments else [])], 1):
            topic, sales, *marketing = WORDS[code]
            kinds = {"Y": QuestionKind.SYMPTOM, "O": QuestionKind.OPEN, "Q": QuestionKind.TRUST}
            question_kind = kinds.get(code[0], QuestionKind.STATEMENT)
            question = PulseQuestion(
                **of_wave, position=position, kind=question_kind, code=code, topic=topic, sales=sales,
                marketing=(marketing or [sales])[0], is_reverse=code == "X1", is_healthy=code == "X3",
            )  # fmt: skip
            add(session, question)
            for side, values in answers.get(code, {}).items():
                for value, n in Counter(values).items():
                    add(session, SealedAnswer(**of_wave, position=position, side=Side(side), value=value, n=n))
        for n, (side, text) in enumerate(comments):
            row = {"id": f"{number}.{n}", "position": len(answers) + 1, "side": Side(side), "text": text}
            add(session, SealedComment(**of_wave, **row))
        for side, members in dict(people).items():
            for member_id in members:
                add(session, PulseAsked(**of_wave, member_id=member_id, side=Side(side)))
        for what, at in ((PUBLISH, closes_at), (OVERDUE, closes_at + PROMPT)):
            set_due(session, Due(workspace_id=1, kind=what, subject_id=wave.id, step=1, at=at))
        return wave.id

    wave_id = await world.database.write(work)
    await world.time_passes(max(world.now, closes_at))
    await world.works()
    await world.deliver()
    return wave_id
