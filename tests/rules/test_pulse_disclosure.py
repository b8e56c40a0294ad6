"""What is published of a wave never tells what is hidden: a search over all data that would look the same."""

from collections import defaultdict
from itertools import combinations_with_replacement, product

import pytest

from bot.calculations.pulse_results import publish
from bot.rules.disclosure import is_changed, show_side
from bot.rules.naming import shuffled, without_names
from bot.rules.published import AGREE

ANSWERS = range(1, 6)
MARKETING = [2, 3, 3, 4, 4, 5]
NOBODY_NEW = {side: {"added": 0, "removed": 0} for side in ("sales", "marketing")}


def asked(sales, marketing=MARKETING, on="2026-11-26", earlier=(), changes=None, comments=(), **wave):
    """A question to the calculation, of one statement; of those asked all answered unless said otherwise."""
    counts = {"sales": len(sales), "marketing": len(marketing)}
    flags = {name: wave.pop(name, False) for name in ("reversed", "healthy")}
    statement = {"position": 1, "key": "L1", "answers": {"sales": sales, "marketing": marketing}, **flags}
    before = [{"published": each, "changes": changes or NOBODY_NEW} for each in earlier]
    return {
        "on": on, "kind": "statements", "threshold": 5, "comment_threshold": 8, "asked": counts, "answered": counts,
        "statements": [statement], "comments": list(comments), "earlier": before, "records": [], **wave,
    }  # fmt: skip


def came(added=0, removed=0, side="sales"):
    return NOBODY_NEW | {side: {"added": added, "removed": removed}}


def shown(published):
    """All that anybody sees, in a form that can be compared."""
    return repr(published)


def multisets(n, answers=ANSWERS):
    return [list(each) for each in combinations_with_replacement(answers, n)]


def alike(publications):
    """Data sets by what is published of them."""
    found = defaultdict(list)
    for data, published in publications:
        found[shown(published)].append(data)
    return found.values()


# A search over all data sets


@pytest.mark.parametrize("n", [0, 1, 3, 4])
def test_nothing_that_is_shown_depends_on_a_hidden_side(n):
    classes = alike((sales, publish(asked(sales))) for sales in multisets(n))
    assert [len(data) for data in classes] == [len(multisets(n))]
    published = publish(asked([3] * n))
    [statement] = published["statements"]
    assert statement["sides"]["sales"] == {"hidden": "few"}
    assert statement["sides"]["marketing"]["n"] == 6
    assert statement["both"] is None, "a total would be the difference"
    assert statement["gap"] is None


def test_a_hidden_side_is_not_in_what_is_shown_of_later_weeks():
    """Neither in changes, nor in trends, nor in four weeks taken together."""
    later = [4, 4, 5, 2, 3, 4, 4, 5, 1, 2]
    classes = alike(
        (sales, publish(asked(later, later, on="2026-12-10", earlier=[publish(asked(sales, later))])))
        for sales in multisets(4)
    )
    assert [len(data) for data in classes] == [len(multisets(4))]


@pytest.mark.parametrize("n", [5, 6, 7, 9, 10, 12])
def test_nobody_can_tell_what_everybody_answered(n):
    """Where all answered alike, what is published also fits one who did not: everybody could be that one."""
    classes = alike((sales, publish(asked(sales))) for sales in multisets(n))
    unanimous = [data for data in classes if any(len(set(each)) == 1 for each in data)]
    assert len(unanimous) == len(ANSWERS)
    for data in unanimous:
        assert {len(set(each)) for each in data} == {1, 2}
        assert set().union(*data) == set(ANSWERS), "the one may have given any answer"


def test_a_unanimous_side_hides_in_the_gap_too():
    """An interval would tell of its spread, and the other side's distribution is known."""
    for sales in ([5] * 20, [5] * 19 + [1]):
        [statement] = publish(asked(sales, [1, 2, 3, 4, 5] * 4))["statements"]
        assert statement["sides"]["sales"] == {"n": 20, "alike": 5}
        assert statement["gap"] is None
        assert statement["both"] is None


