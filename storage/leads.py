"""Leads, and the log of everything that happened to them."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Computed, Index, Integer, Text, text
from sqlmodel import Field, Session, UniqueConstraint, and_, bindparam, col, delete, func, or_, select
from sqlmodel.sql.sqltypes import AutoString

from storage.campaigns import folded
from storage.statements import Query
from storage.tables import WITHOUT_ROW_NUMBER, Derived, Instant, Row, add, add_if_absent, change, find, find_one

_NUMBER = re.compile(r"[lL]?-?(\d{1,12})")
SEARCHED = 5000  # newest leads that are searched for words inside the company's name

_FOLDED = Text().with_variant(Text(collation="C"), "postgresql")  # so that a prefix is a range, on both databases


_GONE = ("WITHDRAWN", "WIPED")
_WAITING = text("waits_for_channel")


# Of the hand-off in UTC: 201802. PostgreSQL's words are those in which it says them itself.
_MONTH = Derived(
    sqlite="CAST(strftime('%Y%m', handed_off_at / 1000000, 'unixepoch') AS INTEGER)",
    postgresql="(EXTRACT(year FROM timezone('UTC'::text, handed_off_at)) * 100::numeric"
    " + EXTRACT(month FROM timezone('UTC'::text, handed_off_at)))::integer",
)
_WON_DAYS = Derived(  # whole days of the UTC calendar from hand-off to won
    sqlite="CASE WHEN coalesce(wiped_from, state) = 'WON'"
    " THEN closed_at / 86400000000 - handed_off_at / 86400000000 END",
    postgresql="CASE WHEN COALESCE(wiped_from, state)::text = 'WON'::text THEN timezone('UTC'::text, closed_at)::date"
    " - timezone('UTC'::text, handed_off_at)::date ELSE NULL::integer END",
)
_COUNTED = ("wiped_from", "won_days", "handed_off_month", "accepted_at", "qualified_at")


class Lead(Row, table=True):
    """One prospective customer handed from marketing to sales. `state` is a LeadState."""

    __table_args__ = (
        Column("handed_off_month", Integer, Computed(_MONTH, persisted=True)),
        Column("won_days", Integer, Computed(_WON_DAYS, persisted=True)),
        UniqueConstraint("workspace_id", "key_folded"),
        Index("ix_lead_company", "workspace_id", "company_folded", "state"),
        Index("ix_lead_waiting", "workspace_id", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        # Everything that a report reads, in its order: it neither sorts leads nor touches the rows themselves.
        Index("ix_lead_source", "workspace_id", "source", "state", *_COUNTED),
        Index("ix_lead_campaign", "workspace_id", "campaign_id", "state", *_COUNTED),
        Index("ix_lead_owner", "workspace_id", "owner_id", "state", *_COUNTED),
        Index("ix_lead_state", "workspace_id", "state", "reason", *_COUNTED),
    )
    __mapper_args__: ClassVar[dict[str, Any]] = {"exclude_properties": ["handed_off_month", "won_days"]}
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    key: str  # "L-7", or the key of the CRM it came from
    key_folded: str = Field(sa_type=_FOLDED)
    company: str
    company_folded: str = Field(sa_type=_FOLDED)
    contact: str | None = None
    email: str | None = None
    phone: str | None = None
    source: str | None = None
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")
    segment: str | None = None
    value_cents: int | None = Field(default=None, sa_type=BigInteger)
    temperature: str = "standard"  # "hot", "standard", "list"
    owner_id: int | None = Field(default=None, foreign_key="member.id")
    summary: str | None = None
    state: str = Field(sa_type=AutoString)
    wiped_from: str | None = None  # the state in which it was erased: what reports count
    waits_for_channel: bool = False  # for its card, there being no leads channel yet
    cycle: int = 1  # 2 after the first wake-up, and so on
    wake_on: date | None = None
    reason: str | None = None  # the code for which it is rejected, disqualified or kept for later
    must_not_be_contacted: bool = False
    created_at: datetime = Field(sa_type=Instant)
    imported_at: datetime | None = Field(default=None, sa_type=Instant)  # history: it is never announced by itself
    handed_off_at: datetime | None = Field(default=None, sa_type=Instant)
    accepted_at: datetime | None = Field(default=None, sa_type=Instant)
    attempted_at: datetime | None = Field(default=None, sa_type=Instant)
    connected_at: datetime | None = Field(default=None, sa_type=Instant)
    qualified_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)  # won, lost, rejected or disqualified


class LeadEvent(Row, table=True):
    """Append-only: what happened, who did it, when and how. `kind` is an Act, or another past deed such as "look"."""

    __tablename__ = "lead_event"
    __table_args__ = (
        Index("ix_lead_event_kind", "workspace_id", "kind", "at", "via", "lead_id"),
    )  # what digests count
    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    lead_id: int = Field(foreign_key="lead.id", index=True)
    cycle: int
    kind: str
    state: str  # afterwards
    actor_id: int | None = Field(default=None, foreign_key="member.id")
    via: str
    at: datetime = Field(sa_type=Instant)
    feedback_id: int | None = None
    reverses_id: int | None = Field(default=None, foreign_key="lead_event.id")
    replaced: str = "{}"  # JSON: the lead's columns this event changed, as they were before


class LeadOrigin(Row, table=True):
    """What announced a lead, such as a message: said again, it is the same lead."""

    __tablename__ = "lead_origin"
    __table_args__ = WITHOUT_ROW_NUMBER
    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    origin: str = Field(primary_key=True)  # "message:C1:1.000"
    lead_id: int = Field(foreign_key="lead.id", index=True)


_BY_KEY = Query(
    select(Lead)
    .where(Lead.workspace_id == bindparam("workspace_id"))
    .where(col(Lead.key_folded).in_((bindparam("key"), bindparam("erased"))))
)
_BY_ORIGIN = Query(
    select(Lead)
    .join(LeadOrigin)
    .where(LeadOrigin.workspace_id == bindparam("workspace_id"), LeadOrigin.origin == bindparam("origin"))
)
_EVENTS = Query(
    select(LeadEvent)
    .where(LeadEvent.workspace_id == bindparam("workspace_id"), LeadEvent.lead_id == bindparam("lead_id"))
    .order_by(col(LeadEvent.id))
)


def find_lead(session: Session, workspace_id: int, lead_id: int) -> Lead | None:
    return find(session, Lead, workspace_id, lead_id)


def lead_of(session: Session, workspace_id: int, lead_id: int) -> Lead:
    """The lead of this id; raises NoResultFound for another workspace's."""
    return find_one(session, Lead, workspace_id, lead_id)


