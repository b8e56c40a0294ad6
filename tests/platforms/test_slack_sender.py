"""What Parley posts to Slack, and what it knows of each attempt: nothing is lost and nothing stands twice."""

from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.core.sender import CannotLookBack, Posted, Rejected, RetryAfter, Target
from bot.core.ui import Chart, File, Line, Message
from bot.playground import Double
from bot.slack.client import open_client
from bot.slack.sender import SlackSender, file_name
from bot.slack.tokens import Tokens, introduce
from storage.outbox import new_id

HELLO = Message("Hello", Line("world"))
CHART = Message("Numbers", Chart("Leads", "bar", ("A", "B"), {"n": (1.0, 2.0)}))
INVITATION = File("gemba.ics", b"BEGIN:VCALENDAR")


class Posting:
    def __init__(self, slack, session, installation) -> None:
        self.slack, self.acme = slack, slack.workspace()
        self.ana = self.acme.person("Ana")
        self.channel = self.acme.channel("leads", members=[self.ana], bot=True)
        self.client = open_client(slack.api_url, session)
        self.tokens = Tokens([installation])
        self.sender = SlackSender(self.client, self.tokens)
        self.target = Target(installation.workspace, self.channel.id)

    async def post(self, message=HELLO, row_id=None, target=None):
        return await self.sender.post(target or self.target, message, row_id or new_id())


@pytest.fixture
async def posting():
    async with Double() as slack, aiohttp.ClientSession() as session:
        token = slack.workspace().install().token
        yield Posting(slack, session, await introduce(open_client(slack.api_url, session), token))


async def test_a_client_that_repeats_calls_is_refused(posting):
    posting.client.retry_handlers = [object()]
    with pytest.raises(ValueError, match="twice"):
        SlackSender(posting.client, Tokens())


async def test_a_message_carries_its_row_and_the_same_row_posts_once(posting):
    row_id = new_id()
    posted = await posting.post(row_id=row_id)
    assert await posting.post(row_id=row_id) == posted
    [message] = posting.channel.messages
    assert message.blocks[0]["block_id"] == f"p:{row_id}"
    assert message.ts == posted.ts


async def test_threads_updates_reactions_and_deletions(posting):
    posted = await posting.post()
    await posting.post(Message("Reply"), target=Target(posting.target.workspace, posted.channel, posted.ts))
    [message, reply] = posting.channel.messages
    assert reply.thread_ts == message.ts
    for _ in range(2):  # all of it may be done twice
        await posting.sender.update(posting.target.workspace, posted, Message("Changed"), new_id())
        await posting.sender.react(posting.target.workspace, posted, "eyes")
    assert (message.text, list(message.reactions)) == ("Changed", ["eyes"])
    for _ in range(2):
        await posting.sender.delete(posting.target.workspace, posted)
    assert message.deleted


async def test_a_private_conversation_is_opened_once(posting):
    dm = await posting.sender.open_dm(posting.target.workspace, posting.ana.id)
    assert await posting.sender.open_dm(posting.target.workspace, posting.ana.id) == dm
    await posting.post(target=Target(posting.target.workspace, dm))
    assert [message.text for message in posting.ana.dm.messages] == ["Hello"]
    assert len(posting.slack.journal.called("conversations.open")) == 1


async def test_a_home_is_shown(posting):
    await posting.sender.show_home(posting.target.workspace, posting.ana.id, [Line("at home")])
    assert "at home" in str(posting.ana.home.blocks)


async def test_charts_are_left_out_where_slack_cannot_draw_them(posting):
    posting.slack.faults.refuses("chat.postMessage", "invalid_blocks")
    posted = await posting.post(CHART)
    assert posting.channel.messages[0].blocks[1]["type"] == "table"
    posting.slack.faults.refuses("chat.update", "invalid_blocks")
    await posting.sender.update(posting.target.workspace, posted, CHART, new_id())
    posting.slack.faults.refuses("chat.postMessage", "invalid_blocks")
    with pytest.raises(Rejected, match="invalid_blocks"):
        await posting.post()


class TestFailures:
    async def test_a_rate_limit_says_how_long(self, posting):
        posting.slack.faults.rate_limits("chat.postMessage", retry_after=7)
        with pytest.raises(RetryAfter) as caught:
            await posting.post()
        assert (caught.value.seconds, caught.value.is_limit) == (7, True)

    @pytest.mark.parametrize("reason", ["is_archived", "channel_not_found", "token_revoked", "msg_blocks_too_long"])
    async def test_a_refusal_is_final(self, posting, reason):
        posting.slack.faults.refuses("chat.postMessage", reason)
        with pytest.raises(Rejected, match=reason):
            await posting.post()

    async def test_where_the_token_is_missing_it_waits_and_after_a_removal_it_gives_up(self, posting):
        elsewhere = Target("T0OTHER", "C1")
        with pytest.raises(RetryAfter):
            await posting.post(target=elsewhere)
        posting.tokens.forget("T0OTHER")
        with pytest.raises(Rejected, match="not_installed"):
            await posting.post(target=elsewhere)
        assert not posting.slack.journal.called("chat.postMessage")

    @pytest.mark.parametrize(
        "fault",
        [
            lambda faults: faults.refuses("chat.postMessage", "fatal_error"),
            lambda faults: faults.refuses("chat.postMessage", "internal_error"),
            lambda faults: faults.breaks("chat.postMessage", status=500),
            lambda faults: faults.breaks("chat.postMessage", status=503),
            lambda faults: faults.drops_before("chat.postMessage"),
            lambda faults: faults.drops_after("chat.postMessage"),
        ],
    )
    async def test_doubt_is_neither_and_nothing_is_sent_again(self, posting, fault):
        fault(posting.slack.faults)
        with pytest.raises(Exception) as caught:  # noqa: PT011
            await posting.post()
        assert not isinstance(caught.value, RetryAfter | Rejected)
        assert len(posting.slack.journal.called("chat.postMessage")) == 1

    async def test_a_connection_never_made_is_tried_again(self, posting):
        posting.client.base_url = "http://127.0.0.1:9/"
        with pytest.raises(RetryAfter):
            await posting.post()


