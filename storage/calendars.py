"""When members work: what their calendars are made of, with the days on which they do not."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from sqlmodel import Field, Session, bindparam, col, delete, select

from storage.people import Member, member
from storage.statements import Query
from storage.tables import Row, add
from storage.workspaces import Workspace, installed_workspaces

_DAYS, _STARTS, _ENDS = (Member.model_fields[name].default for name in ("work_days", "work_starts", "work_ends"))
_DAY = timedelta(days=1)
Days = tuple[date, date]  # the first and the last


class Absence(Row, table=True):
    """Days off of a member. One that is over stays: clocks did not run then."""

    id: int = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspace.id")
    member_id: int = Field(foreign_key="member.id", index=True)
    first_on: date
    last_on: date


class HolidayCalendar(Row, table=True):
    """The public holidays where people of a time zone live, as far as they are known."""

    __tablename__ = "holiday_calendar"
    workspace_id: int = Field(foreign_key="workspace.id", primary_key=True)
    timezone: str = Field(primary_key=True)  # IANA name
    country: str | None = None  # ISO 3166; None: the zone is of no country, and has no holidays
    days: str = ""  # "2026-12-25,2026-12-26"
    until: date  # the last day that was looked at


class Timetable(NamedTuple):
    """How somebody works, in values: those who work alike have the same."""

    timezone: str
    work_days: str = _DAYS
    work_starts: str = _STARTS
    work_ends: str = _ENDS
    absences: tuple[Days, ...] = ()
    holidays: str = ""


_ABSENCES = Query(
    select(Absence)
    .where(Absence.workspace_id == bindparam("workspace_id"), Absence.member_id == bindparam("member_id"))
    .order_by(col(Absence.first_on))
)
_HOLIDAYS = Query(
    select(HolidayCalendar.days)
    .where(HolidayCalendar.workspace_id == bindparam("workspace_id"))
    .where(HolidayCalendar.timezone == bindparam("timezone"))
)


def hours_of(session: Session, workspace_id: int, member_id: int | None) -> str:
    """The zone and the weekly hours of a member, to be kept with what was measured by them; for nobody the workspace's
    own: office hours in its zone.
    """
    if member_id is None:
        return "|".join((session.get_one(Workspace, workspace_id).timezone, _DAYS, _STARTS, _ENDS))
    found = member(session, workspace_id, member_id)
    return "|".join((found.timezone, found.work_days, found.work_starts, found.work_ends))


def timetable(session: Session, workspace_id: int, member_id: int | None, hours: str | None = None) -> Timetable:
    """How a member works, or worked when these were their hours; for nobody the workspace's own."""
    zone, days, starts, ends = (hours or hours_of(session, workspace_id, member_id)).rsplit("|", 3)
    off = [] if member_id is None else absences_of(session, workspace_id, member_id)
    absences = tuple((each.first_on, each.last_on) for each in off)
    return Timetable(zone, days, starts, ends, absences, _holidays(session, workspace_id, zone))


def timetables(session: Session, workspace_id: int, people: Iterable[Member]) -> dict[int, Timetable]:
    """How each of them works, by their ids; asks no more of the database for many than for one."""
    absences = defaultdict[int, list[Days]](list)
    for off in session.exec(
        select(Absence).where(Absence.workspace_id == workspace_id).order_by(col(Absence.first_on))
    ):
        absences[off.member_id].append((off.first_on, off.last_on))
    known = select(HolidayCalendar.timezone, HolidayCalendar.days).where(HolidayCalendar.workspace_id == workspace_id)
    holidays = dict(session.exec(known).all())
    return {
        each.id: Timetable(
            each.timezone,
            each.work_days,
            each.work_starts,
            each.work_ends,
            tuple(absences[each.id]),
            holidays.get(each.timezone, ""),
        )
        for each in people
    }


def absences_of(session: Session, workspace_id: int, member_id: int) -> list[Absence]:
    """All that are remembered, in order."""
    return list(_ABSENCES.all(session, workspace_id=workspace_id, member_id=member_id))


def absence(session: Session, workspace_id: int, member_id: int, today: date) -> Absence | None:
    """The one that lasts, else the next one."""
    return next((each for each in absences_of(session, workspace_id, member_id) if each.last_on >= today), None)


def set_absence(
    session: Session, workspace_id: int, member_id: int, first_on: date, last_on: date | None, today: date
) -> None:
    """Let these be the member's days off from now on, or none; days that have passed stay as they were."""
    known = absence(session, workspace_id, member_id, today)
    has_begun, goes_on = known is not None and known.first_on < today, last_on is not None and first_on <= today
    if known and has_begun and goes_on:
        first_on = min(first_on, known.first_on)
    if known and has_begun and not goes_on:
        known.last_on = today - _DAY
    elif known:
        session.delete(known)
    if last_on:
        add(session, Absence(workspace_id=workspace_id, member_id=member_id, first_on=first_on, last_on=last_on))
    session.flush()


def forget_absences(session: Session, workspace_id: int, member_id: int) -> None:
    of_member = (col(Absence.workspace_id) == workspace_id, col(Absence.member_id) == member_id)
    session.exec(delete(Absence).where(*of_member))


def zones_without_holidays(session: Session, until: date) -> list[tuple[int, str]]:
    """The time zones of all workspaces and their people whose holidays are not known so far, with the workspace."""
    missing = []
    for workspace in installed_workspaces(session):
        of_workspace = (Member.workspace_id == workspace.id, col(Member.belongs).is_(True))
        zones = {workspace.timezone, *session.exec(select(Member.timezone).where(*of_workspace).distinct())}
        known = select(HolidayCalendar.timezone).where(HolidayCalendar.workspace_id == workspace.id)
        missing += [
            (workspace.id, z) for z in sorted(zones - {*session.exec(known.where(HolidayCalendar.until >= until))})
        ]
    return missing


def keep_holidays(session: Session, calendars: Iterable[HolidayCalendar]) -> None:
    for calendar in calendars:
        session.merge(calendar)


def _holidays(session: Session, workspace_id: int, timezone: str) -> str:
    return _HOLIDAYS.first(session, workspace_id=workspace_id, timezone=timezone) or ""
