"""The rules of ideas: who proposes and votes, and what the owner is asked after 30, 60 and 90 days."""

from datetime import timedelta

from bot.core.context import Context, UserError
from bot.core.language import _
from bot.features.gemba.actions import Propose
from bot.features.gemba.service import hours, kinds, rounds
from storage.due import Due, set_due
from storage.gemba_ideas import (
    Fate,
    GembaFollowUp,
    GembaIdea,
    find_follow_up,
    find_idea,
    follow_ups_on,
    take_vote_back,
    vote_for,
)
from storage.gemba_swaps import find_reflection
from storage.people import Member
from storage.tables import keep, lock

DAYS = (30, 60, 90)
FORGOTTEN = 97  # a week after it was asked for the last time
A_LONG_WEEKEND = timedelta(days=5)  # whoever is away for longer finds it when they come back
LIVING = (Fate.PROPOSED, Fate.TESTING, Fate.ADOPTED)


def propose(ctx: Context, asked: Propose) -> GembaIdea:
    owner = ctx.person(asked.owner)
    if asked.due_on < rounds.today(ctx):
        raise UserError(_("Please choose a day that is not over."), "due_on")
    reflection = find_reflection(ctx.session, ctx.workspace.id, asked.reflection) if asked.reflection else None
    idea = GembaIdea(
        workspace_id=ctx.workspace.id,
        reflection_id=reflection.id if reflection else None,
        author_id=ctx.member.id,
        owner_id=owner.id,
        due_on=asked.due_on,
        proposed_at=ctx.now,
        title=ctx.readable(asked.title),
        background=ctx.readable(asked.background),
        current=ctx.readable(asked.current),
        why=ctx.readable(asked.why),
        countermeasure=ctx.readable(asked.countermeasure),
        measure=ctx.readable(asked.measure),
        before=ctx.readable(asked.before),
    )
    keep(ctx.session, idea)
    for channel in rounds.public_channels(ctx):
        ctx.post(channel, subject=(kinds.IDEA, idea.id))
    for day in (*DAYS, FORGOTTEN):
        at = ctx.now + timedelta(days=day)
        set_due(ctx.session, Due(workspace_id=ctx.workspace.id, kind=kinds.FOLLOW, subject_id=idea.id, step=day, at=at))
    return idea


def known(ctx: Context, idea_id: int) -> GembaIdea:
    idea = find_idea(ctx.session, ctx.workspace.id, idea_id)
    if idea is None:
        raise UserError(_("This idea no longer exists."))
    return idea


def vote(ctx: Context, idea_id: int, *, is_for: bool) -> None:
    idea = known(ctx, idea_id)
    if is_for:
        vote_for(ctx.session, ctx.workspace.id, idea.id, ctx.member.id)
    else:
        take_vote_back(ctx.session, ctx.workspace.id, idea.id, ctx.member.id)
    ctx.refresh(kinds.IDEA, idea.id)


def follow(ctx: Context, due: Due) -> None:
    """Ask the owner what has become of it; if nobody could ever say, it is forgotten, and says so."""
    idea = find_idea(ctx.session, ctx.workspace.id, due.subject_id)
    if idea is None or idea.fate not in LIVING:
        return
    if due.step == FORGOTTEN:
        last = follow_ups_on(ctx.session, ctx.workspace.id, idea.id)[-1:]
        if not last or last[0].fate is None:
            settle(ctx, idea, Fate.FORGOTTEN)
        return
    people = _asked(ctx, idea)
    at = hours.when_at_work(ctx, people[0].id, ctx.now) if people else ctx.now
    if ctx.now < at < ctx.now + A_LONG_WEEKEND:
        due.at = at
        return
    follow_up = GembaFollowUp(workspace_id=ctx.workspace.id, idea_id=idea.id, day=due.step, asked_at=ctx.now)
    keep(ctx.session, follow_up)
    for person in people:
        ctx.post(person, subject=(kinds.ASKED, follow_up.id))


def _asked(ctx: Context, idea: GembaIdea) -> list[Member]:
    """The owner, else the author, else whoever organises job swaps."""
    for member_id in (idea.owner_id, idea.author_id):
        if (person := ctx.colleague(member_id)).belongs:
            return [person]
    return rounds.organisers(ctx)


def asked_of_me(ctx: Context, follow_up_id: int) -> tuple[GembaFollowUp, GembaIdea]:
    follow_up = find_follow_up(ctx.session, ctx.workspace.id, follow_up_id)
    if follow_up is None:
        raise UserError(_("This idea no longer exists."))
    idea = known(ctx, follow_up.idea_id)
    if ctx.member.id not in (idea.owner_id, idea.author_id) and not rounds.organises(ctx, ctx.member):
        raise UserError(_("Whoever owns the idea says what has become of it."))
    return follow_up, idea


def answer(ctx: Context, follow_up_id: int, fate: Fate, *, because: str = "", after: str = "") -> GembaIdea:
    follow_up, idea = asked_of_me(ctx, follow_up_id)
    lock(ctx.session, GembaIdea, ctx.workspace.id, idea.id)
    follow_up.fate, follow_up.answered_at = fate, ctx.now
    idea.dropped_because = ctx.readable(because) if because else ""
    idea.after = ctx.readable(after) if after else idea.after
    ctx.heed(kinds.ASKED, follow_up.id)
    settle(ctx, idea, fate)
    return idea


def settle(ctx: Context, idea: GembaIdea, fate: Fate) -> None:
    idea.fate = fate
    ctx.session.flush()
    ctx.refresh(kinds.IDEA, idea.id)
    for follow_up in follow_ups_on(ctx.session, ctx.workspace.id, idea.id):
        ctx.refresh(kinds.ASKED, follow_up.id)
