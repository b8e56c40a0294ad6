"""Why two were matched, and why somebody was left out, as codes."""

from collections.abc import Iterator, Sequence

import numpy as np

from bot.calculations.gemba_matching.pairs import NO_FORMAT, Pairs, Yes, is_to_swap
from bot.rules.swaps import Participant, Reason

A_CONTRAST = 2  # levels of seniority that are worth a word


def of_match(seller: Participant, marketer: Participant, half_days: int) -> list[Reason]:
    """For each of the two what they get, then what the visits are like."""
    reasons = [*_for(seller, marketer), *_for(marketer, seller)]
    levels = abs(seller["seniority"] - marketer["seniority"])
    if levels >= A_CONTRAST:
        reasons.append({"code": "contrast", "levels": levels})
    if seller["place"] and seller["place"] == marketer["place"]:
        reasons.append({"code": "same_place"})
    else:
        reasons.append({"code": "remote"})
    if half_days == 1:
        reasons.append({"code": "only_half_day"})
    return reasons


def why_left_out(pairs: Pairs, rows: Sequence[int]) -> Iterator[Reason]:
    """For each of the rows the rule after which nobody was left.

    Who is kept from them for reasons that must not be told is passed over in silence: it is told of the others why it
    could not be them.
    """
    they_swap = np.array([is_to_swap(person) for person in pairs.theirs], dtype=np.bool_)
    we, they = sum(map(is_to_swap, pairs.ours)), int(they_swap.sum())
    uneven: Reason = {"code": "uneven", "sales": we, "marketing": they}
    if rows and pairs.ours[0]["side"] == "marketing":
        uneven["sales"], uneven["marketing"] = they, we
    rules: tuple[tuple[Reason, Yes], ...] = (
        ({"code": "not_possible"}, ~pairs.are_apart & ~pairs.have_tried),
        ({"code": "no_shared_language"}, pairs.speak),
        ({"code": "no_shared_place"}, pairs.both_may_visit),
        ({"code": "no_shared_format"}, pairs.share_format),
        ({"code": "no_shared_time"}, pairs.format != NO_FORMAT),
        ({"code": "met_lately", "rounds": pairs.no_repeat}, ~pairs.met_lately),
    )
    for row in rows:
        if not pairs.ours[row]["capacity"]:
            yield {"code": "no_capacity"}
        elif not they:
            yield {"code": "nobody_there"}
        else:
            taken: Reason = uneven if we > they else {"code": "taken"}
            left = they_swap.copy()
            yield next((reason for reason, hold in rules if not _narrowed(left, hold[row])), taken)


def _narrowed(left: Yes, hold: Yes) -> bool:
    """Keeps those for whom it holds, too; whether anybody is left."""
    left &= hold
    return bool(left.any())


def _for(visitor: Participant, host: Participant) -> Iterator[Reason]:
    if host["role"] in visitor["wished_roles"]:
        yield {"code": "wished_role", "who": visitor["id"], "role": host["role"]}
    for theme in visitor["wished_themes"]:
        if theme in host["offered_themes"]:
            yield {"code": "wished_theme", "who": visitor["id"], "theme": theme}
    if visitor["waited"]:
        yield {"code": "waited", "who": visitor["id"], "rounds": visitor["waited"]}
    elif visitor["is_first_timer"]:
        yield {"code": "first_time", "who": visitor["id"]}
