"""Invitations for calendars: one visit as an iCalendar file (RFC 5545, sent as RFC 5546 has it)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from bot.core.recurrence import change
from bot.rules.calendars import zone_of

if TYPE_CHECKING:
    from icalendar import Timezone

# Who has no address is named all the same. Parley has none, and waits for no answer: both agreed in the chat.
NO_ADDRESS = "invalid:nomail"
ORGANISER = "Parley"


def prepare() -> None:
    """Load what writing one takes, where nobody waits for it."""
    import icalendar  # noqa: F401


def invitation(
    *,
    uid: str,
    sequence: int,
    begins: datetime,
    ends: datetime,
    zone: str,
    title: str,
    text: str,
    place: str,
    attendees: Sequence[tuple[str, str | None]],
    now: datetime,
    is_cancelled: bool = False,
) -> bytes:
    """The file; one with the same `uid` and a greater `sequence` changes, or cancels, what an earlier one put in.

    Times are told in a zone's own, with its rules: a calendar that shows them elsewhere comes to the same instants.
    Attendees are names with e-mail addresses.
    """
    from icalendar import Calendar, Event, vCalAddress, vText  # 50 ms and 5 MB, for what happens once in a while

    where = zone_of(zone)
    event = Event()
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", _told(begins, where))
    event.add("dtend", _told(ends, where))
    event.add("summary", title)
    event.add("description", text)
    event.add("location", place)
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    organiser = vCalAddress(NO_ADDRESS)
    organiser.params["CN"] = vText(ORGANISER)
    event.add("organizer", organiser)
    for name, address in attendees:
        attendee = vCalAddress(f"mailto:{quote(address, safe='@+')}" if address else NO_ADDRESS)
        attendee.params.update(CN=vText(name), PARTSTAT=vText("ACCEPTED"), RSVP=vText("FALSE"))
        event.add("attendee", attendee)
    calendar = Calendar()
    calendar.add("prodid", "-//Parley//job swaps//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if is_cancelled else "REQUEST")
    if where.key != "UTC":
        calendar.add_component(_rules(where, begins.year))
    calendar.add_component(event)
    file: bytes = calendar.to_ical()
    return file


def _told(at: datetime, zone: ZoneInfo) -> datetime:
    """As the zone's clocks show it; in UTC if they show it for the second time, for a file can only name the first."""
    local = at.astimezone(zone)
    return at.astimezone(UTC) if local.fold else local


@lru_cache(maxsize=64)
def _rules(zone: ZoneInfo, year: int) -> "Timezone":
    """How the clocks of a zone change from the year before to the year after.

    The library's own (`Timezone.from_tzinfo`, 7.3) tell an onset as clocks show it that have changed, which is an hour
    late (RFC 5545, 3.6.5: those that are about to), and forget changes where they come at other times each year.
    """
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

    rules = Timezone()
    rules.add("tzid", zone.key)
    before = first = datetime(year - 1, 1, 1, tzinfo=UTC)
    for day in range(3 * 366):
        behind = first + timedelta(days=day)
        if day == 0 or behind.astimezone(zone).utcoffset() != before.astimezone(zone).utcoffset():
            onset = change(before, behind, zone) if day else first
            was, then = before.astimezone(zone), onset.astimezone(zone)
            rule = TimezoneDaylight() if then.dst() else TimezoneStandard()
            rule.add("dtstart", onset.replace(tzinfo=None) + (was.utcoffset() or timedelta()))
            rule.add("tzoffsetfrom", was.utcoffset())
            rule.add("tzoffsetto", then.utcoffset())
            rule.add("tzname", then.tzname())
            rules.add_component(rule)
        before = behind
    return rules
