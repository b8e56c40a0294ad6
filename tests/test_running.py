"""The process itself: it starts, says when it is ready, stops cleanly, and says plainly what is wrong."""

import asyncio
import json
import signal
import socket
import sys
from contextlib import asynccontextmanager, contextmanager
from time import monotonic

import aiohttp
import pytest

from bot.playground import App, Double
from tests.processes import ROOT, Forked, finished, inherited

PATIENCE = 60.0  # seconds for anything a process does here: it bounds what hangs
PROMPT = 10.0  # seconds in which it stops


@pytest.fixture
async def slack():
    async with Double(App(socket_mode=True)) as slack:
        acme = slack.workspace()
        acme.install()
        acme.channel("leads", members=[acme.person("Ana", is_admin=True)])
        yield slack


@pytest.fixture
def environment(slack, sqlite):
    """Of a Parley that uses Socket Mode."""
    with sqlite.migrated() as url, a_port() as port:
        yield of(slack, url, port)


def of(slack, database_url, port):
    return {
        "SLACK_BOT_TOKEN": slack.workspace().installation.token,
        "SLACK_APP_TOKEN": slack.app.app_token,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": database_url,
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }


@contextmanager
def a_port():
    """A free port that nobody else is given meanwhile; whoever asks for it by its number may listen there."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


class FromNothing:
    """A process as `make` and people start it: all that it needs it loads itself."""

    def __init__(self, arguments, variables, _folder):
        self._start = asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *arguments, env={**variables, "PYTHONPATH": str(ROOT)}, cwd=ROOT,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip

    async def __aenter__(self):
        self._process = await self._start
        return self

    async def __aexit__(self, *_):
        if self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()

    def gets(self, how):
        self._process.send_signal(how)

    async def ends(self, within):
        async with asyncio.timeout(within):
            said, _ = await self._process.communicate()
        return self._process.returncode, said.decode()


def start(environment, *arguments, begun=Forked, folder=ROOT, **more):
    """A process of Parley with these variables only."""
    return begun(arguments, {**inherited(), **environment, **more}, folder)


async def answers(port, path="/readyz"):
    try:
        async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}{path}") as answer:
            return answer.status
    except aiohttp.ClientError:
        return None


async def becomes(port, status, path="/readyz"):
    async with asyncio.timeout(PATIENCE):
        while await answers(port, path) != status:  # noqa: ASYNC110 - another process, which signals nothing
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(environment, begun=Forked, **more):
    """A process that is ready; told to stop at the end, if it still runs."""
    async with start(environment, "run", begun=begun, **more) as process:
        try:
            await becomes({**environment, **more}["PORT"], 200)
        except TimeoutError:
            raise AssertionError((await stopped(process, signal.SIGKILL))[1]) from None
        yield process


async def stopped(process, how=signal.SIGTERM):
    """Stop it; its exit code, what it said, and how long it took."""
    began = monotonic()
    process.gets(how)
    code, said = await process.ends(PATIENCE)
    return code, said, monotonic() - began


class TestRun:
    @pytest.mark.parametrize(("how", "begun"), [(signal.SIGTERM, FromNothing), (signal.SIGINT, Forked)])
    async def test_it_starts_answers_and_stops(self, slack, environment, how, begun):
        async with running(environment, begun) as process:
            assert await answers(environment["PORT"], "/healthz") == 200
            acme = slack.workspace()
            answer = await acme.person("Ana").types("/parley help", acme.channel("leads"))
            assert answer.ok
            code, said, seconds = await stopped(process, how)
        assert (code, seconds < PROMPT) == (0, True)
        assert "Parley has stopped" in said
        assert "Traceback" not in said
        assert not slack.socket.connections

    async def test_by_http_it_takes_signed_requests(self, slack, environment):
        slack.app.socket_mode = False
        slack.app.request_url = f"http://127.0.0.1:{environment['PORT']}/slack/events"
        how = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": slack.app.signing_secret}
        async with running(environment, **how):
            acme = slack.workspace()
            assert await slack.verifies_request_url()
            assert (await acme.person("Ana").types("/parley help", acme.channel("leads"))).ok

    async def test_what_was_promised_when_it_was_killed_is_sent_by_the_next_one(self, slack, environment):
        acme = slack.workspace()
        leads, ana = acme.channel("leads"), acme.person("Ana")
        slack.faults.delays("chat.postMessage", before=30)
        async with running(environment) as process:
            await ana.invites(acme.bot, leads)
            await slack.until(lambda: slack.journal.delivered("member_joined_channel"))
            await stopped(process, signal.SIGKILL)
        slack.faults.heal()
        async with running(environment):
            await slack.until(lambda: leads.messages)
        assert len(leads.messages) == 1

    async def test_a_slow_call_does_not_hold_up_the_end(self, slack, environment):
        acme = slack.workspace()
        slack.faults.delays("chat.postMessage", before=30, times=None)
        async with running(environment) as process:
            await acme.person("Ana").invites(acme.bot, acme.channel("leads"))
            await slack.settled()
            code, _, seconds = await stopped(process)
        assert (code, seconds < PROMPT) == (0, True)

    async def test_while_slack_is_away_it_waits_and_says_so(self, slack, environment):
        slack.faults.breaks("auth.test", times=2)
        async with start(environment, "run") as process:
            await becomes(environment["PORT"], 503)
            assert await answers(environment["PORT"], "/healthz") == 200
            await becomes(environment["PORT"], 200)
            code, said, _ = await stopped(process)
        assert code == 0
        assert "does not answer" in said

    async def test_it_can_be_stopped_while_it_waits_for_slack(self, environment):
        async with start(environment, "run", SLACK_API_URL="http://127.0.0.1:9/") as process:
            await becomes(environment["PORT"], 503)
            code, _, _ = await stopped(process)
        assert code == 0

    async def test_one_refused_token_does_not_stop_the_others(self, slack, environment):
        tokens = f"xoxb-unknown-token,{environment['SLACK_BOT_TOKEN']}"
        async with running(environment, SLACK_BOT_TOKEN=tokens) as process:
            _, said, _ = await stopped(process)
        assert "Slack does not know it" in said

    async def test_logs_can_be_json(self, environment):
        async with running(environment, LOG_FORMAT="json") as process:
            _, said, _ = await stopped(process)
        lines = [json.loads(line) for line in said.splitlines()]
        assert {"time", "level", "logger", "message"} <= lines[0].keys()

    async def test_an_env_file_is_read(self, environment, tmp_path):
        (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in environment.items()))
        async with start({}, "run", folder=tmp_path) as process:
            await becomes(environment["PORT"], 200)
            assert (await stopped(process))[0] == 0


class TestRefusals:
    async def test_two_cannot_use_one_file(self, environment):
        async with running(environment):
            code, said = await finished(environment, "run", PORT="0")
        assert (code, len(said.splitlines())) == (2, 1)
        assert "Parley runs already" in said

    async def test_a_port_in_use(self, environment):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            code, said = await finished(environment, "run", PORT=str(taken.getsockname()[1]))
        assert code == 2
        assert "Set PORT" in said

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is not set"),
            ({"SLACK_BOT_TOKEN": "xoxb-of-nobody"}, "No token in SLACK_BOT_TOKEN works."),
            ({"SLACK_APP_TOKEN": "xapp-1-of-nobody"}, "Slack refuses SLACK_APP_TOKEN"),
            ({"SLACK_APP_TOKEN": ""}, "Set SLACK_APP_TOKEN"),
            ({"DATABASE_URL": "sqlite:////proc/nowhere/x.db"}, "The folder /proc/nowhere of the database"),
            ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/x"}, "The database cannot be used"),
            ({"PORT": "x"}, "PORT must be a number"),
        ],
    )
    async def test_what_is_wrong_is_one_sentence(self, environment, values, sentence):
        code, said = await finished(environment, "run", **values)
        assert code == 2
        assert sentence in said


class TestCheck:
    async def test_all_is_well(self, environment):
        code, said = await finished(environment, "check")
        assert code == 0, said
        assert len(said.splitlines()) == 6
        assert all(line.startswith("✓") for line in said.splitlines())

    async def test_beside_a_running_parley(self, environment):
        async with running(environment):
            assert (await finished(environment, "check"))[0] == 0

    async def test_missing_scopes_are_named(self, slack, environment):
        token = slack.workspace().install(scopes=["chat:write", "commands"]).token
        code, said = await finished(environment, "check", SLACK_BOT_TOKEN=token)
        assert code == 2
        assert "✗ scopes: the app lacks channels:history, channels:read" in said
        assert "install the app again" in said

    async def test_tokens_that_were_revoked_or_mixed_up(self, slack, environment):
        await slack.workspace().revokes_tokens()
        code, said = await finished(environment, "check")
        assert code == 2
        assert "✗ SLACK_BOT_TOKEN" in said
        assert "✓ SLACK_APP_TOKEN" in said
        mixed = {"SLACK_BOT_TOKEN": environment["SLACK_APP_TOKEN"], "SLACK_APP_TOKEN": environment["SLACK_BOT_TOKEN"]}
        code, said = await finished(environment, "check", **mixed)
        assert (code, said.count("✗ settings")) == (2, 2)

    async def test_a_database_that_cannot_be_used(self, environment):
        for url in ("sqlite:////etc/hostname/x.db", "postgresql://u:hidden@127.0.0.1:9/x", "sqlite:////etc/hostname"):
            code, said = await finished(environment, "check", DATABASE_URL=url)
            assert code == 2, url
            assert "✗ database" in said
            assert "hidden" not in said

    async def test_a_folder_of_keys_that_cannot_be_written(self, environment):
        code, said = await finished(environment, "check", PULSE_KEYS="/etc/hostname/keys")
        assert code == 2
        assert "✗ keys of pulses: /etc/hostname/keys cannot be written, so no pulse can open" in said

    async def test_where_slack_cannot_be_reached_it_could_not_tell(self, environment):
        code, said = await finished(environment, "check", SLACK_API_URL="http://127.0.0.1:9/")
        assert code == 1
        assert said.count("does not answer") == 2


async def test_migrate_says_what_it_did(environment, tmp_path):
    for expected in ("is now at version", "was already at version"):
        code, said = await finished(environment, "migrate", DATABASE_URL=f"sqlite:///{tmp_path}/new/parley.db")
        assert code == 0
        assert expected in said


async def test_the_first_start_makes_its_database(slack, environment, tmp_path):
    async with running(environment, DATABASE_URL=f"sqlite:///{tmp_path}/new/parley.db") as process:
        assert (await stopped(process))[0] == 0
    assert (tmp_path / "new" / "parley.db").exists()


class TestImport:
    """People from a file, while Parley runs."""

    async def test_people_are_found_by_their_address(self, slack, environment, tmp_path):
        acme, table = slack.workspace(), tmp_path / "people.csv"
        bo, eve = acme.person("Bo"), acme.person("Eve", is_restricted=True)
        rows = (
            f"{bo.member.email},sales,{acme.person('Ana').member.email}",
            f"{eve.member.email},sales,",
            "x@y.example,sales,",
        )
        table.write_text("email,side,manager\n" + "\n".join(rows))
        slack.faults.rate_limits("users.lookupByEmail")
        async with running(environment):
            code, said = await finished(environment, "people", "import", str(table))
            assert (code, "1 applied, 2 refused" in said) == (1, True), said
            assert "line 3: I do not know" in said
            assert "line 4: I do not know" in said
            await bo.types("/parley me", acme.channel("leads"))
            await slack.until(lambda: bo.view)
        assert "Sales" in json.dumps(bo.view.values)

    async def test_of_several_workspaces_one_must_be_named(self, slack, environment, tmp_path):
        table = tmp_path / "people.csv"
        table.write_text("email,side\nana@acme.example,sales\n")
        tokens = f"{environment['SLACK_BOT_TOKEN']},{slack.workspace('Beta').install().token}"
        code, said = await finished(environment, "people", "import", str(table), SLACK_BOT_TOKEN=tokens)
        assert (code, "--workspace: Acme (" in said) == (2, True)
        named = ("--workspace", "acme")
        code, said = await finished(environment, "people", "import", str(table), *named, SLACK_BOT_TOKEN=tokens)
        assert (code, said.strip()) == (0, "1 applied, 0 refused")

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [(b"", "The file is empty"), (b"shoe size\n44", "I do not know the column"), (None, "cannot be read")],
    )
    async def test_a_file_that_cannot_be_meant_is_refused_in_a_sentence(self, environment, tmp_path, content, sentence):
        table = tmp_path / "people.csv"
        if content is not None:
            table.write_bytes(content)
        code, said = await finished(environment, "people", "import", str(table))
        assert (code, sentence in said) == (2, True), said
