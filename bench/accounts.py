"""What must hold after all kills: everything acknowledged is stored once, every promised message stands once."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, create_engine, text

from bench.workload import ROWS, Ledger
from bot.playground import Double
from bot.playground.workspace import Workspace
from bot.slack.sender import marked

CARD_OF_LEAD = "card.subject = 'lead' AND card.subject_id = feedback.lead_id AND card.kind = 'post'"
PRAISES = f"""SELECT member.external_id, card.external_ts FROM feedback JOIN member ON member.id = feedback.author_id
    JOIN outbox AS card ON {CARD_OF_LEAD} WHERE feedback.reaction = '+1'"""
NEWEST_WORDS = f"""SELECT feedback.note, card.external_channel, card.external_ts FROM feedback
    JOIN outbox AS card ON {CARD_OF_LEAD} WHERE feedback.via = 'command'
    AND feedback.id = (SELECT max(later.id) FROM feedback AS later WHERE later.lead_id = feedback.lead_id)"""
PRAISED = """SELECT member.external_id, lead.company FROM feedback JOIN member ON member.id = feedback.author_id
    JOIN lead ON lead.id = feedback.lead_id WHERE feedback.reaction = '+1'"""
GOOD_LEAD = re.compile(r"(Firm \d+) is a good lead")
POSTS = "SELECT id, state, external_channel, external_ts, subject, error FROM outbox WHERE kind = 'post'"
BEGINNINGS = """SELECT lead_id || ' ' || kind FROM lead_event WHERE kind IN ('add', 'hand_off')
    GROUP BY lead_id, kind HAVING count(*) > 1"""


@dataclass
class Account:
    """One kind of thing: how many there were, and those of which there is not exactly one."""

    what: str
    total: int
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unacknowledged: int = 0  # nobody was told that they were done: there may be one, or none

    @property
    def is_right(self) -> bool:
        return not self.missing and not self.doubled

    def __str__(self) -> str:
        once = self.total - len(self.missing) - len(self.doubled)
        more = f" (and {self.unacknowledged} that nobody acknowledged: none twice)" if self.unacknowledged else ""
        return f"{self.what:<52} {self.total:>6} {once:>6} {len(self.missing):>8} {len(self.doubled):>6}{more}"


HEADER = f"{'':<52} {'all':>6} {'once':>6} {'missing':>8} {'twice':>6}"


def accounts(database: str, slack: Double, acme: Workspace, ledger: Ledger) -> list[Account]:
    engine = create_engine(database)
    try:
        with engine.connect() as connection:
            return [
                *_stored(connection, slack, ledger),
                *_standing(connection, slack, acme),
            ]
    finally:
        engine.dispose()


def _stored(connection: Connection, slack: Double, ledger: Ledger) -> Iterable[Account]:
    told = _acknowledged_messages(slack)
    notes = Counter(_column(connection, "SELECT note FROM feedback WHERE via = 'command'"))
    yield _account("feedback, typed", [w for w, acked in ledger.notes.items() if acked], ledger.notes, notes)
    companies = Counter(_column(connection, "SELECT company FROM lead WHERE company LIKE 'Firm %'"))
    heard = [company for company, ts in ledger.announced.items() if ts in told]
    yield _account("leads, announced in a channel", heard, ledger.announced, companies)
    praises = Counter(f"{member} {ts}" for member, ts in connection.execute(text(PRAISES)))
    reacted = _acknowledged_reactions(slack)
    every = [f"{member} {ts}" for member, ts in ledger.praised]
    yield _account("feedback, by reaction", [key for key in every if key in reacted], every, praises)
    keys = Counter(_column(connection, "SELECT \"key\" FROM lead WHERE company LIKE 'Import %'"))
    files = {f"{prefix}-{n}": acked for prefix, acked in ledger.imported.items() for n in range(ROWS)}
    yield _account("rows, imported", [key for key, acked in files.items() if acked], files, keys)
    yield Account(
        "leads whose log tells of one beginning", _count(connection, "lead"), [], _column(connection, BEGINNINGS)
    )


def _standing(connection: Connection, slack: Double, acme: Workspace) -> Iterable[Account]:
    posts = {row.id: row for row in connection.execute(text(POSTS))}
    messages = [message for channel in acme.team.channels.values() for message in channel.messages]
    standing = Counter(mark for message in messages if (mark := marked(message.as_payload())))
    missing = [f"{row.id} {row.subject} {row.state} {row.error}" for row in posts.values() if not standing[row.id]]
    doubled = [f"{row_id} stands {times} times" for row_id, times in standing.items() if times > 1]
    yield Account("promised messages, by the outbox", len(posts), missing, doubled)
    unknown = [row_id for row_id in standing if row_id not in posts]
    yield Account("messages that nobody promised", len(unknown), [], unknown)
    elsewhere = [
        row.id
        for row in posts.values()
        if row.state == "SENT" and not _stands(acme, row.external_channel, row.external_ts, row.id)
    ]
    yield Account("messages where the outbox says they stand", len(posts), elsewhere)
    companies = _column(connection, "SELECT company FROM lead WHERE company LIKE 'Firm %'")
    yield _account("cards of leads, by their words", companies, companies, Counter(_on_cards(acme, companies)))
    asked = [f"{member} {company}" for member, company in connection.execute(text(PRAISED))]
    yield _account("questions back, by their words", asked, asked, Counter(_asked_back(acme)))
    stale = [
        f"{words} is not on {ts}"
        for words, channel, ts in connection.execute(text(NEWEST_WORDS))
        if words not in json.dumps(_message(acme, channel, ts))
    ]
    yield Account("cards that show the newest word", len(companies), stale)
    unsettled = _column(connection, "SELECT kind || ' ' || state FROM outbox WHERE state NOT IN ('SENT', 'DEAD')")
    yield Account("rows of the outbox that are settled", _count(connection, "outbox"), unsettled)


def _on_cards(acme: Workspace, companies: list[str]) -> Iterable[str]:
    """The companies in the headlines of Parley's messages in public."""
    known = set(companies)
    for channel in acme.team.channels.values():
        for message in [] if channel.is_im else channel.messages:
            company = message.text.rpartition(" · ")[2]
            if message.user == acme.bot.id and company in known:
                yield company


