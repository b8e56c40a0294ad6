"""What ideas and the ledger answer to."""

from sqlmodel import Session

from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.feature import Usage
from bot.core.language import N_
from bot.core.ui import Message
from bot.features.gemba import reading
from bot.features.gemba.actions import (
    Adopted,
    Dropped,
    FollowUp,
    OpenAdopted,
    OpenDropped,
    OpenIdea,
    Propose,
    TakeVoteBack,
    Vote,
)
from bot.features.gemba.handlers.gemba import feature
from bot.features.gemba.service import ideas, kinds
from bot.features.gemba.views import ideas as views
from bot.features.gemba.views import status
from storage.due import Due
from storage.gemba_ideas import Fate, find_follow_up, find_idea
from storage.gemba_ideas import ideas as all_ideas
from storage.gemba_swaps import count_untold, find_reflection
from storage.workspaces import Workspace


@feature.command("gemba ideas", Usage("ideas", N_("ideas from job swaps, and what became of them")), query=True)
def show_ideas(ctx: Context, text: str) -> Answer:
    found = all_ideas(ctx.session, ctx.workspace.id)
    return Reply(views.listing(reading.idea_cards(ctx.session, ctx.workspace, found[: views.SHOWN])))


@feature.command("gemba ledger", Usage("ledger", N_("hours given and received by each function")), query=True)
def show_ledger(ctx: Context, text: str) -> Answer:
    untold = count_untold(ctx.session, ctx.workspace.id, ctx.now)
    return Reply(status.ledger(reading.hours(ctx.session, ctx.workspace.id), untold))


@feature.action(OpenIdea, query=True)
def open_idea(ctx: Context, asked: OpenIdea) -> Answer:
    found = find_reflection(ctx.session, ctx.workspace.id, asked.reflection) if asked.reflection else None
    return OpenForm(views.idea_form(found if found and found.published_at else None, ctx.member.external_id))


@feature.action(Propose)
def propose(ctx: Context, asked: Propose) -> Answer:
    return Reply(views.proposed(ideas.propose(ctx, asked)))


@feature.action(Vote)
def vote(ctx: Context, asked: Vote) -> Answer:
    ideas.vote(ctx, asked.idea, is_for=True)
    return None


@feature.action(TakeVoteBack)
def take_vote_back(ctx: Context, asked: TakeVoteBack) -> Answer:
    ideas.vote(ctx, asked.idea, is_for=False)
    return None


@feature.due(kinds.FOLLOW)
def follow(ctx: Context, due: Due) -> None:
    ideas.follow(ctx, due)


@feature.card(kinds.IDEA)
def card(session: Session, workspace: Workspace, idea_id: int) -> Message | None:
    idea = find_idea(session, workspace.id, idea_id)
    return views.card(reading.idea_cards(session, workspace, [idea])[0]) if idea else None


@feature.card(kinds.ASKED)
def asked_card(session: Session, workspace: Workspace, follow_up_id: int) -> Message | None:
    follow_up = find_follow_up(session, workspace.id, follow_up_id)
    idea = find_idea(session, workspace.id, follow_up.idea_id) if follow_up else None
    return views.asked(follow_up, idea) if follow_up and idea else None


@feature.action(FollowUp)
def follow_up(ctx: Context, asked: FollowUp) -> Answer:
    return Reply(views.answered(ideas.answer(ctx, asked.follow_up, Fate(asked.fate))))


@feature.action(OpenAdopted, query=True)
def open_adopted(ctx: Context, asked: OpenAdopted) -> Answer:
    return OpenForm(views.adopted_form(*ideas.asked_of_me(ctx, asked.follow_up)))


@feature.action(Adopted)
def adopted(ctx: Context, asked: Adopted) -> Answer:
    return Reply(views.answered(ideas.answer(ctx, asked.follow_up, Fate.ADOPTED, after=asked.after)))


@feature.action(OpenDropped, query=True)
def open_dropped(ctx: Context, asked: OpenDropped) -> Answer:
    return OpenForm(views.dropped_form(ideas.asked_of_me(ctx, asked.follow_up)[0]))


@feature.action(Dropped)
def dropped(ctx: Context, asked: Dropped) -> Answer:
    return Reply(views.answered(ideas.answer(ctx, asked.follow_up, Fate.DROPPED, because=asked.because)))
