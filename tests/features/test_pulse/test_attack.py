"""Somebody takes all that Parley has stored, and tries to tell who answered what.

They have every file of the database with what lies about in it, the log, the outbox, the folder of keys, the published
result and the list of those asked; and they know how Parley works. While a pulse is open, with the key, they find
everybody. After the close they do no better than whoever guesses by the published result.
"""

import hmac
import logging
from collections import Counter
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from storage.ballots import Ballot, SealedAnswer
from storage.pulse import PulseAsked
from tests.features.test_pulse.weeks import THURSDAY, closes, rows_of, taps

LABELS = ("Disagree", "Rather disagree", "Neither", "Rather agree", "Agree")
SELLERS = [f"Seller {n}" for n in range(12)]
TRUTH = {name: 1 + (7 * n + n // 5) % 5 for n, name in enumerate(SELLERS)}
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
    return b"".join(path.read_bytes() for path in sorted(Path(folder, "base", str(oid)).glob("*")) if path.is_file())


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
    return [path.read_bytes() for path in folder.glob("*.key")] + ([true_key] if true_key in loot else [])


def attack(keys: list[bytes], ballots: dict[str, int], asked: dict[str, int], published: Counter) -> dict[str, int]:
    """What they believe of each: what stands on a ballot that can be linked, else what was answered most."""
    most = published.most_common(1)[0][0] if published else 0
    linked = {name: [code(key, member_id) for key in keys] for name, member_id in asked.items()}
    return {name: next((ballots[each] for each in ids if each in ballots), most) for name, ids in linked.items()}


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
    await world.channel("sales")
    return [await world.member(name, "sales") for name in SELLERS]


async def test_whoever_takes_all_there_is_learns_no_more_than_what_is_published(world, members, database_url, caplog):
    ada = await world.member("Ada", "other", is_admin=True)
    await ada.types("/pulse settings")
    await ada.fills(comment_threshold="20")
    ada.reads()
    channels = {name: channel for (_workspace, name), channel in world.channels.items() if "D_" not in name}
    [sales] = channels.values()
    with caplog.at_level(logging.DEBUG):
        await world.time_passes(THURSDAY.replace(day=24, hour=10))
        card = sales.reads()
        for member in members:
            await taps(member, card, LABELS[-TRUTH[member.name]])  # and then they change their minds
            await taps(member, card, LABELS[TRUTH[member.name] - 1])
            member.replies.clear()
        await members[0].presses("Add a comment...", on=card)
        await members[0].fills(words=SECRET)
        members[0].reads()
        asked = {member.name: (await member.row()).id for member in members}
        [path] = world.key_folder.glob("*.key")
        true_key = path.read_bytes()
        ballots = {row.id: row.value for row in await rows_of(world, Ballot)}
        keys = stolen_keys(world.key_folder, all_files(database_url), true_key)
        assert right(attack(keys, ballots, asked, Counter())) == len(SELLERS), "the attack works"

        await closes(world)
        await world.looks_at_pulses()
    published = Counter({row.value: row.n for row in await rows_of(world, SealedAnswer)})
    assert published == Counter(TRUTH.values())
    assert {row.member_id for row in await rows_of(world, PulseAsked)} == set(asked.values())

    files, said = all_files(database_url), "\n".join(record.getMessage() for record in caplog.records).encode()
    loot = files + said + log_of_changes(database_url)
    keys = stolen_keys(world.key_folder, loot, true_key)
    assert keys == []
    believed = attack(keys, ballots, asked, published)  # even with a copy of the ballots themselves
    assert right(believed) == published.most_common(1)[0][1], "as whoever says of all what was said most"
    left = [row.id for row in await rows_of(world, Ballot)] + [
        each for each in ballots if each.encode() in files + said
    ]
    assert left == [], "nor does the key help any more that somebody has kept"
    assert SECRET.encode() not in files + said
    for member in members:
        member.dm.unread.clear()
