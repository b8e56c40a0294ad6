"""`export`: what was published of pulses, and job swaps: as CSV that is safe in a spreadsheet, or as JSON."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from bot.core.context import UserError
from bot.report import in_form, look_at
from bot.rules.published import AGREE, SYMPTOM, Published
from storage.gemba import Wish, count_sign_ups, rounds
from storage.gemba_ideas import count_votes_for, ideas
from storage.gemba_swaps import SwapState, count_swaps, legs_done
from storage.people import Side, members
from storage.pulse_results import results_with_waves

FORMATS = ("csv", "json")
Rows = Sequence[dict[str, Any]]


async def exported(database_url: str, what: str, form: str, workspace: str) -> str:
    """Raises UserError where there is no workspace, or nothing of this name."""
    if what not in EXPORTS or form not in FORMATS:
        raise UserError(f"I can export {', '.join(EXPORTS)}; as {' or '.join(FORMATS)}.")
    found = await look_at(database_url, workspace, EXPORTS[what])
    return in_form(found, form) if found else ("[]" if form == "json" else "")


def _pulse(session: Session, workspace_id: int) -> Rows:
    """All figures that were published: a row for each pulse, statement and side; no words."""
    found = results_with_waves(session, workspace_id, None)
    return [row for wave, result in found for row in _pulse_figures(wave.number, json.loads(result.body))]


def _pulse_figures(number: int, published: Published) -> Iterator[dict[str, Any]]:
    highest = AGREE if published["kind"] == "statements" else SYMPTOM
    for statement in published["statements"]:
        gap: Mapping[str, Any] = statement["gap"] or {}
        for side, shown in statement["sides"].items():
            counts = shown.get("counts", [])
            yield {
                "pulse": number,
                "on": published["on"],
                "kind": published["kind"],
                "statement": statement["key"],
                "side": side,
                "asked": published["turnout"][side]["asked"],
                **{name: shown.get(name) for name in ("hidden", "n", "alike", "mean", "score", "top_share", "change")},
                **{
                    f"gave_{value}": counts[value - 1] if value <= highest and counts else None
                    for value in range(1, AGREE + 1)
                },
                **{
                    f"gap_{name}": gap.get(name)
                    for name in ("value", "low", "high", "p", "could_be_chance", "g", "flag")
                },
            }


def _ledger(session: Session, workspace_id: int) -> Rows:
    """By round and function; of visits that took place. Nobody is named."""
    sums = defaultdict[tuple[int, str], dict[str, float]](lambda: defaultdict(float))
    for leg, number, visitor_side, host_side in legs_done(session, workspace_id):
        hours = (leg.ends_at - leg.begins_at).total_seconds() / 3600
        given, received = sums[number, host_side or Side.OTHER], sums[number, visitor_side or Side.OTHER]
        given["hours_given"] += hours
        given["visits_hosted"] += 1
        received["hours_received"] += hours
        received["visits_made"] += 1
    return [
        {
            "round": number,
            "function": str(side),
            "hours_given": round(found["hours_given"], 2),
            "hours_received": round(found["hours_received"], 2),
            "visits_hosted": int(found["visits_hosted"]),
            "visits_made": int(found["visits_made"]),
        }
        for (number, side), found in sorted(sums.items())
    ]


def _rounds(session: Session, workspace_id: int) -> Rows:
    exported = []
    for gemba in reversed(rounds(session, workspace_id)):
        signed_up = count_sign_ups(session, workspace_id, gemba.id, Wish.SIGNED_UP)
        swaps = count_swaps(session, workspace_id, gemba.id)
        exported.append(
            {
                "round": gemba.number,
                "begun_on": gemba.begun_at.date().isoformat(),
                "first_on": gemba.first_on.isoformat(),
                "last_on": gemba.last_on.isoformat(),
                "signed_up_sales": signed_up.get(Side.SALES, 0),
                "signed_up_marketing": signed_up.get(Side.MARKETING, 0),
                **{f"swaps_{state}": swaps.get(state, 0) for state in SwapState},
            }
        )
    return exported


def _ideas(session: Session, workspace_id: int) -> Rows:
    found = ideas(session, workspace_id)
    votes = count_votes_for(session, workspace_id)
    people = members(session, workspace_id, {each for idea in found for each in (idea.author_id, idea.owner_id)})
    return [
        {
            "idea": idea.id,
            "title": idea.title,
            "fate": str(idea.fate),
            "proposed_on": idea.proposed_at.date().isoformat(),
            "due_on": idea.due_on.isoformat(),
            "author": people[idea.author_id].name,
            "owner": people[idea.owner_id].name,
            "votes": votes.get(idea.id, 0),
            "background": idea.background,
            "current": idea.current,
            "why": idea.why,
            "countermeasure": idea.countermeasure,
            "measure": idea.measure,
            "before": idea.before,
            "after": idea.after,
            "dropped_because": idea.dropped_because,
        }
        for idea in reversed(found)
    ]


EXPORTS: dict[str, Callable[[Session, int], Rows]] = {
    "pulse": _pulse,
    "gemba": _ledger,
    "gemba-rounds": _rounds,
    "gemba-ideas": _ideas,
}
