"""Every noun and field as Block Kit, and Slack's limits under everything that builds."""

import pytest
from hypothesis import given

from bot.core import ui
from bot.core.forms import Group, Option
from bot.core.language import speaking
from bot.core.limits import LimitExceeded
from bot.playground.blocks import message_findings, message_size, view_findings
from bot.playground.elements import suggestions
from bot.slack import fields, render
from tests.platforms.cards import AT, FORMS, HOSTILE, MESSAGES, SALES
from tests.platforms.strategies import crowded, messages, parts

RICH = {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}
DRAWN = {"header", "rich_text", "table", "data_visualization", "actions", "input"}
INLINE = {"text": {"text"}, "link": {"text", "url"}, "user": {"user_id"}, "date": {"timestamp", "format", "fallback"}}


def assert_slack_takes(message, marker="p:0b8e5b6e-6b0e-4b7e-9a55-0a8f3f0b0c11"):
    drawn = render.blocks(message, marker)
    assert message_findings(drawn) == []
    assert message_size(drawn) <= 13_000
    assert drawn[0]["block_id"] == marker
    assert_nothing_is_parsed(drawn)
    for block, part in zip(drawn[1:], [p for p in message.parts if not isinstance(p, ui.File)], strict=True):
        assert message_size([block]) <= ui.weight(part)


def assert_nothing_is_parsed(blocks):
    for block in blocks:
        assert block["type"] in DRAWN
        if block["type"] == "rich_text":
            (section,) = block["elements"]
            assert section["type"] in RICH
            assert section["elements"]
            for element in section["elements"]:
                assert set(element) - {"type", "style"} == INLINE[element["type"]]
                assert element.get("text") != ""
        for text in objects(block):
            assert text.get("type") != "mrkdwn"
            assert text.get("type") != "plain_text" or text["emoji"] is False


def objects(value):
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from objects(item)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_looks_as_it_did(golden, name):
    golden(f"slack/{name}", render.content(MESSAGES[name], marker="p:1"))
    assert_slack_takes(MESSAGES[name])


@pytest.mark.parametrize("name", FORMS)
def test_a_form_looks_as_it_did(golden, name):
    view = render.view(FORMS[name])
    golden(f"slack/form_{name}", view)
    assert view_findings(view) == []
    assert_nothing_is_parsed(view["blocks"])


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_can_stand_in_a_modal(golden, name):
    view = render.confirmation(MESSAGES[name])
    assert view_findings(view) == []
    assert_nothing_is_parsed(view["blocks"])
    if name in ("table", "line_and_pie"):
        golden(f"slack/confirmation_{name}", view)


def test_home_is_made_of_all_parts_and_cut_where_slack_would_refuse():
    view = render.home([part for message in MESSAGES.values() for part in message.parts])
    assert view_findings(view) == []
    crowded_home = render.home([ui.Line("one more")] * 200)
    assert view_findings(crowded_home) == []
    assert crowded_home["blocks"][-1]["elements"][0]["elements"] == [{"type": "text", "text": "…"}]
    assert len(render.home([ui.Line("one more")] * 100)["blocks"]) == 100


@given(messages())
def test_whatever_builds_fits_slack(message):
    assert_slack_takes(message)
    assert_slack_takes(render.without_charts(message))
    assert view_findings(render.confirmation(message)) == []


@pytest.mark.parametrize("noun", parts())
def test_a_message_crowded_with_one_noun_fits_slack(noun):
    assert_slack_takes(crowded(noun))


def test_text_people_wrote_stands_in_the_blocks_word_for_word():
    text = "*a* _b_ `c` <!channel> <@U1> <https://e.example|x> &amp; :tada: @here"
    quote = render.blocks(ui.Message("Said", ui.Quote(text)))[1]["elements"][0]
    assert quote == {"type": "rich_text_quote", "elements": [{"type": "text", "text": text}]}


def test_the_notification_can_neither_mention_nor_link():
    text = render.content(ui.Message("<!channel> @here <https://e.example|x> &"))["text"]
    assert text == "&lt;!channel&gt; @\u2060here &lt;https://e.example|x&gt; &amp;"


def test_controls_that_turn_the_text_around_them_are_left_out():
    assert ui.visible("a\u202eb\x00c\r\nd\u2069\u2066e\u2068f\u2069") == "abc\nde\u2068f\u2069"
    assert ui.visible(HOSTILE).endswith("gnp.exe")


def test_an_instant_falls_back_to_utc_in_the_language_spoken():
    message = ui.Message("Due", ui.Line(ui.When(AT)))
    with speaking("de"):
        ((date,),) = [e["elements"] for e in render.blocks(message)[1]["elements"]]
    assert date["timestamp"] == AT.timestamp()
    assert date["fallback"] == "Di. 3 Nov. 2026 14:05 UTC"


