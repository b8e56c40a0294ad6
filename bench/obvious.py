"""Case (b): the obvious design, Bolt and an AsyncSession for each request. `python -m bench.obvious PORT DATABASE`.

It writes the same rows to the same tables as Parley, by the ORM, and delivers nothing.
"""

import json
import re
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import uvloop
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.company import APP, BOT, LEADS_CHANNEL, TEAM
from bench.requests import SECRET, TOKEN
from storage.campaigns import folded
from storage.cases import FeedbackCase
from storage.channels import Channel, Purpose
from storage.clocks import Clock
from storage.events import ProcessedEvent
from storage.feedback import Feedback
from storage.leads import Lead, LeadEvent, LeadOrigin
from storage.outbox import NOT_BEGUN, Kind, OutboxRow
from storage.patterns import HeardText
from storage.people import Member
from storage.workspaces import Workspace

LINE = re.compile(r"(?P<key>\S+) (?P<code>\S+) (?P<note>.*)")
ANNOUNCED = re.compile(
    r"New lead: (?P<company>.+)\nSource: (?P<source>.+)\nContact: (?P<contact>.+)\nEmail: (?P<email>.+)"
)
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000")
Row = dict[str, Any]  # columns by name
Handle = Callable[[web.Request], Awaitable[web.Response]]


def engine_of(path: str) -> AsyncEngine:
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")

    @sqlalchemy_event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # sqlite3 begins too late by itself, and then fails where it should wait
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @sqlalchemy_event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


async def is_new(session: AsyncSession, key: str, workspace_id: int, now: datetime) -> bool:
    if await session.get(ProcessedEvent, key):
        return False
    session.add(ProcessedEvent(dedupe_key=key, workspace_id=workspace_id, processed_at=now))
    return True


async def log_feedback(session: AsyncSession, body: dict[str, Any], now: datetime) -> Lead | None:
    """Log it, let the lead follow, stop its clocks, join or open a case, and have the cards drawn again."""
    said = LINE.match(body["text"])
    assert said
    query = select(Member).join(Workspace).where(Workspace.external_id == body["team_id"])
    member = (await session.exec(query.where(Member.external_id == body["user_id"]))).one()
    here: Row = {"workspace_id": member.workspace_id}
    if not await is_new(session, f"slack:command:{body['trigger_id']}", member.workspace_id, now):
        return None
    of_key = (Lead.workspace_id == member.workspace_id, Lead.key_folded == said["key"].lower())
    lead = (await session.exec(select(Lead).where(*of_key))).one()
    case = await open_case(session, here, said["code"], lead.campaign_id, now)
    about: Row = {"lead_id": lead.id, "cycle": lead.cycle}
    feedback = Feedback(
        **here, **about, campaign_id=lead.campaign_id, case_id=case.id, code=said["code"], note=said["note"],
        author_id=member.id, via="command", given_at=now,
    )  # fmt: skip
    session.add(feedback)
    await session.flush()
    replaced = json.dumps({"state": lead.state, "reason": lead.reason, "closed_at": None})
    lead.state, lead.reason, lead.closed_at = "REJECTED", said["code"], now
    happened = LeadEvent(
        **here, **about, kind="reject", state="REJECTED", actor_id=member.id, via="command", at=now,
        feedback_id=feedback.id, replaced=replaced,
    )  # fmt: skip
    session.add(happened)
    await session.flush()
    running = (Clock.subject == "lead", Clock.subject_id == lead.id, col(Clock.stopped_at).is_(None))
    for clock in await session.exec(select(Clock).where(Clock.workspace_id == member.workspace_id, *running)):
        clock.stopped_at, clock.stopped_by = now, happened.id
    for subject, subject_id in (("lead", lead.id), ("case", case.id)):
        await refresh(session, here, subject, subject_id, now)
    return lead


async def open_case(session: AsyncSession, here: Row, code: str, campaign: int | None, now: datetime) -> FeedbackCase:
    alike = (FeedbackCase.code == code, FeedbackCase.campaign_id == campaign, col(FeedbackCase.closed_at).is_(None))
    query = select(FeedbackCase).where(FeedbackCase.workspace_id == here["workspace_id"], *alike)
    if found := (await session.exec(query)).first():
        return found
    case = FeedbackCase(**here, code=code, campaign_id=campaign, opened_at=now, posted_at=now)
    session.add(case)
    await session.flush()
    session.add(Clock(**here, kind="M1", subject="case", subject_id=case.id, policy="1d", started_at=now))
    channel = (await session.exec(select(Channel).where(Channel.purpose == Purpose.MARKETING))).one()
    post(session, here, channel, "case", case.id, now)
    return case


