"""What stories of job swaps do over and over: rounds that begin, people who sign up, what they are told."""

from datetime import UTC, date, datetime

CLOSES = datetime(2026, 11, 30, 12, tzinfo=UTC)
FREE = ("2026-12-07am", "2026-12-07pm", "2026-12-08am", "2026-12-08pm")
OFFER = {
    "level": "2",
    "job": "My calls of the day",
    "where": "remote",
    "capacity": "1",
    "formats": ["half_day"],
    "free": list(FREE),
    "languages": ["en"],
}


async def begins(ada, **dates):
    """The organiser begins a round by hand; what the two of them are told is read."""
    await ada.types("/gemba now")
    await ada.fills(**dates)
    answer = ada.reads()
    return answer, ada.reads_dm()


async def signs_up(member, role, **changes):
    """Open the form and sign up; the answer."""
    await member.types("/gemba")
    shown = member.replies.popleft()
    label = "Sign up..." if any("Sign up..." in part for part in labels(shown)) else "Change..."
    await member.presses(label, on=shown)
    await member.fills(**{**OFFER, "role": role, **changes})
    return member.reads() if member.replies else ""


def labels(message):
    return [button.label for part in message.parts if part.kind == "buttons" for button in part.row]


def forget(*members):
    """What they were told is no matter here."""
    for member in members:
        member.dm.unread.clear()
        member.replies.clear()


def on(day, hour=8, month=12, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def day_of(label):
    return date.fromisoformat(label[:10])
