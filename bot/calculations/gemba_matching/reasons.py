"""Why two were matched, and why somebody was left out, as codes."""

from collections import Counter
from collections.abc import Iterator

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
        reasons.append({"code": "same_place", "place": seller["place"]})
    else:
        reasons.append({"code": "remote"})
    if half_days == 1:
        reasons.append({"code": "only_half_day"})
    return reasons


def why_left_out(pairs: Pairs, row: int) -> Reason:
    """The rule after which nobody was left. Who is kept from them for reasons that must not be told is passed over in
    silence: it is told of the others why it could not be them."""
    if not pairs.ours[row]["capacity"]:
        return {"code": "no_capacity"}
    left = np.array([is_to_swap(person) for person in pairs.theirs], dtype=np.bool_)
    if not left.any():
        return {"code": "nobody_there"}
    left &= ~pairs.are_apart[row] & ~pairs.have_tried[row]
    if not left.any():
        return {"code": "not_possible"}
    rules: tuple[tuple[Reason, Yes], ...] = (
        ({"code": "no_shared_language"}, pairs.speak[row]),
        ({"code": "no_shared_place"}, pairs.both_may_visit[row]),
        ({"code": "no_shared_format"}, pairs.share_format[row]),
        ({"code": "no_shared_time"}, pairs.format[row] != NO_FORMAT),
        ({"code": "met_lately", "rounds": pairs.no_repeat}, ~pairs.met_lately[row]),
    )
    for reason, holds in rules:
        left &= holds
        if not left.any():
            return reason
    count = Counter(person["side"] for person in (*pairs.ours, *pairs.theirs) if is_to_swap(person))
    if count[pairs.ours[row]["side"]] <= count[pairs.theirs[0]["side"]]:
        return {"code": "taken"}
    return {"code": "uneven", "sales": count["sales"], "marketing": count["marketing"]}


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
