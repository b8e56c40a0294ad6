"""Leads handed in by other programs: real requests to the running Parley, signed as Standard Webhooks says."""

import asyncio
import base64
import hmac
import json
import time
from types import SimpleNamespace

import aiohttp
import pytest
from sqlmodel import select

from bot.core.context import UserError
from bot.features import FEATURES
from bot.hook_secrets import add, names, remove, rotate
from bot.web.hooks import AT_ONCE, CHUNK, MAX_AGE, MOST, READ_WITHIN
from storage.leads import Lead, LeadEvent
from tests.features.stories import on_sqlite
from tests.platforms.stage import a_stage

LEAD = {"company": "Acme Ltd", "source": "fair"}


@pytest.fixture
async def hooked(database_url):
    """A stage with a leads channel and a hook called crm."""
    async with a_stage(database_url, features=FEATURES) as stage:
        yield await with_hook(stage)


async def with_hook(stage):
    await stage.watches(stage.acme.channel("leads"))
    settings = SimpleNamespace(database=stage.parley._settings.database)
    return SimpleNamespace(stage=stage, settings=settings, secret=await add(settings, "crm"))


def sign(secret, body, webhook_id, stamp):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.digest(key, f"{webhook_id}.{stamp}.".encode() + body, "sha256")).decode()


async def sends(hooked, content, webhook_id="msg_1", *, name="crm", secret=None, at=0, **changed):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    stamp = str(int(time.time()) + at)
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": stamp,
        "webhook-signature": sign(secret or hooked.secret, body, webhook_id, stamp),
    }
    headers = {key: value for key, value in {**headers, **changed}.items() if value is not None}
    address = f"http://127.0.0.1:{hooked.stage.parley.port}/hooks/leads/{name}"
    async with aiohttp.ClientSession() as client, client.post(address, data=body, headers=headers) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if text.startswith("{") else text


async def leads(hooked):
    return await hooked.stage.database.read(lambda s: s.exec(select(Lead).order_by(Lead.id)).all())


async def test_a_lead_is_taken_in_and_its_card_stands_in_the_channel(hooked):
    owner = hooked.stage.acme.person("Ana")
    await owner.opens_home()
    lead = {**LEAD, "owner": owner.id, "value": 12.5, "temperature": "hot", "campaign": "Spring", "email": None}
    assert await sends(hooked, lead) == (200, {"index": 0, "status": 201, "key": "L-1"})
    await hooked.stage.settles()
    [found] = await leads(hooked)
    assert (found.company, found.source, found.value_cents, found.temperature) == ("Acme Ltd", "fair", 1250, "hot")
    assert "L-1 · Acme Ltd" in json.dumps(hooked.stage.acme.channel("leads").messages[-1].blocks, ensure_ascii=False)
    events = await hooked.stage.database.read(lambda s: s.exec(select(LeadEvent)).all())
    assert {event.via for event in events} == {"webhook"}


@pytest.mark.parametrize("name", ["other", "%00", "crm%00", "CRM"])
@on_sqlite
async def test_a_hook_that_nobody_made_is_not_found(hooked, name):
    assert (await sends(hooked, LEAD, name=name))[0] == 404


async def test_an_owner_whom_nobody_knows_is_said(hooked):
    _status, answer = await sends(hooked, {**LEAD, "owner": "nobody@example.com"})
    assert answer["status"] == 201
    assert answer["notes"][0]["field"] == "owner"
    assert "waits for an owner" in answer["notes"][0]["sentence"]


async def test_it_works_beside_socket_mode(file_database):
    async with a_stage(file_database, "socket", features=FEATURES) as stage:
        hooked = await with_hook(stage)
        assert (await sends(hooked, LEAD))[0] == 200
        await stage.settles()


async def test_what_is_sent_again_is_no_second_lead(hooked):
    assert (await sends(hooked, [LEAD, LEAD]))[1]["results"][1]["key"] == "L-2"
    again = await sends(hooked, [LEAD, LEAD])
    assert again == (200, {"results": [{"index": n, "status": 200, "key": f"L-{n + 1}"} for n in (0, 1)]})
    keyed = {**LEAD, "key": "CRM-1"}
    assert (await sends(hooked, keyed, "msg_2"))[1]["status"] == 201
    assert (await sends(hooked, {**keyed, "key": "crm-1", "source": "web"}, "msg_3"))[1]["status"] == 200
    assert (await sends(hooked, keyed, "msg_2"))[1]["status"] == 200, "an old delivery brings nothing old back"
    assert [(lead.key, lead.source) for lead in await leads(hooked)] == [
        ("L-1", "fair"), ("L-2", "fair"), ("CRM-1", "web"),
    ]  # fmt: skip
    status, answer = await sends(hooked, {"leads": [{"company": "A"}, LEAD, {"company": "C"}]})
    assert (status, answer["results"][2]["status"]) == (207, 409)