class TestLookingBack:
    async def find(self, posting, row_id, since=None, target=None):
        return await posting.sender.find(
            target or posting.target, row_id, since or datetime.now(UTC) - timedelta(minutes=1)
        )

    async def test_a_message_whose_answer_was_lost_is_found(self, posting):
        row_id = new_id()
        posting.slack.faults.drops_after("chat.postMessage")
        with pytest.raises(aiohttp.ClientError):
            await posting.post(row_id=row_id)
        [message] = posting.channel.messages
        assert await self.find(posting, row_id) == Posted(posting.channel.id, message.ts)
        assert await self.find(posting, new_id()) is None

    async def test_in_a_thread_and_over_many_pages(self, posting):
        root, row_id = await posting.post(), new_id()
        thread = Target(posting.target.workspace, posting.channel.id, root.ts)
        reply = await posting.post(Message("Reply"), row_id, thread)
        for number in range(450):
            await posting.ana.writes(posting.channel, f"{number}", thread=posting.channel.messages[0])
        assert await self.find(posting, row_id, target=thread) == reply
        first = new_id()
        posted = await posting.post(row_id=first)
        for number in range(450):
            await posting.ana.writes(posting.channel, f"{number}")
        assert await self.find(posting, first) == posted
        assert len(posting.slack.journal.called("conversations.history")) == 3

    async def test_what_is_older_does_not_count(self, posting):
        row_id = new_id()
        await posting.post(row_id=row_id)
        assert await self.find(posting, row_id, since=datetime.now(UTC) + timedelta(minutes=1)) is None

    async def test_where_parley_may_not_read_it_says_so(self, posting):
        posting.slack.faults.refuses("conversations.history", "missing_scope")
        with pytest.raises(CannotLookBack):
            await self.find(posting, new_id())
        posting.slack.faults.rate_limits("conversations.history", retry_after=60)
        with pytest.raises(RetryAfter):
            await self.find(posting, new_id())


class TestFiles:
    async def test_a_file_is_posted_with_its_words_and_found_by_name(self, posting):
        row_id = new_id()
        posted = await posting.sender.upload(posting.target, HELLO, INVITATION, row_id)
        [message] = posting.channel.messages
        [file] = message.files
        assert (message.ts, file.title, file.content) == (posted.ts, "gemba.ics", b"BEGIN:VCALENDAR")
        assert await posting.sender.find(posting.target, row_id, datetime.now(UTC) - timedelta(minutes=1)) == posted

    async def test_before_anybody_sees_it_a_failure_is_repeated(self, posting):
        posting.slack.faults.breaks("files.getUploadURLExternal")
        with pytest.raises(RetryAfter):
            await posting.sender.upload(posting.target, HELLO, INVITATION, new_id())
        assert not posting.channel.messages

    async def test_history_is_asked_once_for_each(self, posting):
        asked = []
        posting.slack.faults.follows(lambda method, _: asked.append(method))
        await posting.sender.upload(posting.target, HELLO, INVITATION, new_id())
        assert asked.count("conversations.history") == 1

    async def test_a_look_that_fails_when_it_was_taken_leaves_doubt_and_posts_nothing_again(self, posting):
        posting.slack.faults.rate_limits("conversations.history", retry_after=60)
        with pytest.raises(LookupError):
            await posting.sender.upload(posting.target, HELLO, INVITATION, new_id())
        assert len(posting.channel.messages) == 1

    async def test_where_history_is_hidden_it_is_posted_all_the_same(self, posting):
        posting.slack.faults.refuses("conversations.history", "missing_scope", times=None)
        assert await posting.sender.upload(posting.target, HELLO, INVITATION, new_id()) is None
        assert len(posting.channel.messages) == 1

    async def test_when_the_last_answer_is_lost_there_is_doubt_and_history_knows(self, posting):
        row_id = new_id()
        posting.slack.faults.drops_after("files.completeUploadExternal")
        with pytest.raises(aiohttp.ClientError):
            await posting.sender.upload(posting.target, HELLO, INVITATION, row_id)
        assert await posting.sender.find(posting.target, row_id, datetime.now(UTC) - timedelta(minutes=1))

    def test_the_name_keeps_its_ending(self):
        assert file_name("a.b.ics", "0" * 20 + "123456789abc") == "a.b-123456789abc.ics"
        assert file_name("plain", "0" * 20 + "123456789abc") == "plain-123456789abc"