async def refresh(session: AsyncSession, here: Row, subject: str, subject_id: int, now: datetime) -> None:
    of_subject = (OutboxRow.subject == subject, OutboxRow.subject_id == subject_id, OutboxRow.kind == Kind.POST)
    for card in (await session.exec(select(OutboxRow).where(*of_subject))).all():
        queued = (OutboxRow.target_id == card.id, col(OutboxRow.state).in_(NOT_BEGUN))
        if card.state not in NOT_BEGUN and (await session.exec(select(OutboxRow).where(*queued))).first() is None:
            session.add(
                OutboxRow(
                    **here,
                    channel_id=card.channel_id,
                    lane=card.lane,
                    kind=Kind.UPDATE,
                    target_id=card.id,
                    created_at=now,
                )
            )


def post(session: AsyncSession, here: Row, to: Channel, subject: str, subject_id: int, now: datetime) -> None:
    about: Row = {"subject": subject, "subject_id": subject_id}
    session.add(OutboxRow(**here, **about, channel_id=to.id, lane=f"c{to.id}", kind=Kind.POST, created_at=now))


async def take_lead(session: AsyncSession, body: dict[str, Any], now: datetime) -> None:
    """Remember the message, make a lead of it, and promise its card."""
    event = body["event"]
    workspace = (await session.exec(select(Workspace).where(Workspace.external_id == body["team_id"]))).one()
    here: Row = {"workspace_id": workspace.id}
    found = ANNOUNCED.match(event["text"])
    if found is None or not await is_new(session, f"slack:{body['event_id']}", workspace.id, now):
        return
    channel = (await session.exec(select(Channel).where(Channel.external_id == event["channel"]))).one()
    session.add(HeardText(**here, channel_id=channel.id, ts=event["ts"], text=event["text"], heard_at=now))
    statement = update(Workspace).where(col(Workspace.id) == workspace.id)
    counted = statement.values(lead_count=col(Workspace.lead_count) + 1).returning(col(Workspace.lead_count))
    key = f"L-{(await session.exec(counted)).scalar_one()}"
    fields: Row = found.groupdict()
    names: Row = {"key": key, "key_folded": key.lower(), "company_folded": folded(found["company"])}
    lead = Lead(**here, **names, **fields, state="HANDED_OFF", created_at=now, handed_off_at=now)
    session.add(lead)
    await session.flush()
    happened: Row = {**here, "lead_id": lead.id, "cycle": 1, "via": "message", "at": now}
    session.add(LeadEvent(**happened, kind="add", state="NEW"))
    session.add(LeadEvent(**happened, kind="hand_off", state="HANDED_OFF"))
    session.add(LeadOrigin(**here, origin=f"message:{event['channel']}:{event['ts']}", lead_id=lead.id))
    post(session, here, channel, "lead", lead.id, now)


def create(path: str) -> Handle:
    engine = engine_of(path)

    async def authorize(**_: object) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token=TOKEN, bot_id="B0PARLEY", bot_user_id=BOT)

    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)

    @app.command("/leadfeedback")
    async def leadfeedback(ack: Any, body: dict[str, Any]) -> None:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            lead = await log_feedback(session, body, datetime.now(UTC))
            await session.commit()
        text = (
            f"Logged: outside the agreed customer profile (reject R8)\nAbout {lead.key} · {lead.company}"
            if lead
            else "Logged"
        )
        await ack(text=text, blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": text}}])

    @app.event("message")
    async def message(body: dict[str, Any]) -> None:
        if body["event"]["channel"] != LEADS_CHANNEL or body["api_app_id"] != APP:
            return
        async with AsyncSession(engine, expire_on_commit=False) as session:
            await take_lead(session, body, datetime.now(UTC))
            await session.commit()

    async def handle(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return handle


def main() -> None:
    port, path = sys.argv[1:]
    app = web.Application()
    app.router.add_post("/slack/events", create(path))
    web.run_app(app, host="127.0.0.1", port=int(port), loop=uvloop.new_event_loop(), access_log=None, print=None)


if __name__ == "__main__":
    main()
