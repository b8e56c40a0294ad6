"""What a plain poll costs: Bolt's AsyncApp, one row for each vote, an AsyncSession over aiosqlite for each tap.

`python -m bench.poll PORT DATABASE`. It keeps who voted what and when, answers, and updates no card.
"""

import sys
from datetime import UTC, datetime
from typing import Any

import uvloop
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.company import BOT, TEAM
from bench.obvious import Handle, engine_of
from bench.requests import SECRET, TOKEN


class PollVote(SQLModel, table=True):
    """A vote: one of a person for a question."""

    workspace_id: str
    question: str = Field(primary_key=True)
    voter: str = Field(primary_key=True)
    value: int
    voted_at: datetime


def create(path: str) -> Handle:
    engine = engine_of(path)

    async def authorize(**_: object) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token=TOKEN, bot_id="B0PARLEY", bot_user_id=BOT)

    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)

    @app.action("button")
    async def voted(ack: Any, body: dict[str, Any]) -> None:
        _wave, question, value = body["actions"][0]["value"].split()
        vote = {"workspace_id": TEAM, "question": question, "voter": body["user"]["id"]}
        changed = {"value": int(value), "voted_at": datetime.now(UTC)}
        statement: Any = insert(PollVote).values(**vote, **changed)
        async with AsyncSession(engine) as session:
            await session.exec(statement.on_conflict_do_update(index_elements=["question", "voter"], set_=changed))
            await session.commit()
        await ack()

    async def handle(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return handle


async def prepare(path: str) -> None:
    async with engine_of(path).begin() as connection:
        await connection.run_sync(lambda sync: SQLModel.metadata.tables["pollvote"].create(sync, checkfirst=True))


def main() -> None:
    port, path = sys.argv[1:]
    app = web.Application()
    app.router.add_post("/slack/events", create(path))

    async def begin(_app: web.Application) -> None:
        await prepare(path)

    app.on_startup.append(begin)
    web.run_app(app, host="127.0.0.1", port=int(port), loop=uvloop.new_event_loop(), access_log=None, print=None)


if __name__ == "__main__":
    main()