def _asked_back(acme: Workspace) -> Iterable[str]:
    """To whom, and about which company: "Logged: L-7 · Firm 00007 is a good lead", in private."""
    for channel in acme.team.channels.values():
        for message in channel.messages if channel.is_im else []:
            if message.user == acme.bot.id and (found := GOOD_LEAD.search(message.text)):
                yield f"{channel.members[0]} {found[1]}"


def _account(what: str, acknowledged: list[str], every: Iterable[str], found: Counter[str]) -> Account:
    told = set(acknowledged)
    missing = [key for key in acknowledged if not found[key]] if acknowledged else ["any that was acknowledged"]
    doubled = [f"{key} {found[key]} times" for key in every if found[key] > 1]
    return Account(what, len(told), missing, doubled, len(set(every) - told))


def _acknowledged_messages(slack: Double) -> set[str]:
    told = (each.payload["event"] for each in slack.journal.delivered("message") if each.outcome == "ok")
    return {event["ts"] for event in told if "ts" in event}


def _acknowledged_reactions(slack: Double) -> set[str]:
    told = (each.payload["event"] for each in slack.journal.delivered("reaction_added") if each.outcome == "ok")
    return {f"{event['user']} {event['item']['ts']}" for event in told}


def _message(acme: Workspace, channel: str | None, ts: str | None) -> Any:
    found = acme.team.channels[channel].log.get(ts) if channel and ts else None
    return found.as_payload() if found else None


def _stands(acme: Workspace, channel: str | None, ts: str | None, row_id: str) -> bool:
    message = _message(acme, channel, ts)
    return message is not None and marked(message) == row_id


def _column(connection: Connection, query: str) -> list[str]:
    return [str(value) for value in connection.execute(text(query)).scalars()]


def _count(connection: Connection, table: str) -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
