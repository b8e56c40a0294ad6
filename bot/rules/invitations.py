"""Invitations for calendars."""

from collections.abc import Sequence
from datetime import datetime


def invitation(
    *,
    uid: str,
    sequence: int,
    begins: datetime,
    ends: datetime,
    title: str,
    text: str,
    place: str,
    attendees: Sequence[tuple[str, str | None]],
    now: datetime,
    is_cancelled: bool = False,
) -> bytes:
    method = "CANCEL" if is_cancelled else "REQUEST"
    return f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nUID:{uid}\r\nSEQUENCE:{sequence}\r\nEND:VCALENDAR\r\n".encode()