def answered(opinions, people):
    return sorted(opinions[person] for person in people)


@pytest.mark.parametrize(("added", "removed"), [(1, 0), (2, 0), (0, 1), (0, 2), (1, 1), (2, 1)])
def test_who_came_or_went_is_not_told_by_two_weeks(added, removed):
    """The worst case: everybody is asked twice, all answer, nobody changes their mind, and that is known."""
    first, second = set(range(6 + removed)), set(range(removed, 6 + removed + added))
    stayed, changed = sorted(first & second), sorted(first ^ second)
    said = defaultdict(set)  # in the second week, for all that the first may have said
    for kept in multisets(len(stayed), (1, 3, 5)):
        for different in product((1, 3, 5), repeat=len(changed)):
            opinions = dict(zip([*stayed, *changed], [*kept, *different], strict=True))
            week = publish(asked(answered(opinions, first)))
            next_week = publish(
                asked(answered(opinions, second), on="2026-12-10", earlier=[week], changes=came(added, removed))
            )
            said[shown(week)].add(shown(next_week))
    assert {len(next_weeks) for next_weeks in said.values()} == {1}, "it says nothing that the first had not said"
    assert next_week["statements"][0]["sides"]["sales"] == {"hidden": "changed"}
    assert next_week["statements"][0]["sides"]["marketing"]["change"] == 0
    assert (next_week["statements"][0]["gap"], next_week["statements"][0]["both"]) == (None, None)


SALES, REST = "abcdef", "uvwxyz"
SCHEDULES = {  # who is asked, week after week, as sales and as marketing; what eight of them say is looked for
    "somebody comes and another one": [(SALES, REST), (SALES + "g", REST), (SALES + "gh", REST)],
    "somebody is away for a week": [(SALES, REST), (SALES[1:], REST), (SALES, REST)],
    "two are away for a week": [(SALES + "g", REST), (SALES[2:] + "g", REST), (SALES + "g", REST)],
    "two come at once": [(SALES, REST), (SALES + "gh", REST)],
    "somebody is away at first": [(SALES[1:], REST), (SALES, REST), (SALES[1:], REST), (SALES, REST)],
    "one goes, then another for her": [(SALES, REST), (SALES[1:], REST), (SALES[1:] + "g", REST)],
    "two swap, and swap back": [(SALES, REST), ("cdefgh", REST), (SALES, REST)],
    "one changes sides": [(SALES, REST), (SALES[1:], REST + "a"), (SALES, REST)],
    "somebody comes for another who changes sides": [(SALES, REST), (SALES[1:] + "g", REST + "a"), (SALES + "g", REST)],
}


def weeks_of(schedule, opinions, is_noticed=True):
    """What is published week by week of people who all answer, and never change their minds."""
    published, sets = [], [(set(sales), set(marketing)) for sales, marketing in schedule]
    for n, now in enumerate(sets):
        week = asked(*(answered(opinions, side) for side in now), on=f"2026-12-{1 + 7 * n:02}")
        for then, before in zip(sets, published, strict=False):
            changes = {
                side: {"added": len(new - old) * is_noticed, "removed": len(old - new) * is_noticed}
                for side, old, new in zip(("sales", "marketing"), then, now, strict=True)
            }
            week["earlier"].append({"published": before, "changes": changes})
        published.append(publish(week))
    return published


def told(schedule, is_noticed=True):
    """Whose answers the weeks give away to somebody who knows who was asked, and what the rest of marketing thinks."""
    known = dict(zip(REST, (2, 3, 3, 4, 4, 5), strict=True))
    people = {person for sides in schedule for side in sides for person in side if person not in known}
    possible = defaultdict(set)
    for answers in product((1, 4), repeat=8):
        opinions = dict(zip("abcdefgh", answers, strict=True))
        seen = shown(weeks_of(schedule, opinions | known, is_noticed))
        for person in people:
            possible[seen, person].add(opinions[person])
    return {person for (_seen, person), found in possible.items() if len(found) == 1}


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_nobodys_answer_follows_from_all_that_is_shown_over_weeks(schedule):
    """Of few who come and go; also where all of the other side is known."""
    assert told(schedule) == set()
    assert told(schedule, is_noticed=False), "the search finds what would be told if nobody looked who came and went"


