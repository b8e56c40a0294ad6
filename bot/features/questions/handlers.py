"""What questions answer to: the card's "Need info", the reaction, the forms, and marketing's answer."""

from sqlmodel import Session

from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.events import CardPosted, ChannelOpened
from bot.core.feature import Feature, Reacted
from bot.core.language import N_
from bot.core.ui import Message
from bot.features.questions import erasure, service, views
from bot.features.questions.actions import AnswerQuestion, Ask, Detail, OpenAnswer, OpenDetail, OpenQuestion
from storage.channels import Purpose
from storage.leads import Lead, lead_of
from storage.people import members
from storage.questions import Question, find_question
from storage.workspaces import Workspace

feature = Feature("questions")
feature.erases(Question)(erasure.from_question)
feature.counts("question", N_("Questions to marketing"))
feature.counts(service.ANSWERED, N_("Answers to questions"))


@feature.action(OpenQuestion, query=True)
def open_form(ctx: Context, asked: OpenQuestion) -> Answer:
    return OpenForm(views.question_form(service.askable(ctx, asked.lead, asked.cycle)))


@feature.action(Ask)
def ask(ctx: Context, asked: Ask) -> Answer:
    question = service.ask(ctx, asked.lead, asked.cycle, asked.text)
    return Reply(views.asked(_lead(ctx, question), question.posted_at is not None))


@feature.reaction("lead", "question")
def ask_by_reaction(ctx: Context, reacted: Reacted) -> None:
    if not reacted.is_there:
        service.withdraw(ctx, reacted.subject_id)
        return
    lead = lead_of(ctx.session, ctx.workspace.id, reacted.subject_id)
    if not service.may_ask(ctx, lead):
        return  # of others it stays a reaction
    question = service.ask(ctx, lead.id, lead.cycle, None)
    ctx.post(ctx.member, subject=(service.REACTED, question.id))


@feature.action(OpenDetail, query=True)
def open_detail(ctx: Context, asked: OpenDetail) -> Answer:
    question = service.own_open(ctx, asked.question)
    return OpenForm(views.detail_form(question, _lead(ctx, question)))


@feature.action(Detail)
def detail(ctx: Context, asked: Detail) -> Answer:
    service.detail(ctx, asked.question, asked.text)
    return Reply(views.detailed())


@feature.action(OpenAnswer, query=True)
def open_answer(ctx: Context, asked: OpenAnswer) -> Answer:
    question = service.answerable(ctx, asked.question)
    return OpenForm(views.answer_form(question, _lead(ctx, question)))


@feature.action(AnswerQuestion)
def answer(ctx: Context, asked: AnswerQuestion) -> Answer:
    question = service.answer(ctx, asked.question, asked.text)
    ctx.post(ctx.colleague(question.asker_id), subject=(service.ANSWERED, question.id))
    return Reply(views.answered())


@feature.on(ChannelOpened)
def put_waiting_questions(ctx: Context, opened: ChannelOpened) -> None:
    if opened.purpose == Purpose.MARKETING:
        service.post_waiting(ctx)


@feature.on(CardPosted)
def put_more(ctx: Context, posted: CardPosted) -> None:
    if posted.subject == "question":
        service.post_waiting(ctx)


@feature.card(service.REACTED)
def reacted_card(session: Session, workspace: Workspace, question_id: int) -> Message | None:
    """Asks the one who reacted what is missing, as long as the question is open."""
    question = find_question(session, workspace.id, question_id)
    return views.what_is_missing(question, lead_of(session, workspace.id, question.lead_id)) if question else None


@feature.card(service.ANSWERED)
def answer_card(session: Session, workspace: Workspace, question_id: int) -> Message | None:
    """Brings the answer to the one who asked."""
    question = find_question(session, workspace.id, question_id)
    if question is None or question.answerer_id is None:
        return None
    answerer = members(session, workspace.id, {question.answerer_id})[question.answerer_id]
    return views.answer_for_asker(question, lead_of(session, workspace.id, question.lead_id), answerer)


@feature.card("question")
def card(session: Session, workspace: Workspace, question_id: int) -> Message | None:
    question = find_question(session, workspace.id, question_id)
    if question is None:
        return None
    people = members(session, workspace.id, {question.asker_id, question.answerer_id or question.asker_id})
    lead = lead_of(session, workspace.id, question.lead_id)
    return views.card(question, lead, people[question.asker_id], people.get(question.answerer_id or 0))


def _lead(ctx: Context, question: Question) -> Lead:
    return lead_of(ctx.session, ctx.workspace.id, question.lead_id)
