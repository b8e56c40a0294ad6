"""What falls due: whoever lets time travel asks when the next thing does."""

from datetime import UTC, datetime, timedelta

from storage.due import Due, cancel_due, next_due, set_due
from storage.workspaces import Workspace, install

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)


async def test_the_next_instant_is_after_the_one_and_no_later_than_the_other(database):
    def work(session):
        workspace = install(session, Workspace(platform="test", external_id="W1", name="W1", installed_at=MONDAY))
        for hours, done_at in ((1, None), (2, MONDAY), (3, None), (5, None)):
            at = MONDAY + timedelta(hours=hours)
            set_due(
                session, Due(workspace_id=workspace.id, kind="probe", subject_id=hours, step=1, at=at, done_at=done_at)
            )
        cancel_due(session, workspace.id, "probe", 5)

    await database.write(work)

    async def asks(after, until):
        after, until = MONDAY + timedelta(hours=after), MONDAY + timedelta(hours=until)
        found = await database.read(lambda session: next_due(session, after, until))
        return found and (found - MONDAY) / timedelta(hours=1)

    assert await asks(0, 9) == 1
    assert await asks(1, 9) == 3, "what is done does not fall due"
    assert await asks(1, 3) == 3
    assert await asks(1, 2.9) is None
    assert await asks(3, 9) is None, "what is cancelled does not fall due"
