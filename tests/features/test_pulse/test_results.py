"""What both sides read of a wave that is closed."""

from datetime import timedelta

from bot.calculations.pulse_results import publish
from bot.core.action import PartialAction
from bot.core.ui import Line, Message, Quote
from bot.features.pulse.actions import ShowComments
from bot.features.pulse.views.results import result
from bot.features.pulse.views.shown import Shown
from bot.playground.blocks import message_findings
from bot.slack import render
from storage.ballots import SealedAnswer, SealedComment
from storage.people import Side
from storage.pulse import PulseQuestion, find_numbered
from storage.pulse_results import PulseSentence
from tests.features.stories import a_lead, on_sqlite
from tests.features.test_pulse.sealed import FIRST, SIX, TEN, sealed
from tests.features.test_pulse.weeks import WEEK, rows_of
from tests.world import plain


def lines(posted, word):
    return [line for line in posted.text.splitlines() if word in line]


async def test_both_sides_read_the_same_figures_where_they_talk(world, leads, sales, marketing):
    shared = await world.channel("shared", "alignment")
    await world.channel("shared", "partners", is_shared=True, is_allowed=True)
    await sealed(
        world,
        {"L1": {"sales": TEN, "marketing": SIX * 2}, "X1": {"sales": TEN[:9], "marketing": SIX}},
        asked={"marketing": 21},
    )
    read = [channel.reads().text for channel in (sales, marketing, shared)]
    assert len(set(read)) == 1
    assert read[0].splitlines() == [
        "Pulse 1 of Thu 26 Nov 2026",
        "Few answered (Marketing 12 of 21): this may not represent them.",
        "Everyone answered in Sales; an interval then says how much answers change from week to week.",
        "Lead quality: sales was asked “The leads I got deserved my time”, "
        "marketing “The leads we passed deserved a seller's time”",
        "Blame: “When results slip, fingers point at the other team” (less is better)",
        "Statement | Side | Answered | Level, 1 to 5 | Answers",
        "Lead quality | Sales | 10 of 10 | 4.1 | 1: 0 · 2: 0 · 3: 2 · 4: 5 · 5: 3",
        "Lead quality | Marketing | 12 of 21 | 2.5 | 1: 2 · 2: 4 · 3: 4 · 4: 2 · 5: 0",
        "Blame | Sales | 9 of 10 | 4.2 | 89 % agree or rather agree",
        "Blame | Marketing | 6 of 21 | 2.5 | 17 % agree or rather agree",
        "Lead quality: sales less marketing is +1.6, 95 % interval +0.83 to +2.37. "
        "It stands out of all gaps of four weeks: worth talking about.",
        "Where fewer than 8 of a side answered, a gap may well be chance.",
        "Parley keeps no link from answers to people. Sides with fewer than 5 answers are hidden.",
    ]


async def test_a_gap_that_chance_makes_is_called_so_and_one_that_helps_is_not_bad(world, sales):
    apart, close = [5, 4, 5, 4, 3] * 4, [4, 5, 3, 4, 4] * 4
    await sealed(world, {"L1": {"sales": apart, "marketing": close}, "X3": {"sales": apart, "marketing": SIX * 4}})
    card = sales.reads()
    [chance] = lines(card, "Lead quality: sales less")
    assert chance.endswith("Effect: small (g = 0.28). This could be chance.")
    [helps] = lines(card, "Constructive conflict: sales less")
    assert helps.endswith("Effect: large (g = 1.88). A difference that helps.")
    assert "worth talking" not in card.text


async def test_a_side_with_few_answers_is_hidden_and_one_that_agrees_shows_no_distribution(world, sales):
    await sealed(world, {"L1": {"sales": [5] * 12, "marketing": [1, 2, 1, 5]}})
    card = sales.reads()
    assert lines(card, "Lead quality |") == [
        "Lead quality | Sales | 12 of 12 | - | nearly all or all: Agree",
        "Lead quality | Marketing | - | - | fewer than 5 answered: hidden",
    ]
    assert "sales less marketing" not in card.text


async def test_a_newcomer_is_not_to_be_worked_out(world, sales):
    people = [(await world.member(name, "sales")).row for name in "abcdefghijk"]
    ids = [(await row()).id for row in people]
    await sealed(world, {"L1": {"sales": TEN, "marketing": TEN}}, people={"sales": ids[:10]}, asked={"marketing": 0})
    await sealed(world, {"L1": {"sales": [*TEN, 1], "marketing": TEN}}, number=3, people={"sales": ids})
    sales.reads()
    card = sales.reads()
    assert lines(card, "| Sales |") == [
        "Lead quality | Sales | - | - | one or two people came or went: hidden this time"
    ]
    assert "sales less marketing" not in card.text
    await sealed(world, {"L1": {"sales": [*TEN, 2], "marketing": TEN}}, number=5, people={"sales": ids})
    assert lines(sales.reads(), "| Sales |") == [
        "Lead quality | Sales | 11 of 11 | 3.9 (-0.2 since it was last asked) | 1: 0 · 2: 1 · 3: 2 · 4: 5 · 5: 3"
    ]


