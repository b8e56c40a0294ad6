"""Slack's markup becomes the text that people meant, once; nothing makes it fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.text import LONGEST, flat, unescaped


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Tom &amp; Jerry &lt;3", "Tom & Jerry <3"),
        ("&amp;lt;", "&lt;"),
        ("<@U1|ana> and <@U2>", "<@U1> and <@U2>"),
        ("see <#C1|leads> and <#C2>", "see #leads and #C2"),
        ("<https://acme.example|Acme>, <https://acme.example>", "Acme, https://acme.example"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<!here> <!subteam^S1|@sales> <!date^1^{date}|today>", "@here @sales today"),
        ("a\0b\ud800c", "abc"),
        (None, ""),
        ("1 < 2 > 1", "1 < 2 > 1"),
    ],
)
def test_text_is_unescaped_once(written, meant):
    assert unescaped(written) == meant


def test_an_apps_message_counts_with_everything_each_line_once():
    message = {
        "bot_id": "B1",
        "text": "New lead: *Acme*",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "New lead: Acme"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*Company:* Acme &amp; Sons"},
             "fields": [{"type": "mrkdwn", "text": "*Source*\nWebinar"}, {"type": "mrkdwn", "text": "a\nb\nc"}]},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "by _HubSpot_"}, {"type": "image"}]},
            {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
                {"type": "text", "text": "Owner: "}, {"type": "user", "user_id": "U1"}]}]},
            {"type": "divider"},
        ],
        "attachments": [
            {"title": "Deal", "text": "10 k", "fields": [{"title": "Stage", "value": "open"}], "fallback": "never"},
            {"fallback": "only this"},
            {"from_url": "https://x.example", "title": "a preview"},
        ],
    }  # fmt: skip
    assert flat(message).splitlines() == [
        "New lead: Acme", "Company: Acme & Sons", "Source: Webinar", "a", "b", "c", "by HubSpot", "Owner: <@U1>",
        "Deal", "10 k", "Stage: open", "only this",
    ]  # fmt: skip


def test_a_persons_message_is_what_they_typed():
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text"}]}]}]
    assert flat({"user": "U1", "text": "*bold* words", "blocks": blocks}) == "*bold* words"


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "elements", "fields", "rows", "blocks", "title"]), inner)
    ),
    max_leaves=12,
)


@given(text=st.text(), blocks=JSON, attachments=JSON)
def test_nothing_makes_it_fail(text, blocks, attachments):
    unescaped(text)
    assert len(flat({"bot_id": "B", "text": text, "blocks": blocks, "attachments": attachments})) <= LONGEST
