"""Every noun and field as Adaptive Cards, and Teams' limits and schema under everything that builds."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from bot.core import ui
from bot.core.forms import Group, Option, form_from_json
from bot.teams import render
from tests.platforms.cards import AT, FORMS, HOSTILE, MESSAGES
from tests.platforms.strategies import crowded, messages, parts, texts

SCHEMA = Path(__file__).parents[3] / "shared/schemas/adaptive-cards/adaptive-card-1.5.0.json"


def sign(text):
    return f"mac of {len(text)}"


@pytest.fixture(scope="session")
def assert_is_card():
    """Checks a card against the published schema, where it is at hand, and against Teams' size."""
    validator = jsonschema.Draft6Validator(json.loads(SCHEMA.read_text())) if SCHEMA.exists() else None

    def check(card):
        assert len(json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le")) <= 80_000
        if validator:
            # A card with one bad element fails as a whole with a page of text: elements are named one by one.
            card = as_published(card)
            for element in card["body"]:
                error = next(validator.iter_errors({**card, "body": [element]}), None)
                assert error is None, json.dumps(element)[:2000]

    return check


def as_published(card):
    """The card without what the published schema lacks: charts, mentions, type-ahead with its style."""
    card = copy.deepcopy(card)
    card.pop("msteams", None)
    card["body"] = [element.get("fallback", element) for element in card["body"]]
    for element in card["body"]:
        if element.pop("choices.data", None):
            assert element.pop("style") == "filtered"
    return card


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_looks_as_it_did(golden, assert_is_card, name):
    card = render.card(MESSAGES[name], sign)
    golden(f"teams/{name}", card)
    assert_is_card(card)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_looks_as_it_did(golden, assert_is_card, name):
    dialog = render.dialog(FORMS[name], {}, {}, sign)
    golden(f"teams/form_{name}", dialog)
    assert_is_card(dialog)
    invitation = render.form_invitation(FORMS[name], sign)
    golden(f"teams/invitation_{name}", invitation)
    assert_is_card(invitation)


@settings(max_examples=60)
@given(message=messages())
def test_whatever_builds_is_a_card(assert_is_card, message):
    assert_is_card(render.card(message, sign))


@pytest.mark.parametrize("noun", parts())
def test_a_message_crowded_with_one_noun_fits_teams(assert_is_card, noun):
    assert_is_card(render.card(crowded(noun), sign))


@given(texts(300))
def test_text_beside_a_mention_is_no_markdown(text):
    """The one place where Teams reads markdown, read by an independent reader of markdown."""
    spoken = ui.visible(f"x{text}")
    (block,) = render.card(ui.Message("h", ui.Line(spoken, ui.Mention("U7", "Ana"))), sign)["body"][1:]
    tokens = MarkdownIt("commonmark").enable("strikethrough").enable("table").parse(block["text"])
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    inline = [child for token in tokens for child in token.children or []]
    assert {child.type for child in inline} <= {"text", "text_special", "softbreak", "html_inline", "hardbreak"}
    assert [child.content for child in inline if child.type == "html_inline"] == ["<at>", "</at>"]
    words = "".join(child.content for child in inline if child.type != "html_inline").replace("{\u2060", "{")
    assert "".join(words.split()) == "".join(f"{spoken}Ana".split())


@given(texts(190))
def test_text_elsewhere_stands_in_runs_that_have_no_markdown(text):
    _, line, quote, facts = render.card(ui.Message("h", ui.Line(text), ui.Quote(text), ui.Facts((text, text))), sign)[
        "body"
    ]
    for element in (line, quote["items"][0], facts):
        assert element["type"] == "RichTextBlock"
        for run in element["inlines"]:
            assert run["type"] == "TextRun"
            assert "<at>" not in run["text"]
            assert "{{" not in run["text"]


def test_members_of_one_name_are_mentioned_apart():
    line = ui.Line(ui.Mention("U1", "Ana"), ui.Mention("U2", "Ana"), ui.Mention("U1", "Ana"))
    card = render.card(ui.Message("Hello", line), sign)
    first, second = card["msteams"]["entities"]
    assert first["mentioned"]["id"] == "U1"
    assert second["mentioned"]["id"] == "U2"
    assert card["body"][1]["text"] == first["text"] + second["text"] + first["text"]
    assert first["text"] not in second["text"]


def test_an_instant_is_put_into_the_readers_zone_by_the_client():
    (line,) = render.card(ui.Message("Due", ui.Line(ui.When(AT))), sign)["body"][1:]
    assert line["inlines"][0]["text"] == "{{DATE(2026-11-03T14:05:00Z,SHORT)}} {{TIME(2026-11-03T14:05:00Z)}}"


def test_what_travels_through_the_client_is_signed():
    (_, row, _) = render.card(MESSAGES["buttons"], sign)["body"]
    execute, _, opens, link = row["actions"]
    assert execute["data"]["parley"] == {"action": '["specimen.thank",{"note":"said \\"hi\\""}]', "mac": "mac of 41"}
    assert opens["data"]["msteams"] == {"type": "task/fetch"}
    assert opens["data"]["parley"]["mac"] == sign(opens["data"]["parley"]["action"])
    assert "data" not in link
    form = FORMS["every_field"]
    carried = render.form_invitation(form, sign)["actions"][0]["data"]["parley"]
    assert form_from_json(carried["form"]) == form
    assert carried["mac"] == sign(carried["form"])


def inputs(dialog):
    return {element["id"]: element for element in dialog["body"] if element["type"].startswith("Input.")}


def test_what_was_typed_stays_and_errors_stand_above_their_fields():
    typed = {"amount": "12.5", "many": ["c1", "a,b%"], "whom": "aad-7", "company": "13", "hour": "09:30"}
    errors = {"amount": "At most 9, please.", "lead": "This lead is gone."}
    dialog = render.dialog(FORMS["every_field"], errors, typed, sign, {"aad-7": "Ana", "13": "Bolt"})
    body = dialog["body"]
    assert body[0]["inlines"][0]["text"] == "This lead is gone."
    at = next(n for n, element in enumerate(body) if element.get("id") == "amount")
    assert body[at - 1]["inlines"][0] == {"type": "TextRun", "text": "At most 9, please.", "color": "Attention"}
    asked = inputs(dialog)
    assert asked["amount"]["value"] == 12.5
    assert asked["many"]["value"] == "c1,a%2Cb%25"
    assert asked["hour"]["value"] == "09:30"
    assert asked["whom"]["choices"] == [{"title": "Ana", "value": "aad-7"}]
    assert asked["company"]["choices"] == [{"title": "Bolt", "value": "13"}]


def test_a_form_that_changes_has_a_button_for_it_and_lets_required_fields_wait():
    dialog = render.dialog(FORMS["every_field"], {}, {}, sign)
    buttons = [element["actions"][0] for element in dialog["body"] if element["type"] == "ActionSet"]
    assert [button["data"]["parley"]["change"] for button in buttons] == ["reason", "company"]
    assert not any("isRequired" in field for field in inputs(dialog).values())
    assert all(field["isRequired"] for field in inputs(render.dialog(FORMS["short"], {}, {}, sign)).values())


def test_what_teams_submits_is_read_back():
    form = FORMS["every_field"]
    data = {"parley": {}, "words": "hello", "story": "", "amount": 2.5, "many": "c1,a%2Cb%25", "tags": "", "whom": None}
    assert render.answers(form, data) == {"words": "hello", "amount": "2.5", "many": ["c1", "a,b%"]}


def test_people_and_lookups_are_searched():
    asked = inputs(render.dialog(FORMS["bare_fields"], {}, {}, sign))
    assert asked["whom"]["choices.data"] == {"type": "Data.Query", "dataset": "graph.microsoft.com/users"}
    assert asked["company"]["choices.data"]["dataset"] == "companies"


def test_suggestions_name_their_group_and_are_at_most_a_hundred():
    found = [Group("Mine", (Option("7", "Acme {{x"),)), *(Option(str(n), "Lead") for n in range(150))]
    results = render.options(found)["value"]["results"]
    assert results[0] == {"title": "Mine · Acme {\u2060{x", "value": "7"}
    assert len(results) == 100


def test_hostile_text_keeps_its_words():
    (_, line, *_rest) = render.card(MESSAGES["hostile"], sign)["body"]
    shown = line["inlines"][0]["text"].replace("\u2060", "")
    assert shown == ui.visible(HOSTILE)
