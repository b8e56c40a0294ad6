"""When members work: what their calendars are made of."""

from typing import NamedTuple

from sqlmodel import Session

from storage.people import Member, member
from storage.workspaces import Workspace

_DAYS, _STARTS, _ENDS = (Member.model_fields[name].default for name in ("work_days", "work_starts", "work_ends"))


class Timetable(NamedTuple):
    """How somebody works, in values: those who work alike have the same."""

    timezone: str
    work_days: str = _DAYS
    work_starts: str = _STARTS
    work_ends: str = _ENDS


def timetable(session: Session, workspace_id: int, member_id: int | None) -> Timetable:
    """A member's; for nobody the workspace's own: office hours in its zone."""
    if member_id is None:
        return Timetable(session.get_one(Workspace, workspace_id).timezone)
    found = member(session, workspace_id, member_id)
    return Timetable(found.timezone, found.work_days, found.work_starts, found.work_ends)
