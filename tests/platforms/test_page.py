"""The playground's page without a browser: what /live answers and tells, to whom, and who is not let in."""

import asyncio
import base64
import re
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import App, Double, modals
from bot.playground.page import Offer, Step, mount
from bot.playground.page.offered import Offered
from bot.playground.page.server import STATIC
from tests.browser.company import a_company

WITHIN = 30.0  # seconds: it bounds what hangs
MARKUP = (
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|\beval\(|new Function"
)
FORM = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Try it"},
    "submit": {"type": "plain_text", "text": "Give"},
    "blocks": [
        {
            "type": "input",
            "block_id": "what",
            "label": {"type": "plain_text", "text": "What"},
            "element": {"type": "plain_text_input", "action_id": "field"},
        }
    ],
}


class Window:
    """A window of the page: asks, and keeps what it is told."""

    def __init__(self, socket):
        self.socket = socket
        self.told = []
        self.number = 0

    async def ask(self, act, **fields):
        """The answer; what was told before it is kept."""
        self.number += 1
        await self.socket.send_json({"id": self.number, "act": act, **fields})
        async with asyncio.timeout(WITHIN):
            while "re" not in (said := await self.socket.receive_json()) or said["re"] != self.number:
                self.told.append(said)
        return said

    async def hears(self, kind, words=""):
        """The next thing of a kind it is told, with these words in it."""
        async with asyncio.timeout(WITHIN):
            while True:
                said = self.told.pop(0) if self.told else await self.socket.receive_json()
                if said["kind"] == kind and words in str(said):
                    return said

    async def knows(self):
        """The kinds of all it has been told by now, once the server has answered something later."""
        await self.ask("inspect", on=False)
        kinds = [said["kind"] for said in self.told]
        self.told.clear()
        return kinds


class Place:
    """A workspace with its page: Ana and Mo in #leads, Mo alone in a private channel."""

    def __init__(self, guide=None, travel=None):
        self.slack = Double(App())
        self.acme = self.slack.workspace()
        self.installation = self.acme.install()
        self.ana, self.mo = self.acme.person("Ana"), self.acme.person("Mo", is_admin=True)
        self.leads = self.acme.channel("leads", members=[self.ana, self.mo], bot=True)
        self.secret = self.acme.channel("secret", members=[self.mo], private=True)
        self.page = mount(self.slack, self.acme, guide=guide, travel=travel)

    async def window(self, person=None):
        socket = await self.client.ws_connect(f"{self.slack.url}/live", origin=self.slack.url)
        window = Window(socket)
        if person:
            window.seen = await window.ask("be", person=person.id)
        return window

    @property
    def bot(self):
        return AsyncWebClient(self.installation.token, base_url=self.slack.api_url)


@asynccontextmanager
async def a_place(**brought):
    place = Place(**brought)
    async with ClientSession() as place.client, place.slack:
        yield place


@pytest.fixture
async def place():
    async with a_place() as place:
        yield place


# Who is let in


