"""What results of the pulse answer to: a closed wave, whoever asks for one, and heads who say what they will do."""

from sqlmodel import Session

from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.feature import Usage
from bot.core.language import N_
from bot.core.ui import Message
from bot.features.pulse import heads, overdue, result_erasure, results, waves
from bot.features.pulse.actions import OpenSentence, SaySentence, ShowComments
from bot.features.pulse.handlers import feature
from bot.features.pulse.views import comments as comments_views
from bot.features.pulse.views import heads as heads_views
from bot.features.pulse.views import results as results_views
from bot.rules.published import Published
from storage.due import Due
from storage.pulse_results import PulseResult, PulseSentence, find_sentence
from storage.workspaces import Workspace

feature.erases(PulseResult)(result_erasure.from_result)
feature.erases(PulseSentence)(result_erasure.from_sentence)


@feature.calculation(results.PUBLISH, "pulse_results", results.question)
def publish(ctx: Context, due: Due, published: Published) -> None:
    results.publish(ctx, due, published)


@feature.due(waves.UNCLOSED)
def see_to_unclosed(ctx: Context, due: Due) -> None:
    overdue.see_to_close(ctx, due)


@feature.due(results.OVERDUE)
def see_to_overdue(ctx: Context, due: Due) -> None:
    overdue.see_to(ctx, due)


@feature.card(results.CARD)
def result_card(session: Session, workspace: Workspace, wave_id: int) -> Message | None:
    shown = results.shown(session, workspace.id, wave_id)
    return results_views.result(shown) if shown else None


@feature.command("pulse results", Usage("results 12", N_("what the last pulse, or the twelfth, said")), query=True)
def show_result(ctx: Context, text: str) -> Answer:
    return Reply(results_views.result(results.asked_for(ctx, text.strip())))


@feature.action(ShowComments, query=True)
def show_comments(ctx: Context, asked: ShowComments) -> Answer:
    return Reply(comments_views.page(results.asked_for(ctx, str(asked.pulse)), asked.page))


@feature.card(heads.ASKED)
def heads_card(session: Session, workspace: Workspace, wave_id: int) -> Message | None:
    shown = results.shown(session, workspace.id, wave_id)
    return heads_views.question(shown, wave_id) if shown else None


@feature.action(OpenSentence, query=True)
def open_sentence(ctx: Context, asked: OpenSentence) -> Answer:
    heads.check_may_say(ctx, asked.wave)
    before = find_sentence(ctx.session, ctx.workspace.id, asked.wave, ctx.member.id)
    return OpenForm(heads_views.form(asked.wave, before.text if before else None))


@feature.action(SaySentence)
def say_sentence(ctx: Context, asked: SaySentence) -> Answer:
    heads.say(ctx, asked.wave, asked.text)
    for subject in (results.CARD, heads.ASKED):
        ctx.refresh(subject, asked.wave)
    return Reply(heads_views.thanks())