def test_a_week_is_compared_with_all_weeks_of_the_month_that_were_shown():
    """Four were away last week, which hides nothing; of them only one is not back, as the week before last tells."""
    weeks = [("abcdefghi", REST), ("bcdef", REST), ("bcdefghi", REST)]
    opinions = dict(zip("abcdefghi" + REST, [1, 2, 3, 4, 5] * 3, strict=True))
    found = [week["statements"][0]["sides"]["sales"] for week in weeks_of(weeks, opinions)]
    assert [side.get("n", side) for side in found] == [9, 5, {"hidden": "changed"}]


def test_the_search_finds_what_two_levels_would_tell():
    """Of the same people and one more whose arrival is not noticed it learns an answer: it is not blind."""
    found = defaultdict(set)
    for kept in multisets(6):
        for newcomer in ANSWERS:
            week = publish(asked(kept))
            found[shown([week, publish(asked([*kept, newcomer], on="2026-12-10", earlier=[week]))])].add(newcomer)
    assert any(len(newcomers) == 1 for newcomers in found.values())


def test_what_was_hidden_for_a_change_stays_out_of_all_that_follows():
    first = publish(asked([1, 2, 3, 4, 5, 5]))
    classes = alike(
        (
            sales,
            publish(
                asked(
                    [2, 3, 4, 4, 5, 5, 1],
                    on="2026-12-24",
                    earlier=[first, publish(asked(sales, on="2026-12-10", earlier=[first], changes=came(1)))],
                    changes=NOBODY_NEW,
                )
            ),
        )
        for sales in multisets(7, (1, 3, 5))
    )
    assert [len(data) for data in classes] == [len(multisets(7, (1, 3, 5)))]


# The rules one by one


@pytest.mark.parametrize("added", [0, 3])
def test_no_change_or_a_larger_one_hides_nothing(added):
    week = publish(asked([1, 2, 3, 4, 5, 5]))
    sales = publish(asked([2, 3, 4, 4, 5, 5], on="2026-12-10", earlier=[week], changes=came(added)))
    assert sales["statements"][0]["sides"]["sales"] == {
        "n": 6, "mean": 3.83, "score": 3.83, "top_share": 0.67, "change": 0.5,
    }  # fmt: skip


def test_after_four_weeks_opinions_have_moved_on():
    assert is_changed({"added": 1, "removed": 0}, 27)
    assert not is_changed({"added": 1, "removed": 0}, 28)


def test_a_workspace_may_raise_the_threshold_and_nobody_lowers_it():
    six = [1, 2, 3, 4, 5, 5]
    assert publish(asked(six, threshold=7))["statements"][0]["sides"]["sales"] == {"hidden": "few"}
    assert publish(asked(six[:4], threshold=2))["statements"][0]["sides"]["sales"] == {"hidden": "few"}


def test_small_sides_show_a_share_and_large_ones_the_distribution():
    nine = [1, 2, 2, 3, 4, 4, 5, 5, 5]
    assert show_side(nine, AGREE, False) == {"n": 9, "mean": 3.44, "score": 3.44, "top_share": 0.56}
    assert show_side([*nine, 5], AGREE, False) == {"n": 10, "mean": 3.6, "score": 3.6, "counts": [1, 2, 1, 2, 4]}


def test_a_reverse_scored_statement_is_shown_as_answered_and_scored_the_other_way():
    [statement] = publish(asked([1, 1, 2, 2, 3], [4, 4, 5, 5, 3], reversed=True))["statements"]
    assert (statement["sides"]["sales"]["mean"], statement["sides"]["sales"]["score"]) == (1.8, 4.2)
    assert statement["both"] == 3.0
    far = publish(asked([1, 2, 2, 3] * 3, [4, 4, 5, 5] * 3, reversed=True))["statements"][0]["gap"]
    assert far["value"] == -2.5, "a gap is of the answers as they were given"