async def test_a_page_of_another_site_is_not_let_in(place):
    port = place.slack.url.rpartition(":")[2]
    for headers in (
        {"Host": f"evil.example:{port}"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://localhost.evil.example:{port}"},
    ):
        for path in ("/", "/page/people", "/page/app.js", "/api/api.test"):
            async with place.client.get(place.slack.url + path, headers=headers) as answer:
                assert answer.status == 403, (headers, path)
        with pytest.raises(WSServerHandshakeError, match="403"):
            await place.client.ws_connect(f"{place.slack.url}/live", headers={"Origin": place.slack.url} | headers)
    with pytest.raises(WSServerHandshakeError, match="403"):
        await place.client.ws_connect(f"{place.slack.url}/live")  # no browser of this page leaves the Origin out
    async with place.client.get(f"http://localhost:{port}/") as answer:
        assert answer.status == 200


async def test_the_page_may_load_nothing_from_elsewhere_and_run_nothing_inline(place):
    for path in ("/", "/page/app.js", "/page/base.css"):
        async with place.client.get(place.slack.url + path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert answer.status == 200
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    index = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\son\w+=|style=|https?:", index)


@pytest.mark.parametrize("module", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_a_module_makes_no_markup_of_text_and_can_be_read(module):
    source = module.read_text(encoding="utf-8")
    assert not re.search(MARKUP, source)
    assert source.startswith("// "), "it says what it is for"
    assert len(source.splitlines()) <= 300
    for imported in re.findall(r'from "\./([\w.]+)"', source):
        assert (STATIC / imported).exists()


# What people see


async def test_commands_and_shortcuts_are_those_of_the_manifest(place):
    window = await place.window(place.ana)
    offered = Offered.read()
    assert [each["name"] for each in window.seen["commands"]] == [each["command"] for each in offered.commands]
    assert {each["on"] for each in window.seen["shortcuts"]} == {"message", "global"}
    await window.ask("command", channel=place.leads.id, line="/dance now")
    assert (await window.hears("trouble"))["text"] == "/dance is not a valid command"


async def test_two_windows_stay_in_step(place):
    ana, mo = await place.window(place.ana), await place.window(place.mo)
    written = await ana.ask("write", channel=place.leads.id, text="Hello <b>@mo</b> & all")
    heard = (await mo.hears("message"))["message"]
    assert heard["ts"] == written["ts"]
    assert f"&lt;b&gt;<@{place.mo.id}>&lt;/b&gt; &amp; all" in heard["text"]
    assert (await mo.hears("channel", place.leads.id))["channel"]["mentions"] == 1

    at = {"channel": place.leads.id, "ts": heard["ts"]}
    await mo.ask("react", **at, name="eyes")
    assert (await ana.hears("message", "eyes"))["message"]["reactions"] == [{"name": "eyes", "users": [place.mo.id]}]
    await mo.ask("react", **at, name="eyes")
    assert (await ana.hears("message", "'reactions': []"))["message"]["ts"] == heard["ts"]
    await ana.ask("edit", **at, text="Good morning")
    assert (await mo.hears("message", "Good morning"))["message"]["edited"]

    await mo.ask("write", channel=place.leads.id, text="In a thread", thread=heard["ts"])
    assert (await ana.hears("message", "In a thread"))["message"]["thread"] == heard["ts"]
    assert (await ana.hears("message", "replies"))["message"]["replies"]["count"] == 1
    shown = await ana.ask("open", channel=place.leads.id)
    assert [each["text"] for each in shown["messages"]] == ["Good morning"]
    thread = await ana.ask("thread", **at)
    assert [each["text"] for each in thread["replies"]] == ["In a thread"]

    refused = await mo.ask("edit", **at, text="Not mine")
    assert refused == {"re": mo.number, "ok": False, "error": "people edit only their own messages"}
    await ana.ask("delete", **at)
    assert (await mo.hears("gone"))["ts"] == heard["ts"]
    assert not (await mo.ask("thread", **at))["ok"]


async def test_what_only_one_person_sees_reaches_only_their_windows(place):
    ana, also_ana, mo = [await place.window(person) for person in (place.ana, place.ana, place.mo)]
    await place.bot.chat_postEphemeral(channel=place.leads.id, user=place.ana.id, text="Between us")
    for window in (ana, also_ana):
        assert (await window.hears("message"))["message"]["whisper"]
    team = place.acme.team
    modals.open_modal(place.slack.state, team, place.ana.id, FORM)
    home = {"type": "home", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "Your day"}}]}
    await place.bot.views_publish(user_id=place.ana.id, view=home)
    assert (await also_ana.hears("modals"))["modals"][0]["title"] == "Try it"
    assert (await also_ana.hears("home", "Your day"))["kind"] == "home"
    await place.mo.writes(place.secret, "Not for Ana")
    assert "message" not in await ana.knows()
    assert set(await mo.knows()) == {"message", "channel"}

    assert [each["text"] for each in (await ana.ask("open", channel=place.leads.id))["messages"]] == ["Between us"]
    assert (await mo.ask("open", channel=place.leads.id))["messages"] == []
    assert not (await ana.ask("open", channel=place.secret.id))["ok"]
    assert place.secret.id not in {each["id"] for each in ana.seen["channels"]}
    assert (await place.window(place.ana)).seen["modals"][0]["title"] == "Try it"
    view = place.ana.view
    assert "closed" in (await mo.ask("submit", view=view.id, values={}))["error"]


async def test_errors_stand_under_the_fields_and_what_was_typed_stays(place):
    ana = await place.window(place.ana)
    view = modals.open_modal(place.slack.state, place.acme.team, place.ana.id, FORM)
    await ana.hears("modals")
    await ana.ask("submit", view=view.id, values={"what": {"field": None}})
    assert (await ana.hears("modals"))["modals"][0]["errors"] == {"what": "Please complete this required field."}
    await ana.ask("enter", view=view.id, block="what", action="field", values={"what": {"field": "<b>typed</b>"}})
    again = await place.window(place.ana)
    assert again.seen["modals"][0]["values"]["what"]["field"]["value"] == "<b>typed</b>"
    await again.ask("close")
    assert (await ana.hears("modals", "[]"))["modals"] == []


async def test_reading_is_remembered_for_the_person(place):
    ana, also_ana = await place.window(place.ana), await place.window(place.ana)
    said = await place.mo.writes(place.leads, "News")
    assert (await ana.hears("channel", place.leads.id))["channel"]["unread"] == 1
    await ana.ask("read", channel=place.leads.id, ts=said.ts)
    assert (await also_ana.hears("channel", "'unread': 0"))["channel"]["read"] == said.ts


async def test_a_long_channel_comes_in_pages(place):
    for number in range(120):
        await place.mo.writes(place.leads, f"number {number}")
    ana, before, heard = await place.window(place.ana), "", []
    while True:
        page = await ana.ask("open", channel=place.leads.id, before=before)
        heard[:0] = [each["text"] for each in page["messages"]]
        if not page["more"]:
            break
        before = page["messages"][0]["ts"]
    assert heard == [f"number {number}" for number in range(120)]


