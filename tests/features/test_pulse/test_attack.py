"""Somebody takes all that Parley has stored, and tries to tell who answered what.

They have every file of the database with what lies about in it, the log, the outbox, the folder of keys, the published
result and the list of those asked; and they know how Parley works. While a pulse is open, with the key, they find
everybody. After the close they do no better than whoever guesses by the published result: the answer that most of a
side gave, which is everybody's where all gave the same.
"""

import hmac
import json
import logging
from base64 import b64encode
from collections import Counter
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from storage.ballots import Ballot, SealedAnswer, SealedComment, StagedComment
from storage.pulse import PulseAsked
from storage.pulse_results import PulseResult
from tests.features.test_pulse.weeks import SECOND, TUESDAY, closes, rows_of, taps

LABELS = ("Disagree", "Rather disagree", "Neither", "Rather agree", "Agree")
SELLERS, MARKETERS = [f"Seller {n}" for n in range(12)], [f"Marketer {n}" for n in range(6)]
TRUTH = {name: 1 + (7 * n + n // 5) % 5 for n, name in enumerate(SELLERS)} | dict.fromkeys(MARKETERS, 4)
SIDES = dict.fromkeys(SELLERS, "sales") | dict.fromkeys(MARKETERS, "marketing")
SECRET = "Quetzalcoatl"  # in a comment that is not published


def all_files(database_url: str) -> bytes:
    """Everything the database has on the disk, rows or not."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return b"".join(path.read_bytes() for path in sorted(Path(url.database).parent.glob("test.db*")))
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        connection.autocommit = True
        connection.execute("CHECKPOINT")
        [folder] = connection.execute("SHOW data_directory").fetchone()
        [oid] = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    ours, log_of_changes = Path(folder, "base", str(oid)), Path(folder, "pg_wal")
    found = (path for path in sorted(Path(folder).rglob("*")) if path.is_file() and log_of_changes not in path.parents)
    return b"".join(path.read_bytes() for path in found if path.parent == ours or path.parts[-3] != "base")


def log_of_changes(database_url: str) -> bytes:
    """PostgreSQL's, which is not Parley's to wipe; SQLite's is among its files."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return b""
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        [folder] = connection.execute("SHOW data_directory").fetchone()
    return b"".join(path.read_bytes() for path in sorted(Path(folder, "pg_wal").glob("0*")))


def stolen_keys(folder: Path, loot: bytes, true_key: bytes) -> list[bytes]:
    """What of keys can be found: files, and the key itself wherever it may have got."""
    has_it = any(each in loot for each in (true_key, true_key.hex().encode(), b64encode(true_key).rstrip(b"=")))
    return [path.read_bytes() for path in folder.glob("*.key")] + ([true_key] if has_it else [])


def attack(keys: list[bytes], ballots: dict[str, int], asked: dict[str, int], most: dict[str, int]) -> dict[str, int]:
    """What they believe of each: what stands on a ballot that can be linked, else what most of the side answered."""
    linked = {name: [code(key, member_id) for key in keys] for name, member_id in asked.items()}
    return {
        name: next((ballots[each] for each in ids if each in ballots), most.get(SIDES[name], 0))
        for name, ids in linked.items()
    }


def code(key: bytes, member_id: int) -> str:
    """Under which a member's answer to the first question stands."""
    return hmac.digest(key, f"{member_id}:1".encode(), "sha256").hex()


def right(believed: dict[str, int]) -> int:
    return sum(TRUTH[name] == value for name, value in believed.items())


@pytest.fixture
def database_url(databases):
    with databases.untouched() as url:
        yield url


@pytest.fixture
async def members(world):
    for side in ("sales", "marketing"):
        await world.channel(side)
    return [await world.member(name, side) for name, side in SIDES.items()]


async def test_whoever_takes_all_there_is_learns_no_more_than_what_is_published(world, members, database_url, caplog):
    ada = await world.member("Ada", "other", is_admin=True)
    await ada.types("/pulse settings")
    await ada.fills(comment_threshold="20")
    ada.reads()
    channels = [await world.channel(side) for side in ("sales", "marketing")]
    with caplog.at_level(logging.DEBUG):
        await world.time_passes(TUESDAY)
        cards = dict(zip(("sales", "marketing"), [channel.reads() for channel in channels], strict=True))
        for n, member in enumerate(members):
            card, at = cards[SIDES[member.name]], TUESDAY + n * SECOND
            await taps(member, card, LABELS[-TRUTH[member.name]], at=at)  # and then they change their minds
            await taps(member, card, LABELS[TRUTH[member.name] - 1], at=at + SECOND / 2)
            member.replies.clear()
        await members[0].presses("Add a comment...", on=cards["sales"])
        await members[0].fills(words=SECRET)
        members[0].reads()
        asked = {member.name: (await member.row()).id for member in members}
        [path] = world.key_folder.glob("*.key")
        true_key = path.read_bytes()
        cast = await rows_of(world, Ballot)
        ballots = {row.id: row.value for row in cast}
        keys = stolen_keys(world.key_folder, all_files(database_url), true_key)
        assert right(attack(keys, ballots, asked, {})) == len(members), "the attack works"

        await closes(world)
        await world.looks_at_pulses()
        await world.works()
        await world.deliver()
        await world.looks_at_pulses()
    assert {row.member_id for row in await rows_of(world, PulseAsked)} == set(asked.values())
    sales, marketing = published(await rows_of(world, PulseResult))
    assert sales["counts"] == [Counter(TRUTH[name] for name in SELLERS)[value] for value in range(1, 6)]
    assert marketing == {"n": 6, "alike": 4}
    most = {"sales": sales["counts"].index(max(sales["counts"])) + 1, "marketing": marketing["alike"]}

    files, said = all_files(database_url), "\n".join(record.getMessage() for record in caplog.records).encode()
    keys = stolen_keys(world.key_folder, files + said + log_of_changes(database_url), true_key)
    assert keys == []
    believed = attack(keys, ballots, asked, most)  # even with a copy of the ballots themselves
    assert right(believed) == max(sales["counts"]) + marketing["n"], "as whoever says of all what was said most"
    for table in (Ballot, StagedComment, SealedAnswer, SealedComment):
        assert await rows_of(world, table) == []
    left = [each for row in cast for each in (row.id, row.turn) if each.encode() in files + said]
    assert left == [], "nor does the key help any more that somebody has kept"
    assert SECRET.encode() not in files + said
    for heard in (*channels, *(member.dm for member in members)):
        heard.unread.clear()


def published(results):
    """Of the first statement, what is shown of sales and of marketing."""
    [result] = results
    sides = json.loads(result.body)["statements"][0]["sides"]
    return sides["sales"], sides["marketing"]
