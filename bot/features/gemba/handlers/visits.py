"""What visits and reflections answer to: what falls due before and after, and the forms that are filled in."""

from sqlmodel import Session

from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.ui import Message
from bot.features.gemba import reading
from bot.features.gemba.actions import (
    Approve,
    Correct,
    Observe,
    OpenCorrect,
    OpenObserve,
    OpenReflect,
    Reflect,
    TellOutcome,
)
from bot.features.gemba.handlers.gemba import feature
from bot.features.gemba.service import kinds, reflections, visits
from bot.features.gemba.views import ideas as slides
from bot.features.gemba.views import visits as views
from bot.features.gemba.words import MOST_FACTS
from storage.due import Due
from storage.gemba_swaps import find_reflection
from storage.workspaces import Workspace


@feature.due(kinds.PREPARE)
def prepare(ctx: Context, due: Due) -> None:
    visits.prepare(ctx, due)


@feature.due(kinds.REMIND)
def remind(ctx: Context, due: Due) -> None:
    visits.remind(ctx, due)


@feature.due(kinds.OBSERVE)
def ask_to_observe(ctx: Context, due: Due) -> None:
    visits.ask_to_observe(ctx, due)


@feature.due(kinds.AFTER)
def ask_afterwards(ctx: Context, due: Due) -> None:
    visits.ask_afterwards(ctx, due)


@feature.due(kinds.PUBLISH)
def publish(ctx: Context, due: Due) -> None:
    reflections.publish_in_time(ctx, due)


@feature.card(kinds.PREPARATION)
def preparation(session: Session, workspace: Workspace, leg_id: int) -> Message | None:
    shown = reading.visit_card(session, workspace, leg_id)
    return views.preparation(shown) if shown else None


@feature.card(kinds.OBSERVATION)
def observation(session: Session, workspace: Workspace, leg_id: int) -> Message | None:
    shown = reading.visit_card(session, workspace, leg_id)
    return views.observation(shown) if shown else None


@feature.card(kinds.AFTERWARDS)
def afterwards(session: Session, workspace: Workspace, leg_id: int) -> Message | None:
    shown = reading.visit_card(session, workspace, leg_id)
    return views.afterwards(shown) if shown else None


@feature.card(kinds.CHECK)
def check(session: Session, workspace: Workspace, reflection_id: int) -> Message | None:
    found = find_reflection(session, workspace.id, reflection_id)
    return slides.check(reading.slides(session, workspace, found)) if found else None


@feature.card(kinds.SLIDES)
def published(session: Session, workspace: Workspace, reflection_id: int) -> Message | None:
    found = find_reflection(session, workspace.id, reflection_id)
    return slides.slides(reading.slides(session, workspace, found)) if found else None


@feature.action(OpenObserve, query=True)
def open_observe(ctx: Context, asked: OpenObserve) -> Answer:
    leg = visits.visited(ctx, asked.leg)
    shown = reading.visit_card(ctx.session, ctx.workspace, leg.id)
    return OpenForm(views.observation_form(shown)) if shown else None


@feature.action(Observe)
def observe(ctx: Context, asked: Observe) -> Answer:
    leg = visits.observe(ctx, asked)
    [shown] = reading.noted_by(ctx.session, ctx.workspace, [leg])
    return Reply(views.noted(MOST_FACTS - len(shown.facts)))


@feature.action(TellOutcome)
def tell_outcome(ctx: Context, asked: TellOutcome) -> Answer:
    visits.tell_outcome(ctx, asked.leg, took_place=asked.took_place)
    return Reply(views.told(took_place=asked.took_place))


@feature.action(OpenReflect, query=True)
def open_reflect(ctx: Context, asked: OpenReflect) -> Answer:
    swap, legs = reflections.reflectable(ctx, asked.swap)
    shown = reading.noted_by(ctx.session, ctx.workspace, legs)
    facts = [views.fact(found) for each in shown for found in each.facts]
    return OpenForm(slides.reflection_form(swap, shown[0].host.name, facts))


@feature.action(Reflect)
def reflect(ctx: Context, asked: Reflect) -> Answer:
    reflection = reflections.write(ctx, asked)
    return Reply(slides.reflected(ctx.colleague(reflection.host_id).name))


@feature.action(Approve)
def approve(ctx: Context, asked: Approve) -> Answer:
    reflections.approve(ctx, asked.reflection)
    return Reply(slides.approved())


@feature.action(OpenCorrect, query=True)
def open_correct(ctx: Context, asked: OpenCorrect) -> Answer:
    return OpenForm(slides.correct_form(reflections.correctable(ctx, asked.reflection)))


@feature.action(Correct)
def correct(ctx: Context, asked: Correct) -> Answer:
    reflections.correct(ctx, asked.reflection, asked.text)
    return Reply(slides.corrected())
