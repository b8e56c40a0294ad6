"""What people can do in job swaps. Names here are wire format: add, never rename."""

from datetime import date
from typing import Literal

from pydantic import Field

from bot.core.action import Action
from bot.features.gemba.words import Fact, Language, Role, Theme, Where
from bot.rules.swaps import Format

Half = str  # "2026-12-07am"


# Rounds


class OpenRound(Action, name="gemba.open_round"):
    """Opens the form of a new round."""


class Begin(Action, name="gemba.begin"):
    closes_on: date
    first_on: date
    last_on: date
    formats: tuple[Format, ...] = Field(min_length=1)


class OpenForAll(Action, name="gemba.open_for_all"):
    """Do not wait for the heads any longer."""

    round: int


class MatchNow(Action, name="gemba.match_now"):
    round: int


class Preview(Action, name="gemba.preview"):
    """Show the organiser what a matching would bring; nobody else is told anything."""

    round: int


class OpenSettings(Action, name="gemba.open_settings"):
    pass


class ChangeSettings(Action, name="gemba.settings"):
    """`every` 0: rounds begin by hand only."""

    organiser: str | None = None
    every: int = Field(ge=0, le=52)
    starts_on: date | None = None
    no_repeat: int = Field(ge=0, le=50)
    sign_up_days: int = Field(ge=1, le=30)
    visit_weeks: int = Field(ge=1, le=8)
    formats: tuple[Format, ...] = Field(min_length=1)


# Sign-ups


class OpenSignUp(Action, name="gemba.open_sign_up"):
    pass


class SignUp(Action, name="gemba.sign_up"):
    """What I want to see, and what I offer as a host; `avoid` is told to nobody."""

    round: int
    wished_roles: tuple[Role, ...] = ()
    wished_themes: tuple[Theme, ...] = ()
    curious: str = Field(default="", max_length=500)
    role: Role
    level: Literal["1", "2", "3", "4", "5"]
    job: str = Field(default="", max_length=500)
    offered_themes: tuple[Theme, ...] = ()
    where: Where
    place: str = Field(default="", max_length=80)
    capacity: int = Field(ge=1, le=5)
    off_limits: str = Field(default="", max_length=300)
    formats: tuple[Format, ...] = Field(min_length=1)
    free: tuple[Half, ...] = Field(min_length=1, max_length=100)
    languages: tuple[Language, ...] = Field(min_length=1)
    avoid: str | None = None


class Withdraw(Action, name="gemba.withdraw"):
    """From the round, and from a swap that was agreed."""

    round: int


class OpenExcuse(Action, name="gemba.open_excuse"):
    round: int


class Excuse(Action, name="gemba.excuse"):
    round: int
    excuse: str = Field(min_length=3, max_length=300)


class OpenSnooze(Action, name="gemba.open_snooze"):
    pass


class Snooze(Action, name="gemba.snooze"):
    until: date


class AskAgain(Action, name="gemba.ask_again"):
    """No snooze and no pause any more."""


class ShowAvoided(Action, name="gemba.show_avoided"):
    pass


class AvoidNoMore(Action, name="gemba.avoid_no_more"):
    member: int


class TakeOffer(Action, name="gemba.take_offer"):
    """Ask the host for the ride-along that was offered."""

    sign_up: int


# Swaps


class Accept(Action, name="gemba.accept"):
    consent: int


class OpenAnotherDate(Action, name="gemba.open_another_date"):
    consent: int


class AnotherDate(Action, name="gemba.another_date"):
    """Each names a half-day of whoever the other is."""

    consent: int
    mine: Half | None = None
    theirs: Half | None = None


class OpenDecline(Action, name="gemba.open_decline"):
    consent: int


class Decline(Action, name="gemba.decline"):
    consent: int
    then: Literal["again", "out"] = "again"


# Visits


class OpenObserve(Action, name="gemba.open_observe"):
    leg: int


class Observe(Action, name="gemba.observe"):
    leg: int
    kind: Fact
    text: str = Field(min_length=3, max_length=400)
    own: tuple[Literal["own"], ...] = ()


class TellOutcome(Action, name="gemba.outcome"):
    leg: int
    took_place: bool


class OpenReflect(Action, name="gemba.open_reflect"):
    swap: int


class Reflect(Action, name="gemba.reflect"):
    """Three slides."""

    swap: int
    did: str = Field(min_length=3, max_length=1000)
    wrong: str = Field(min_length=3, max_length=700)
    change: str = Field(min_length=3, max_length=700)


class Approve(Action, name="gemba.approve"):
    reflection: int


class OpenCorrect(Action, name="gemba.open_correct"):
    reflection: int


class Correct(Action, name="gemba.correct"):
    reflection: int
    text: str = Field(min_length=3, max_length=700)


# Ideas


class OpenIdea(Action, name="gemba.open_idea"):
    reflection: int | None = None


class Propose(Action, name="gemba.propose"):
    reflection: int | None = None
    title: str = Field(min_length=3, max_length=100)
    background: str = Field(min_length=3, max_length=500)
    current: str = Field(min_length=3, max_length=500)
    why: str = Field(min_length=3, max_length=500)
    countermeasure: str = Field(min_length=3, max_length=500)
    owner: str
    due_on: date
    measure: str = Field(min_length=3, max_length=150)
    before: str = Field(min_length=1, max_length=100)


class Vote(Action, name="gemba.vote"):
    idea: int


class TakeVoteBack(Action, name="gemba.take_vote_back"):
    idea: int


class FollowUp(Action, name="gemba.follow_up"):
    follow_up: int
    fate: Literal["testing", "forgotten"]


class OpenAdopted(Action, name="gemba.open_adopted"):
    follow_up: int


class Adopted(Action, name="gemba.adopted"):
    follow_up: int
    after: str = Field(min_length=1, max_length=100)


class OpenDropped(Action, name="gemba.open_dropped"):
    follow_up: int


class Dropped(Action, name="gemba.dropped"):
    follow_up: int
    because: str = Field(min_length=3, max_length=300)