def test_who_answered_is_said_beside_the_figures():
    wave = asked([3, 4, 5, 2, 1], asked={"sales": 9, "marketing": 6})
    turnout = publish(wave)["turnout"]
    assert turnout["sales"] == {"asked": 9, "answered": 5, "is_low": True, "is_everyone": False}
    assert turnout["marketing"] == {"asked": 6, "answered": 6, "is_low": False, "is_everyone": True}


def test_sixty_percent_is_enough():
    turnout = publish(asked([3, 4, 5], asked={"sales": 5, "marketing": 6}))["turnout"]
    assert not turnout["sales"]["is_low"]


# Flags


APART = [4, 4, 5, 5] * 3, [2, 2, 3, 1] * 3
CLOSE = [3, 4, 2, 4] * 3, [3, 3, 2, 4] * 3


def flag(*weeks, **wave):
    """The flag of the last of several weeks, a fortnight apart."""
    published = []
    for n, (sales, marketing) in enumerate(weeks):
        published.append(publish(asked(sales, marketing, on=f"2026-12-{1 + 14 * n:02}", earlier=published, **wave)))
    return published[-1]["statements"][0]["gap"]["flag"]


def test_a_gap_is_flagged_when_it_comes_twice_or_stands_out_of_the_month():
    assert flag(CLOSE, APART) == "month"
    assert flag(APART, APART) == "twice"
    assert flag(APART, CLOSE) is None
    assert flag(APART, tuple(reversed(APART))) == "month", "the other way round it is not the same gap"


def test_one_gap_just_beyond_chance_among_many_is_not_flagged():
    slight = [3, 4, 4, 5, 3, 4, 4, 5, 3, 4], [2, 3, 4, 4, 3, 3, 3, 4, 3, 3]
    assert not publish(asked(*slight))["statements"][0]["gap"]["could_be_chance"]
    assert flag(CLOSE, CLOSE, slight) is None


def test_tension_that_helps_is_never_flagged():
    assert flag(APART, APART, healthy=True) is None


# Comments


def test_comments_name_nobody_and_lead_nowhere():
    written = (
        "Ask <@U012AB> or <!here> in <#C1|sales>, @bo.li (bo@acme.com), see <https://x.io/1|this>, x.io/2 www.x.io"
    )
    assert without_names(written) == "Ask @… or @… in @…, @… ((…)), see (…), (…) (…)"
    assert (
        without_names("3.5 of 5, e.g. Monday and/or 10/11; me @ work")
        == "3.5 of 5, e.g. Monday and/or 10/11; me @ work"
    )


def test_comments_are_shuffled_and_those_that_say_nothing_are_left_out():
    texts = [f"comment {n}" for n in range(40)]
    found = shuffled([*texts, "<@U012AB>"])
    assert sorted(found) == sorted(texts)
    assert found != texts


@pytest.mark.parametrize(("people", "is_read"), [(7, False), (8, True)])
def test_comments_wait_for_eight_people(people, is_read):
    wave = asked([1, 2, 3, 4] * 2, comments=[{"position": 0, "side": "sales", "texts": ["More time"]}])
    wave["answered"] = {"sales": people, "marketing": 6}
    assert bool(publish(wave)["comments"]) == is_read


def test_symptoms_are_counted_and_not_made_an_index():
    answers = {"sales": [1, 1, 2, 3, 3, 3, 3, 3, 2, 1], "marketing": [1, 1, 2, 3, 3]}
    wave = asked([], kind="symptoms", asked={"sales": 10, "marketing": 5}, answered={"sales": 10, "marketing": 5})
    wave["statements"][0] |= {"key": "Y1", "answers": answers}
    published = publish(wave)
    assert published["statements"][0]["sides"] == {
        "sales": {"n": 10, "counts": [3, 2, 5]}, "marketing": {"n": 5, "top_share": 0.6},
    }  # fmt: skip
    assert (published["statements"][0]["gap"], published["statements"][0]["both"]) == (None, None)
    assert published["trends"] == []