def test_charts_become_the_same_numbers():
    plain = render.without_charts(MESSAGES["line_and_pie"])
    table, line = plain.parts
    assert table == ui.Table(("Trend", "Won", "Lost"), (("Mon", "3", "1"), ("Tue", "5", "0"), ("Wed", "0.5", "1,234")))
    assert line == ui.Line(ui.Bold("Share"), " (Leads)\nWeb: 2\nFair: 6.5")


def test_a_second_table_is_not_made_of_a_chart():
    table = ui.Table(("a",), (("b",),))
    plain = render.without_charts(ui.Message("Both", table, ui.Chart("Leads", "bar", ("Mon", "Tue", "Wed"), SALES)))
    assert [type(part) for part in plain.parts] == [ui.Table, ui.Line]


def test_buttons_are_told_apart_and_links_ask_for_nothing():
    rows = [block for block in render.blocks(MESSAGES["buttons"]) if block["type"] == "actions"]
    ids = [element["action_id"] for row in rows for element in row["elements"]]
    assert ids == ["parley:0:0", "parley:0:1", "parley:0:2", "link:0:3", "parley:1:0"]


def test_other_options_get_a_fresh_block_and_the_same_options_keep_theirs():
    def block_id(*labels):
        options = tuple(Option(str(n), label) for n, label in enumerate(labels))
        form = FORMS["bare_fields"]
        reason = type(form.fields[3])(name="reason", label="Reason", options=options)
        (block,) = fields.field_blocks([reason])
        return block["block_id"]

    assert block_id("a", "b") == block_id("a", "b") != block_id("a", "c")
    assert fields.field_name(block_id("a")) == "reason"


def test_what_the_double_would_submit_is_read_back():
    view = render.view(FORMS["every_field"])
    chosen = {"text": {}, "value": "later"}
    state = {
        "words": {"field": {"type": "plain_text_input", "value": "hello"}},
        "story": {"field": {"type": "plain_text_input", "value": None}},
        "amount": {"field": {"type": "number_input", "value": "2.5"}},
        "day": {"field": {"type": "datepicker", "selected_date": "2026-12-01"}},
        "hour": {"field": {"type": "timepicker", "selected_time": "09:30"}},
        "reason:1a2b3c4d": {"change:specimen.change": {"type": "static_select", "selected_option": chosen}},
        "tags:1a2b3c4d": {"field": {"type": "checkboxes", "selected_options": []}},
        "many:1a2b3c4d": {"field": {"type": "multi_static_select", "selected_options": [chosen, chosen]}},
        "whom": {"field": {"type": "users_select", "selected_user": "U9"}},
        "company": {"lookup:companies": {"type": "external_select", "selected_option": None}},
    }
    assert render.answers({**view, "state": {"values": state}}) == {
        "words": "hello", "amount": "2.5", "day": "2026-12-01", "hour": "09:30", "reason": "later",
        "many": ["later", "later"], "whom": "U9",
    }  # fmt: skip
    assert render.answers({"blocks": []}) == {}


def test_elements_say_which_lookup_and_which_action_answer():
    ids = [block["element"]["action_id"] for block in render.view(FORMS["every_field"])["blocks"][3:]]
    assert ids[0] == "field"
    assert ids[5] == "change:specimen.change"
    assert ids[-1] == "lookup:companies:specimen.change"
    assert [fields.changed_action(id_) for id_ in ids if id_ != "field"] == ["specimen.change"] * 2
    assert fields.changed_action("field") is fields.changed_action("lookup:companies") is None
    assert fields.lookup_name(ids[-1]) == fields.lookup_name("lookup:companies") == "companies"


def test_errors_stand_at_their_fields_and_none_is_lost():
    view = render.view(FORMS["bare_fields"])
    reason = view["blocks"][3]["block_id"]
    assert render.error_blocks(view, {"reason": "Choose one."}) == {reason: "Choose one."}
    assert render.error_blocks(view, {"lead": "Gone.", "amount": "Too much."}) == {"amount": "Too much. Gone."}


def test_suggestions_are_at_most_a_hundred_with_or_without_groups():
    found = [Option(str(n), f"Lead {n}") for n in range(150)]
    assert len(render.options(found)["options"]) == 100
    assert render.options([]) == {"options": []}
    groups = render.options([Group("Mine", tuple(found[:2])), Group("Others", tuple(found[2:4]))])
    assert [group["label"]["text"] for group in groups["option_groups"]] == ["Mine", "Others"]
    assert suggestions(groups) == suggestions(render.options(found)) == []


def test_a_view_slack_could_not_draw_does_not_build():
    with pytest.raises(ValueError, match="column"):
        ui.Table((), ())
    with pytest.raises(ValueError, match="label"):
        ui.LinkButton("\u202e ", "https://example.com")
    with pytest.raises(ValueError, match="repeat"):
        ui.Chart("c", "bar", ("a", "a\u202e"), {"s": (1.0, 2.0)})
    with pytest.raises(ValueError, match="finite"):
        ui.Chart("c", "bar", ("a",), {"s": (float("nan"),)})
    with pytest.raises(LimitExceeded):
        ui.Message("h", *[ui.Quote("x" * 2900)] * 5)