async def test_a_statement_that_comes_back_has_a_trend_with_a_band(world, sales):
    for number in (1, 3):
        await sealed(world, {"L2": {"sales": TEN, "marketing": SIX * 2}}, number=number)
    sales.reads()
    card = sales.reads()
    assert "(Trend: Follow-up: Sales, Marketing)" in card.text
    assert "Follow-up, four weeks together, nobody counted twice: Sales 4.1 (3.6 to 4.6) and Marketing 2.5" in card.text
    assert "It was so the last time, too: worth talking about." in card.text


async def test_a_statement_that_comes_back_after_a_pause_has_its_own_band(world, sales):
    for number in (1, 6):
        await sealed(world, {"L2": {"sales": TEN, "marketing": SIX}}, number=number)
    sales.reads()
    card = sales.reads()
    assert "(Trend: Follow-up: Sales, Marketing)" in card.text
    assert "Follow-up, this week with its 95 % band: Sales 4.1 (3.6 to 4.6)." in card.text


async def test_admins_hear_when_a_side_does_not_believe_that_it_cannot_be_traced(world, sales):
    ada = await world.member("Ada", "other", is_admin=True)
    for number, marketers in enumerate(([4, 5, 3, 3, 2], [1, 1, 2, 1], [2, 3, 2, 3, 2], [1] * 5), 1):
        await sealed(world, {"Q1": {"sales": TEN, "marketing": marketers}}, number=number)
        told = [posted.message.headline for posted in ada.dm.unread]
        is_low_and_shown = number in (3, 4)
        assert told == ["Some do not believe that their answers cannot be traced to them"] * is_low_and_shown
        ada.dm.unread.clear(), sales.unread.clear()


@on_sqlite
async def test_what_is_believed_stands_beside_what_happened(world, leads, marketing, mo):
    ana = await world.member("Ana", "sales")
    for n in range(3):
        card = await a_lead(world, mo, leads, owner=ana, company=f"Company {n}")
        await ana.presses("Accept", on=card)
        ana.reads()
        if n:
            await ana.presses("I tried to reach them", on=card)
            ana.reads()
    card = await a_lead(world, mo, leads, owner=ana)
    await ana.presses("Reject...", on=card)
    await ana.fills(code="R8")
    ana.replies.clear()
    marketing.unread.clear()
    await world.time_passes(FIRST - timedelta(hours=1))
    for heard in (ana.dm, mo.dm):
        heard.unread.clear()
    answers = {"sales": TEN, "marketing": SIX}
    await sealed(world, {"L2": answers, "L1": answers})
    ana.dm.unread.clear()
    assert lines(marketing.reads(), "What people say, and") == [
        "What people say, and what happened. Follow-up: sellers say 4.1, marketers 2.5; "
        "67 % of accepted leads were attempted in time (n = 3).",
        "What people say, and what happened. Lead quality: sellers say 4.1, marketers 2.5; "
        "75 % of answered leads were accepted (n = 4).",
    ]


async def test_comments_are_read_without_names_of_sides_that_are_large_enough(world, sales):
    written = [("sales", "Ask <@U_bo> first"), ("sales", "More time"), ("marketing", "We are few")]
    await sealed(world, {"L1": {"sales": TEN, "marketing": SIX}}, comments=written)
    card = sales.reads()
    assert lines(card, "One thing") == ["Sales: One thing to change next week"]
    assert sorted(lines(card, "> ")) == ["> Ask @… first", "> More time"]


async def test_every_comment_can_be_read_however_many_and_however_written(world, sales, ana):
    persian, emoji, forged = "ممنون \u202eمن", "👩‍👩‍👧‍👦 thanks 🎉", "*bold* <b> & > `x` | ~no~ \n> _you_"
    longest = "<&>" * 166 + "!!"
    written = [persian, emoji, forged, longest, *(f"{n} " + "w" * 400 for n in range(40))]
    texts = [("marketing" if n % 2 else "sales", text) for n, text in enumerate(written)]
    await sealed(world, {"L1": {"sales": TEN, "marketing": TEN}}, comments=texts)
    card = sales.reads()
    assert "comments more." in card.text
    await ana.presses("Read all comments", on=card)
    read, pages = list[str](), 0
    while ana.replies:
        pages += 1
        page = ana.replies.popleft()
        assert message_findings(render.blocks(page, "p:1")) == []
        assert page.headline == "Comments to pulse 1 of Thu 26 Nov 2026"
        side = None
        for part in page.parts:
            if isinstance(part, Quote):
                read.append((side, part.text))
            elif isinstance(part, Line):
                side = plain(Message("x", part)).splitlines()[1].partition(":")[0].lower()
            else:
                await ana.presses("More comments", on=page)
    assert pages > 1
    assert sorted(read) == sorted(texts), "each once, whole, and of its side"


