"""The rules of the noise budget: which messages are counted, when admins are asked, and what they can decide."""

from dataclasses import dataclass
from datetime import timedelta

from bot.core.context import Context, UserError
from bot.core.counting import Counted, InDigest
from bot.core.language import _
from bot.features.noise.actions import ChangeSettings
from bot.rules.statistics import Share, wilson
from storage.digest import is_in_digest
from storage.noise import NoiseChoice, choice_about, choices, count_acts, find_choice
from storage.people import members

PERIOD = timedelta(weeks=4)
OLD_ENOUGH = timedelta(days=3)  # a working day at least, whatever the day of the week
LEAST = 30  # messages, below which a share says too little
AGAIN = timedelta(weeks=8)


@dataclass(frozen=True)
class Rate:
    """How many messages of a kind were sent, and how many of them were acted on."""

    kind: str
    counted: Counted
    sent: int
    acted: int
    is_folded: bool

    @property
    def share(self) -> Share | None:
        return wilson(self.acted, self.sent)


@dataclass(frozen=True)
class Proposal:
    """What admins are asked about a kind of message, and what became of it."""

    choice: NoiseChoice
    counted: Counted
    in_digest: InDigest
    is_told: bool  # a digest stands in for it
    decided_by: str | None


def rates(ctx: Context) -> list[Rate]:
    """Of every kind that is counted, over four weeks, without those that are too new to have been acted on."""
    until, counted, folded = ctx.now - OLD_ENOUGH, ctx.subscribers.counted, folded_kinds(ctx)
    found = count_acts(ctx.session, ctx.workspace.id, list(counted), until - PERIOD, until)
    return [Rate(kind, counted[kind], *found.get(kind, (0, 0)), is_folded=kind in folded) for kind in counted]


def low(ctx: Context) -> list[Rate]:
    """Of what could be folded: that on which so few act that admins may have to be asked."""
    below = ctx.workspace.folds_below
    seen = [rate for rate in rates(ctx) if rate.counted.in_digest and rate.sent >= LEAST]
    return [rate for rate in seen if 100 * rate.acted < below * rate.sent]


def foldables(ctx: Context) -> dict[str, Counted]:
    return {kind: counted for kind, counted in ctx.subscribers.counted.items() if counted.in_digest}


def folded_kinds(ctx: Context) -> set[str]:
    """What admins have folded; whether a digest stands in for it is another question."""
    return {choice.kind for choice in choices(ctx.session, ctx.workspace.id) if choice.is_folded}


def propose(ctx: Context, rate: Rate) -> Proposal | None:
    """What admins are to be asked; nothing if they were asked, or decided, within eight weeks."""
    choice = choice_about(ctx.session, ctx.workspace.id, rate.kind)
    last = max(filter(None, (choice.asked_at, choice.decided_at)), default=None)
    if choice.is_folded or (last and ctx.now < last + AGAIN):
        return None
    choice.asked_at, choice.sent, choice.acted = ctx.now, rate.sent, rate.acted
    choice.decided_at = choice.decided_by = None
    return proposal(ctx, choice)


def proposal(ctx: Context, choice: NoiseChoice) -> Proposal:
    counted = foldables(ctx).get(choice.kind)
    if counted is None or counted.in_digest is None:
        raise UserError(_("This kind of message is not sent any more."))
    who = members(ctx.session, ctx.workspace.id, {choice.decided_by}) if choice.decided_by else {}
    return Proposal(
        choice=choice,
        counted=counted,
        in_digest=counted.in_digest,
        is_told=is_in_digest(ctx.session, ctx.workspace.id, counted.in_digest.section),
        decided_by=next((member.name for member in who.values()), None),
    )


def decide(ctx: Context, choice_id: int, *, is_folded: bool) -> Proposal:
    """Fold a kind or have it sent. What was decided already stays as it was."""
    check_admin(ctx)
    choice = find_choice(ctx.session, ctx.workspace.id, choice_id)
    if choice is None:
        raise UserError(_("This is too old. /parley report noise shows what is sent now."))
    if choice.decided_at and choice.is_folded == is_folded:
        return proposal(ctx, choice)
    return _decide(ctx, choice, is_folded)


def change(ctx: Context, asked: ChangeSettings) -> list[Proposal]:
    """The kinds about which something was decided by it."""
    check_admin(ctx)
    ctx.workspace.folds_below = int(asked.below)
    changed = folded_kinds(ctx) ^ set(asked.folded)
    return [
        _decide(ctx, choice_about(ctx.session, ctx.workspace.id, kind), kind in asked.folded)
        for kind in foldables(ctx)
        if kind in changed
    ]


def check_admin(ctx: Context) -> None:
    if not ctx.member.administers:
        raise UserError(_("Only an admin of Parley can see and change this. /parley setup says who that is."))


def _decide(ctx: Context, choice: NoiseChoice, is_folded: bool) -> Proposal:
    if is_folded and not proposal(ctx, choice).is_told:
        raise UserError(_("No daily digest would tell of it. First let a channel have one: /digest settings"), "folded")
    choice.is_folded, choice.decided_by, choice.decided_at = is_folded, ctx.member.id, ctx.now
    return proposal(ctx, choice)