def find_by_key(session: Session, workspace_id: int, key: str) -> Lead | None:
    """By its key, in upper or lower case; also an erased lead by the key it had."""
    key = folded(key)
    return _BY_KEY.first(session, workspace_id=workspace_id, key=key, erased=erased_key(workspace_id, key))


def erased_key(workspace_id: int, key_folded: str) -> str:
    """What is kept of an erased lead's key of another system: enough to know it again, not to read it."""
    return f"erased:{hashlib.sha256(f'{workspace_id}:{key_folded}'.encode()).hexdigest()[:32]}"


def find_called(session: Session, workspace_id: int, word: str) -> Lead | None:
    """By its key as people say it: "7" and "L7" also mean L-7."""
    number = _NUMBER.fullmatch(word.strip())
    found = find_by_key(session, workspace_id, word)
    return found or (find_by_key(session, workspace_id, f"L-{number[1]}") if number else None)


def find_by_origin(session: Session, workspace_id: int, origin: str) -> Lead | None:
    """The lead that this announced."""
    return _BY_ORIGIN.first(session, workspace_id=workspace_id, origin=origin)


def note_origin(session: Session, workspace_id: int, origin: str, lead_id: int) -> None:
    add_if_absent(session, LeadOrigin(workspace_id=workspace_id, origin=origin, lead_id=lead_id))


def origins_of(session: Session, workspace_id: int, lead_id: int) -> Sequence[str]:
    """What announced a lead."""
    of_lead = (LeadOrigin.workspace_id == workspace_id, LeadOrigin.lead_id == lead_id)
    return session.exec(select(LeadOrigin.origin).where(*of_lead).order_by(col(LeadOrigin.origin))).all()


def forget_origins_by_key(session: Session, workspace_id: int, lead_id: int, key_folded: str) -> None:
    """Forget those origins of a lead that name its key; the others go on telling that it is the same lead."""
    of_lead = (col(LeadOrigin.workspace_id) == workspace_id, col(LeadOrigin.lead_id) == lead_id)
    by_key = col(LeadOrigin.origin).endswith(f":key:{key_folded}", autoescape=True)
    session.connection().execute(delete(LeadOrigin).where(*of_lead, by_key))


def wipe_lead(lead: Lead, key: str | None, gone: str) -> None:
    """Take away who a lead is. `key` is kept if given; else a later import still knows the lead by the key it had."""
    if key is None:
        lead.key, lead.key_folded = f"erased-{lead.id}", erased_key(lead.workspace_id, lead.key_folded)
    lead.wiped_from, lead.waits_for_channel = lead.state, False
    lead.company, lead.company_folded = gone, ""
    lead.contact = lead.email = lead.phone = lead.summary = None