async def test_requests_at_once_with_one_key_make_one_lead(hooked):
    keyed = {**LEAD, "key": "CRM-1"}
    answers = await asyncio.gather(*(sends(hooked, keyed, f"msg_{n}") for n in range(20)))
    assert {status for status, _ in answers} == {200}
    assert sorted(answer["status"] for _, answer in answers) == [200] * 19 + [201]
    assert len(await leads(hooked)) == 1
    await hooked.stage.settles()


async def test_of_a_batch_the_good_are_taken_and_each_refusal_says_why(hooked):
    good = [{"company": f"Firm {n}"} for n in range(CHUNK + 3)]
    bad = [
        {"source": "fair"},
        {"company": "x" * 121, "temperature": "boiling"},
        {"company": "Acme", "colour": "red"},
        "Acme",
        {"company": "Ac\0me"},
        {"company": "Acme", "value": -1},
        {"company": "Acme", "value": "NaN"},
        {"company": ["Acme"]},
    ]
    status, answer = await sends(hooked, {"leads": [*bad, *good]})
    assert status == 207
    assert [result["index"] for result in answer["results"]] == list(range(len(bad) + len(good)))
    wrong = [{each["field"]: each["sentence"] for each in result["errors"]} for result in answer["results"][: len(bad)]]
    assert wrong[0] == {"company": "Please fill this in."}
    assert wrong[1] == {
        "company": "Please write at most 120 characters.",
        "temperature": "Please choose one of these: hot, standard, list.",
    }
    assert wrong[2]["colour"].startswith("There is no such field. There are: company, key,")
    assert wrong[3] == {"": "A lead is a JSON object."}
    assert wrong[4] == {"company": "This holds a character that cannot be stored."}
    assert [each.keys() for each in wrong[5:]] == [{"value"}, {"value"}, {"company"}]
    assert len(await leads(hooked)) == len(good)
    assert (await sends(hooked, {"colour": "red"}, "msg_2"))[0] == 400


async def test_a_full_batch_is_taken_in_chunks(hooked):
    status, answer = await sends(hooked, [{"company": f"Firm {n}", "key": n + 1} for n in range(MOST)])
    assert (status, len(answer["results"])) == (200, MOST)
    assert len(await leads(hooked)) == MOST
    status, answer = await sends(hooked, [LEAD] * (MOST + 1), "msg_2")
    assert (status, answer) == (413, {"error": "Send at most 500 leads at once."})


async def test_only_what_is_signed_now_with_its_secret_is_taken(hooked):
    assert (await sends(hooked, LEAD, name="other"))[0] == 404
    refused = [
        await sends(hooked, LEAD, secret="whsec_" + base64.b64encode(b"x" * 32).decode()),
        await sends(hooked, LEAD, at=-MAX_AGE - 5),
        await sends(hooked, LEAD, at=MAX_AGE + 5),
        *[await sends(hooked, LEAD, **{f"webhook-{part}": None}) for part in ("id", "timestamp", "signature")],
        *[
            await sends(hooked, LEAD, **{"webhook-signature": garbage})
            for garbage in ("v1", "v1,", "v1,ÿ", "v2,abc", "v1a,abc " * 50)
        ],
        await sends(hooked, LEAD, **{"webhook-timestamp": "9" * 400}),
        await sends(hooked, LEAD, **{"webhook-timestamp": "١٢"}),
        await sends(hooked, LEAD, "i" * 201),
    ]
    assert {status for status, _ in refused} == {401}
    assert all(answer["error"] for _, answer in refused)
    assert not await leads(hooked)


