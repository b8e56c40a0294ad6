"""What stories of job swaps do over and over: rounds that begin, people who sign up, what they are told."""

from datetime import UTC, date, datetime, timedelta

from sqlmodel import col, select

from storage.gemba import GembaRound, GembaSignUp, GembaStanding, Wish, standing
from storage.gemba_swaps import STANDING, GembaSwap
from storage.people import Member
from storage.tables import add
from tests.features.stories import rows

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


async def join(world, members, **changes):
    """Many sign up at once, without a form each."""
    ids = [(await member.row()).id for member in members]

    def work(session):
        gemba = session.exec(select(GembaRound).order_by(col(GembaRound.id).desc())).first()
        for member_id in ids:
            values = {"role": "events", "formats": "half_day,ride_along", "free": ",".join(FREE), "languages": "en"}
            sign_up = GembaSignUp(workspace_id=gemba.workspace_id, round_id=gemba.id, member_id=member_id)
            for name, value in {**values, "wish": Wish.SIGNED_UP, "job": "My day", **changes}.items():
                setattr(sign_up, name, value)
            add(session, sign_up)

    await world.database.write(work)


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


async def partners(world):
    """By the name of the first, whom they are to swap with now."""

    def look(session):
        names = {member.id: member.name for member in session.exec(select(Member))}
        swaps = session.exec(select(GembaSwap).where(col(GembaSwap.state).in_(STANDING)))
        return {names[swap.one_id]: names[swap.other_id] for swap in swaps}

    return await world.database.read(look)


def waits(session):
    """By member, for how many rounds they have been left out."""
    return {state.member_id: state.waited for state in session.exec(select(GembaStanding))}


async def have_waited(world, *members, rounds):
    ids = [(await member.row()).id for member in members]

    def work(session):
        for member_id in ids:
            standing(session, 1, member_id).waited = rounds

    await world.database.write(work)


async def asked_to_swap(world, organiser, sales, marketing):
    """Ana and Mo have signed up and are asked whether they want to swap."""
    ana, mo = await world.member("Ana", "sales"), await world.member("Mo", "marketing")
    await begins(organiser)
    await join(world, [ana], role="sdr")
    await join(world, [mo])
    await world.time_passes(CLOSES + timedelta(minutes=5))
    sales.unread.clear()
    marketing.unread.clear()
    return ana, mo, ana.reads_dm(), mo.reads_dm()


async def agreed(world, organiser, sales, marketing):
    """Both have said yes; what they are sent is read."""
    ana, mo, anas, mos = await asked_to_swap(world, organiser, sales, marketing)
    for member, question in ((ana, anas), (mo, mos)):
        await member.presses("Accept", on=question)
    forget(ana, mo)
    return ana, mo, anas, mos


def heads(member):
    """The headlines of what a member was told and has not read; they have now."""
    found = [posted.message.headline for posted in member.dm.unread]
    member.dm.unread.clear()
    return found


async def ends(world):
    """When the round that runs is over."""
    gemba = (await rows(world, GembaRound))[-1]
    return datetime(gemba.last_on.year, gemba.last_on.month, gemba.last_on.day, 13, tzinfo=UTC) + timedelta(days=4)
