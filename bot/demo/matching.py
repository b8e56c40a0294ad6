"""The matching of the two people who signed up for the sample company's first job swap: there is nobody to choose from.

The real one is worked out by a child process, which takes a second to load what it needs.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.rules.swaps import MINUTES, Format, Matching, Question, Slot, Visit

FORMAT: Format = "half_day"


def the_only_swap(question: Question) -> Matching:
    """On the mornings of their first two free days, in turn."""
    seller, marketer = sorted(question["people"], key=lambda person: person["side"], reverse=True)
    mornings = [slot for slot in seller["free"] if slot in marketer["free"]][::2]
    ways = (seller["id"], marketer["id"]), (marketer["id"], seller["id"])
    return {
        "version": question["version"],
        "seed": question["seed"],
        "cost": 0,
        "matches": [
            {
                "sales": seller["id"],
                "marketing": marketer["id"],
                "format": FORMAT,
                "legs": [_visit(*way, slot) for way, slot in zip(ways, mornings, strict=False)],
                "reasons": [{"code": "first_time", "who": each["id"]} for each in (seller, marketer)],
            }
        ],
        "left_out": [],
    }


def _visit(visitor: int, host: int, slot: Slot) -> Visit:
    ends = datetime.fromisoformat(slot["begins"]) + timedelta(minutes=MINUTES[FORMAT])
    return {"visitor": visitor, "host": host, "begins": slot["begins"], "ends": ends.isoformat()}