async def test_a_secret_is_rotated_and_both_are_valid_until_the_next_time(hooked):
    second = await rotate(hooked.settings, "crm")
    assert (await sends(hooked, LEAD, "msg_1"))[0] == 200
    assert (await sends(hooked, LEAD, "msg_2", secret=second))[0] == 200
    stamp, body = str(int(time.time())), json.dumps(LEAD).encode()
    several = " ".join(sign(secret, body, "msg_3", stamp) for secret in ("whsec_AAAA", second))
    headers = {"webhook-signature": several, "webhook-timestamp": stamp}
    assert (await sends(hooked, LEAD, "msg_3", **headers))[0] == 200
    await rotate(hooked.settings, "crm")
    assert (await sends(hooked, LEAD, "msg_4"))[0] == 401
    assert (await sends(hooked, LEAD, "msg_5", secret=second))[0] == 200
    [line] = await names(hooked.settings)
    assert line.startswith("crm: made ")
    assert "whsec" not in line
    with pytest.raises(UserError, match="already"):
        await add(hooked.settings, "crm")
    await remove(hooked.settings, "crm")
    assert (await sends(hooked, LEAD, "msg_6", secret=second))[0] == 404
    for refused in (rotate(hooked.settings, "crm"), add(hooked.settings, "a/b"), add(hooked.settings, "x", "Beta")):
        with pytest.raises(UserError):
            await refused


async def test_a_name_in_two_workspaces_belongs_to_the_one_whose_secret_signed(file_database):
    async with a_stage(file_database, features=FEATURES, others=("Beta",)) as stage:
        settings = SimpleNamespace(database=stage.parley._settings.database)
        with pytest.raises(UserError, match="--workspace"):
            await add(settings, "crm")
        secrets = [await add(settings, "crm", name) for name in ("Acme", "beta")]
        hooked = SimpleNamespace(stage=stage, secret=secrets[1])
        assert (await sends(hooked, LEAD))[0] == 200
        [lead] = await leads(hooked)
        assert lead.workspace_id == 2
        assert (await sends(hooked, LEAD, secret=secrets[0]))[1]["status"] == 201, "ids are each workspace's own"


HOSTILE = {
    "no JSON": b"company=Acme",
    "deep": b"[" * 100_000,
    "no UTF-8": b'{"company": "\xff"}',
    "half a letter": b'{"company": "\\ud800"}',
    "no number": b'{"company": "A", "value": NaN}',
    "long number": b'{"company": "A", "value": ' + b"9" * 10_000 + b"}",
    "empty": b"",
    "nothing": b"[]",
    "a word": b'"Acme"',
    "packed": b"\x1f\x8b\x08\x00" + b"\0" * 50,
}


@pytest.mark.parametrize("what", HOSTILE)
@on_sqlite
async def test_a_hostile_body_is_refused_in_words(hooked, what):
    status, answer = await sends(hooked, HOSTILE[what])
    assert status == 400
    assert answer["error"]
    assert not await leads(hooked)


@pytest.mark.parametrize("length", ["Content-Length: 52428800", "Transfer-Encoding: chunked"])
@on_sqlite
async def test_a_body_of_fifty_megabytes_is_refused_without_being_read(hooked, length):
    reader, writer = await asyncio.open_connection("127.0.0.1", hooked.stage.parley.port)
    head = (
        f"POST /hooks/leads/crm HTTP/1.1\r\nHost: x\r\n{length}\r\nwebhook-id: a\r\n"
        f"webhook-timestamp: {int(time.time())}\r\nwebhook-signature: v1,abc\r\n\r\n"
    )
    writer.write(head.encode())
    if "chunked" in length:
        for _ in range(20):
            writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
    answer = await asyncio.wait_for(reader.read(2000), 3)
    assert b" 413 " in answer.splitlines()[0]
    writer.close()
    assert (await sends(hooked, LEAD))[0] == 200
    await hooked.stage.settles()


@pytest.mark.parametrize("length", ["Content-Length: 99", "Content-Length: 999999", "Transfer-Encoding: chunked"])
@on_sqlite
async def test_bodies_that_do_not_come_hold_nobody_else(hooked, length):
    writers = []
    for _ in range(2 * AT_ONCE):
        _reader, writer = await asyncio.open_connection("127.0.0.1", hooked.stage.parley.port)
        head = f"POST /hooks/leads/crm HTTP/1.1\r\nHost: x\r\n{length}\r\nwebhook-id: a\r\n"
        head += f"webhook-timestamp: {int(time.time())}\r\n\r\n"
        writer.write(head.encode())
        writers.append(writer)
    async with asyncio.timeout(READ_WITHIN - 1):
        assert (await sends(hooked, LEAD))[0] == 200
    for writer in writers:
        writer.close()
    await hooked.stage.settles()