async def test_a_result_without_comments_has_no_pages(world, sales, ana):
    await sealed(world, {"L1": {"sales": TEN, "marketing": SIX}}, comments=[("sales", "More time")])
    card = sales.reads()
    assert card.buttons == []
    old = PartialAction.of(ShowComments, pulse=1, page=9).pack()
    await ana._take(await world.dispatcher.action(ana.origin(), old))
    assert ana.reads().endswith("> More time"), "the last page there is"


async def test_a_result_is_published_once_and_what_it_was_made_of_is_forgotten(world, sales):
    await sealed(world, {"L1": {"sales": TEN, "marketing": SIX}}, comments=[("sales", "More time")])
    await world.works()
    await world.deliver()
    assert "Lead quality | Sales | 10 of 10 | 4.1" in sales.reads().text
    for table in (SealedAnswer, SealedComment):
        assert await rows_of(world, table) == [], "nothing is left but what was published"


async def test_any_result_can_be_read_again(world, sales, ana):
    await ana.types("/pulse results")
    assert ana.reads() == "No pulse has been published yet."
    for number in (1, 2):
        await sealed(world, {"L1": {"sales": TEN, "marketing": SIX}}, number=number)
    sales.unread.clear()
    for word, headline in (("", "Pulse 2"), ("1", "Pulse 1"), ("pulse", "Pulse 2")):
        await ana.types(f"/{'parley ' * (word == 'pulse')}pulse results {word * word.isdecimal()}")
        assert ana.reads().startswith(headline)
    await ana.types("/pulse results 7")
    assert ana.reads() == "There is no result “7”. The newest is 2."
    await ana.types("/pulse results " + "9" * 60)
    assert "The newest is 2." in ana.reads()
    found = [await world.database.read(lambda session, w=w: find_numbered(session, w, 2)) for w in (1, 2)]
    assert [wave and wave.number for wave in found] == [2, None]


async def test_symptoms_are_a_list_with_how_many_say_so(world, sales):
    await sealed(
        world,
        {
            "Y1": {"sales": [1] * 9 + [2], "marketing": [1, 1, 2, 1, 3]},
            "Y2": {"sales": [3] * 5 + [2] * 2 + [1] * 3, "marketing": [2, 3]},
        },
        kind="symptoms",
    )
    card = sales.reads()
    assert card.text.splitlines()[0] == "Symptom check 1 of Thu 26 Nov 2026"
    assert lines(card, " | ") == [
        "Symptom | Sales | Marketing",
        "Hostile camps | yes 5, sometimes 2, no 3 (n = 10) | fewer than 5 answered: hidden",
        "Leaders avoid joint work | nearly all or all: No (n = 10) | 40 % yes or sometimes (n = 5)",
    ]


def test_a_result_with_all_that_can_be_in_it_fits_a_message():
    long, published = 'A b "\\&<' * 60, []
    for n in range(14):
        answers = {"sales": TEN * 2, "marketing": SIX * 4}
        flags = {"answers": answers, "reversed": False, "healthy": False}
        counts = {"sales": 20, "marketing": 24}
        question = {
            "on": (FIRST + n * 2 * WEEK).date().isoformat(), "kind": "statements", "threshold": 5,
            "comment_threshold": 8, "asked": {"sales": 60, "marketing": 60}, "answered": counts,
            "statements": [{"position": at, "key": code, **flags} for at, code in enumerate(("L1", "L2", "L4"), 1)],
            "comments": [{"position": 0, "side": side, "texts": [long] * 40} for side in counts],
            "earlier": [{"published": each, "changes": {}} for each in published],
            "records": [
                {"key": key, "what": what, "part": 10, "n": 30}
                for key, what in (("L1", "accepted"), ("L2", "attempted"), ("L4", "decided"))
            ],
        }  # fmt: skip
        published.append(publish(question))
    questions = {
        at: PulseQuestion(position=at, code="L1", topic="T" * 30, sales=long[:150], marketing=long[1:151])
        for at in (1, 2, 3)
    }
    said = [PulseSentence(side=Side.SALES, text=long[:300]) for _head in range(9)]
    card = result(Shown(14, published[-1], questions, said))
    assert "comments more." in plain(card)
    assert message_findings(render.blocks(card, "p:1")) == []