async def test_a_file_is_shared_and_downloaded_as_nothing_but_a_file(place):
    ana = await place.window(place.ana)
    content = b"<script>alert(1)</script>"
    sent = base64.b64encode(content).decode()
    await ana.ask("upload", channel=place.leads.id, name="a\r\nb.html", content=sent, text="Look")
    [file] = (await ana.hears("message"))["message"]["files"]
    async with place.client.get(place.slack.url + file["url"]) as answer:
        assert await answer.read() == content
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment; filename*=utf-8''a__b.html"


@pytest.mark.parametrize(
    "said",
    [
        "nonsense",
        "[]",
        '{"id": 1}',
        '{"id": 1, "act": "eval", "code": "1"}',
        '{"id": 1, "act": "open", "channel": 5}',
        '{"id": 1, "act": "write", "channel": "x", "text": "y", "more": 1}',
        '{"id": 1, "act": "open", "channel": "C1"}',
        '{"id": 1, "act": "press", "view": "V1", "block": "b", "action": "a"}',
        '{"id": 1, "act": "travel", "to": "tomorrow"}',
    ],
)
async def test_what_the_server_does_not_know_is_refused_in_words(place, said):
    window = await place.window(place.ana)
    await window.socket.send_str(said)
    answer = await window.socket.receive_json(timeout=WITHIN)
    assert not answer["ok"]
    assert answer["error"]
    assert (await window.ask("open", channel=place.leads.id))["ok"]


async def test_nobody_is_anybody_before_saying_who(place):
    window = await place.window()
    assert not (await window.ask("open", channel=place.leads.id))["ok"]
    assert not (await window.ask("be", person=place.installation.bot_user_id))["ok"]


# Behind the scenes, the tour, and time


async def test_behind_the_scenes_everything_is_shown_live(place):
    ana = await place.window(place.ana)
    await place.bot.chat_postMessage(channel=place.leads.id, text="Earlier")
    assert [line["what"] for line in (await ana.ask("inspect", on=True))["lines"]] == ["Parley posts a message"]
    with pytest.raises(SlackApiError):
        await place.bot.chat_postMessage(channel="C404", text="Later")
    line = (await ana.hears("traffic"))["line"]
    assert (line["name"], line["outcome"]) == ("chat.postMessage", "channel_not_found")
    assert (await ana.ask("payload", n=line["n"]))["payload"]["text"] == "Later"


LATER = Offer("later", "Later")


class Brought:
    """A tour of one step, which it finds done once anybody has written; and one journey."""

    is_done = False

    def steps(self, person):
        return [Step("Write", "Say hello.", self.is_done, person.id, self.place.leads.id, travel=LATER)]

    async def look(self):
        self.is_done = bool(self.place.leads.messages)

    def offers(self, person):
        return [LATER]

    async def go(self, to):
        await self.place.bot.chat_postMessage(channel=self.place.leads.id, text=f"It is {to}")


async def test_the_tour_and_time_travel_are_shown_where_they_are_brought_along():
    brought = Brought()
    async with a_place(guide=brought, travel=brought) as place:
        brought.place = place
        ana, mo = await place.window(place.ana), await place.window(place.mo)
        [step] = ana.seen["tour"]
        assert (step["done"], step["travel"]) == (False, {"id": "later", "label": "Later"})
        assert ana.seen["time"]["offers"] == [{"id": "later", "label": "Later"}]
        assert (await ana.ask("travel", to="later"))["ok"]
        assert [(await mo.hears("clock"))["travelling"] for _ in range(2)] == [True, False]
        assert (await ana.hears("tour"))["steps"][0]["done"]


# The real Parley


async def test_a_command_a_button_and_a_form_reach_parley_and_its_answers_come_back():
    async with a_company() as company, ClientSession() as client:
        socket = await client.ws_connect(f"{company.url}/live", origin=company.url)
        mo = Window(socket)
        await mo.ask("be", person=company.mo.id)
        await mo.ask("command", channel=company.leads.id, line="/lead add Acme Ltd, webinar, @ana")
        assert (await mo.hears("message", "Added L-1"))["message"]["whisper"]
        card = (await mo.hears("message", "Waiting to be accepted"))["message"]
        actions = next(block for block in card["blocks"] if block["type"] == "actions")
        reject = next(each for each in actions["elements"] if each["text"]["text"] == "Reject...")
        await mo.ask("be", person=company.ana.id)
        at = {"channel": company.leads.id, "ts": card["ts"]}
        await mo.ask("press", **at, block=actions["block_id"], action=reject["action_id"])
        [view] = (await mo.hears("modals", "Why do you reject it?"))["modals"]
        code = next(each["block_id"] for each in view["blocks"] if each.get("block_id", "").startswith("code"))
        element = next(each["element"] for each in view["blocks"] if each.get("block_id") == code)
        options = [each for group in element.get("option_groups", [element]) for each in group["options"]]
        chosen = next(each["value"] for each in options if each["text"]["text"].startswith("R8"))
        values = {code: {element["action_id"]: chosen}, "note": {"field": "Three <b>employees</b>."}}
        assert (await mo.ask("submit", view=view["id"], values=values))["ok"]
        assert await mo.hears("message", "Three <b>employees</b>.")
        assert not company.slack.journal.troubles