def find_leads(session: Session, workspace_id: int, words: str, limit: int = 50) -> list[Lead]:
    """Leads whose key or company begins with the words, then newest ones whose company has it inside."""
    wanted = folded(words)
    of_workspace = Lead.workspace_id == workspace_id
    newest = select(Lead).where(of_workspace, col(Lead.state).not_in(_GONE)).order_by(col(Lead.id).desc())
    if not wanted:
        return list(session.exec(newest.limit(limit)))
    end = wanted + "\U0010ffff"
    key, company = col(Lead.key_folded), col(Lead.company_folded)
    begins = or_(and_(key >= wanted, key <= end), and_(company >= wanted, company <= end))
    found = {lead.id: lead for lead in session.exec(newest.where(begins).limit(limit))}
    if len(found) < limit:
        last = select(col(Lead.id)).where(of_workspace).order_by(col(Lead.id).desc()).limit(1).offset(SEARCHED)
        oldest = session.exec(last).first() or 0
        inside = newest.where(Lead.id > oldest, col(Lead.company_folded).contains(wanted, autoescape=True))
        found |= {lead.id: lead for lead in session.exec(inside.limit(limit - len(found))) if lead.id not in found}
    return list(found.values())


def leads_of_company(session: Session, workspace_id: int, company: str, states: Collection[str]) -> Sequence[Lead]:
    """Leads in these states whose company is called so."""
    query = _of_company(frozenset(states))
    return query.all(session, workspace_id=workspace_id, company=folded(company), at_most=5)


@cache
def _of_company(states: frozenset[str]) -> Query[Lead]:
    return Query(
        select(Lead)
        .where(Lead.workspace_id == bindparam("workspace_id"), Lead.company_folded == bindparam("company"))
        .where(or_(*(Lead.state == state for state in sorted(states))))
        .order_by(col(Lead.id).desc())
        .limit(bindparam("at_most"))
    )


def keys_at_address(session: Session, workspace_id: int, address: str, limit: int) -> Sequence[str]:
    """The keys of leads whose contact has this e-mail address or telephone number, oldest first; looks at all leads."""
    has_it = func.lower(col(Lead.email)).contains(address.lower(), autoescape=True)
    theirs = has_it if "@" in address else col(Lead.phone) == address
    query = select(Lead.key).where(Lead.workspace_id == workspace_id, theirs).order_by(col(Lead.id))
    return session.exec(query.limit(limit)).all()


def leads_owned(
    session: Session, workspace_id: int, owners: Collection[int], states: Collection[str], limit: int
) -> Sequence[Lead]:
    """Leads of these owners in these states, the longest waiting first."""
    of_owners = (Lead.workspace_id == workspace_id, col(Lead.owner_id).in_(owners))
    query = select(Lead).where(*of_owners, col(Lead.state).in_(states)).order_by(col(Lead.handed_off_at), col(Lead.id))
    return session.exec(query.limit(limit)).all()


def waiting_leads(session: Session, workspace_id: int, limit: int) -> Sequence[Lead]:
    """Leads whose cards wait for a leads channel, oldest first."""
    query = select(Lead).where(Lead.workspace_id == workspace_id, text("lead.waits_for_channel"))
    return session.exec(
        query.order_by(col(Lead.id)).limit(limit).with_for_update(skip_locked=True, key_share=True)
    ).all()


def change_lead(session: Session, lead: Lead, changes: Mapping[str, Any], event: LeadEvent) -> LeadEvent:
    """Change a lead's columns and log it; the event remembers what was there, so that it can be undone."""
    replaced = {name: getattr(lead, name) for name in changes}
    change(session, lead, changes)
    event.state = lead.state
    return log_event(session, event, replaced)


def log_event(session: Session, event: LeadEvent, replaced: Mapping[str, Any]) -> LeadEvent:
    """Log what happened to a lead, with the values that its columns had before."""
    if replaced:
        event.replaced = json.dumps({name: _plain(value) for name, value in replaced.items()})
    add(session, event)
    return event


def undo_change(session: Session, lead: Lead, undone: LeadEvent, event: LeadEvent) -> LeadEvent:
    """Give a lead's columns the values they had before an event, and log that."""
    before = {name: _typed(name, value) for name, value in json.loads(undone.replaced).items()}
    event.reverses_id = undone.id
    return change_lead(session, lead, before, event)


def events_of(session: Session, workspace_id: int, lead_id: int) -> Sequence[LeadEvent]:
    """Everything that happened to a lead, oldest first."""
    return _EVENTS.all(session, workspace_id=workspace_id, lead_id=lead_id)


def find_event(session: Session, workspace_id: int, event_id: int) -> LeadEvent | None:
    return find(session, LeadEvent, workspace_id, event_id)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _typed(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name.endswith("_at"):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name.endswith("_on") else value
