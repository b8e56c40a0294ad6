"""Invitations as calendars read them: the right instants in every zone, and one event through changes and an end.

Read by `ical`, and the rules of the clocks by dateutil, neither of which wrote them.
"""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from dateutil import tz
from ical.calendar_stream import IcsCalendarStream
from ical.event import EventStatus

from bot.rules.invitations import invitation

ZONES = {  # with days on which their clocks change
    "Europe/Berlin": ("2026-10-25", "2027-03-28"),
    "America/New_York": ("2026-11-01", "2027-03-14"),
    "America/Santiago": ("2026-09-06", "2027-04-04"),
    "Africa/Casablanca": ("2027-02-07", "2027-03-14"),
    "Australia/Lord_Howe": ("2026-10-04", "2027-04-04"),
    "Pacific/Auckland": ("2026-09-27", "2027-04-04"),
    "Asia/Tehran": ("2027-03-21",),
    "Asia/Kolkata": ("2026-12-07",),
    "UTC": ("2026-12-07",),
}
HALF_HOUR, THREE_HOURS = timedelta(minutes=30), timedelta(hours=3)
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
BEGINS = datetime(2026, 12, 7, 8, tzinfo=UTC)


def an_invitation(**changed):
    usual = {
        "uid": "gemba-7@t0acme.parley",
        "sequence": 0,
        "begins": BEGINS,
        "ends": BEGINS + THREE_HOURS,
        "zone": "Europe/Berlin",
        "title": "Job swap: Ana visits Mo",
        "text": "Half-day swap",
        "place": "Berlin, 3rd floor",
        "attendees": [("Ana", "ana@acme.example"), ("Mo", "mo@acme.example")],
        "now": NOW,
    }
    return invitation(**usual | changed).decode()


def read(file):
    calendar = IcsCalendarStream.calendar_from_ics(file)
    [event] = calendar.events
    return calendar, event


def the_rules_say(file, name):
    """The instant of the event's property, by nothing but the rules that stand in the file."""
    [told] = [line for line in file.partition("BEGIN:VEVENT")[2].splitlines() if line.startswith(name)]
    at = datetime.fromisoformat(told.rpartition(":")[2].removesuffix("Z"))
    if told.endswith("Z"):
        return at.replace(tzinfo=UTC)
    zone = told.partition("TZID=")[2].partition(":")[0]
    return at.replace(tzinfo=tz.tzical(StringIO(file)).get(zone)).astimezone(UTC)


def half_hours(zone, day):
    """Those around the change of the clocks on a day, or around noon."""
    noon = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    that_day = [noon + number * HALF_HOUR for number in range(-52, 28)]
    offsets = [at.astimezone(tz.gettz(zone)).utcoffset() for at in that_day]
    changed = next((number for number in range(1, len(offsets)) if offsets[number] != offsets[number - 1]), 52)
    return that_day[changed - 8 : changed + 8]


@pytest.mark.parametrize("zone", ZONES)
def test_a_visit_is_at_its_instant_also_when_the_clocks_change(zone):
    for day in ZONES[zone]:
        for begins in half_hours(zone, day):
            file = an_invitation(begins=begins, ends=begins + THREE_HOURS, zone=zone)
            assert the_rules_say(file, "DTSTART") == begins
            assert the_rules_say(file, "DTEND") == begins + THREE_HOURS


@pytest.mark.parametrize("zone", ZONES)
def test_a_visit_is_shown_as_the_clocks_of_its_host_show_it(zone):
    _calendar, event = read(an_invitation(zone=zone))
    assert (event.dtstart, event.dtend) == (BEGINS, BEGINS + THREE_HOURS)
    assert event.dtstart.utcoffset() == BEGINS.astimezone(tz.gettz(zone)).utcoffset()


def test_a_change_and_an_end_are_of_the_same_event():
    later = BEGINS + timedelta(days=2)
    calendar, first = read(an_invitation())
    changed, second = read(an_invitation(sequence=1, begins=later, ends=later + THREE_HOURS))
    cancelled, third = read(an_invitation(sequence=2, begins=later, ends=later + THREE_HOURS, is_cancelled=True))
    assert [calendar.method, changed.method, cancelled.method] == ["REQUEST", "REQUEST", "CANCEL"]
    assert first.uid == second.uid == third.uid == "gemba-7@t0acme.parley"
    assert [first.sequence, second.sequence, third.sequence] == [0, 1, 2]
    assert (first.status, third.status) == (EventStatus.CONFIRMED, EventStatus.CANCELLED)
    assert second.dtstart == third.dtstart == later
    assert first.organizer == third.organizer
    assert first.attendees == third.attendees


def test_both_have_agreed_so_no_calendar_sends_an_answer():
    _calendar, event = read(an_invitation(attendees=[("Ana", "ana+work@acme.example"), ("Mo", None)]))
    assert [(each.common_name, each.uri) for each in event.attendees] == [
        ("Ana", "mailto:ana+work@acme.example"),
        ("Mo", "invalid:nomail"),
    ]
    assert {(each.status, each.rsvp) for each in event.attendees} == {("ACCEPTED", False)}
    assert (event.organizer.common_name, event.organizer.uri) == ("Parley", "invalid:nomail")


@pytest.mark.parametrize(
    "text",
    [
        "one, two; three: \\four \\n \"five\" 'six'",
        "ends\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil",
        "ends\nATTENDEE:mailto:eve@evil.example",
        "Zoë Ünlü 赵 علی 🦊 " * 20,
        "",
    ],
)
def test_what_people_wrote_is_text(text):
    file = an_invitation(title=text, text=text, place=text, attendees=[(text, f"ana@acme.example{text}")])
    _calendar, event = read(file)
    as_read = text.replace("\r\n", "\n")
    assert (event.summary, event.description or "", event.location or "") == (as_read, as_read, as_read)
    assert [each.common_name for each in event.attendees] == [as_read]
    assert event.uid == "gemba-7@t0acme.parley"
    assert max(len(line.encode()) for line in file.split("\r\n")) <= 75
