"""`python -m bench.digest`: how long a digest takes to build where a million leads are stored, and by which indexes."""

import argparse
import asyncio
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter, thread_time

from sqlmodel import Session

from bench.company import Company, add_history
from bench.load import Verdict
from bot.core.context import Context
from bot.core.recurrence import Rule
from bot.core.registry import Registry
from bot.features import FEATURES
from bot.features.digest import building
from bot.features.digest.facts import SECTIONS, Built
from storage.channels import Channel, Purpose
from storage.database import Database
from storage.digest import DigestPlan
from storage.tables import add
from storage.workspaces import Workspace

LEADS, LIVE = 1_000_000, 40_000  # of which people work on so many: each has a running clock
IMPORTED_YESTERDAY = 100_000
GOAL = 1.0  # seconds
ROUNDS = 5


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m bench.digest", description=__doc__)
    options.add_argument("--leads", type=int, default=LEADS)
    leads = options.parse_args().leads
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        company = Company(Path(folder), leads=min(LIVE, leads // 2))
        path = company.copy()
        add_history(path, leads)
        _add_log(path)
        verdict, plans = asyncio.run(_measure(f"sqlite:///{path}", path))
    print(verdict)
    for plan in plans:
        print(f"        {plan}")
    return 0 if verdict.is_met else 1


def _add_log(path: Path) -> None:
    """Every lead of the history was imported, a tenth of them yesterday; a word was said of every tenth."""
    with closing(sqlite3.connect(path)) as connection, connection:
        yesterday = int((datetime.now(UTC) - timedelta(days=1)).timestamp() * 1e6)
        connection.execute(
            """
            INSERT INTO lead_event (workspace_id, lead_id, cycle, kind, state, via, at, replaced)
            SELECT 1, id, 1, 'add', state, 'import', CASE WHEN id % 10 = 0 THEN ? ELSE created_at END, '{}'
            FROM lead WHERE imported_at IS NOT NULL
            """,
            (yesterday,),
        )
        connection.execute(
            """
            INSERT INTO feedback (workspace_id, lead_id, code, note, author_id, via, is_opinion, given_at)
            SELECT 1, id, 'R' || (1 + id % 11), 'in their words ' || id, 1 + id % 20, 'command', 0,
                CASE WHEN id % 1000 = 0 THEN ? ELSE created_at END
            FROM lead WHERE id % 10 = 0
            """,
            (yesterday,),
        )
        connection.execute("UPDATE clock SET started_at = started_at - 14 * 86400000000")  # all of them are late
        connection.execute("ANALYZE")


async def _measure(url: str, path: Path) -> tuple[Verdict, list[str]]:
    database = await Database(url, exclusive=True).start()
    try:
        plan = await database.write(_set_up)
        build = partial(_build, plan=plan)
        took, built, cpu = [], *(await database.read(build))
        for _ in range(ROUNDS):
            began = perf_counter()
            built, cpu = await database.read(build)
            took.append(perf_counter() - began)
    finally:
        await database.close()
    longest = max(took)
    counted = f"{sum(built.facts.totals):,} deeds, {built.facts.imported:,} imported, {len(built.items)} items"
    what = f"building a digest: {counted}"
    figure = f"{min(took) * 1000:.0f} to {longest * 1000:.0f} ms, {cpu * 1000:.0f} ms of CPU"
    verdict = Verdict(what, figure, f"< {GOAL:g} s", longest < GOAL)
    return verdict, await asyncio.to_thread(_plans, url, plan, path)


def _set_up(session: Session) -> DigestPlan:
    channel = Channel(workspace_id=1, external_id="C0SHARED", name="shared", purpose=Purpose.SHARED, is_shared=False)
    add(session, channel)
    return DigestPlan(channel_id=channel.id, workspace_id=1, sections=",".join(SECTIONS))


def _build(session: Session, plan: DigestPlan) -> tuple[Built, float]:
    """With the seconds of CPU that it took: on a machine that does other things, read these."""
    began = thread_time()
    workspace, channel = session.get_one(Workspace, 1), session.get_one(Channel, plan.channel_id)
    ctx = Context(session, workspace, None, datetime.now(UTC), "system", Registry(FEATURES))
    monday = ctx.now.date() + timedelta(days=8 - ctx.now.isoweekday())  # when it has a chart of the week, too
    until = ctx.now + timedelta(days=1)
    rule = Rule(time(9), workspace.timezone, frozenset({monday.isoweekday()}))
    built = building.build(ctx, channel, plan, rule, monday, until)
    return built, thread_time() - began


def _plans(url: str, plan: DigestPlan, path: Path) -> list[str]:
    """How SQLite finds what is asked for, table by table: whatever it scans would be seen here."""
    from sqlalchemy import create_engine, event

    seen: dict[str, None] = {}
    engine = create_engine(url)

    with closing(sqlite3.connect(path)) as beside:

        @event.listens_for(engine, "before_cursor_execute")
        def explain(_connection: object, _cursor: object, sql: str, values: tuple[object, ...], *_more: object) -> None:
            for *_ids, step in beside.execute(f"EXPLAIN QUERY PLAN {sql}", values):
                seen[step] = None

        with Session(engine) as session:
            _build(session, plan)
    engine.dispose()
    return list(seen)


if __name__ == "__main__":
    sys.exit(main())
