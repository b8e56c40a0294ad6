"""The rules of questions: who may ask and answer, and what pauses meanwhile."""

from bot.core.context import Context, UserError
from bot.core.events import ClocksChanged, MemberActed
from bot.core.language import _, fill
from bot.rules.answering import answers
from bot.rules.lead_states import OPEN, decides
from storage.campaigns import campaign_owner, who_answers
from storage.leads import Lead, find_lead, lead_of
from storage.questions import Question, find_question, newest_question, questions_without_card
from storage.tables import add, lock

WAITING_AT_ONCE = 5
REACTED = "questions.reacted"  # the subject of the message that asks what is missing
ANSWERED = "questions.answered"  # ... and of the one that brings the answer


def askable(ctx: Context, lead_id: int, cycle: int) -> Lead:
    """The lead, if a question about it can be asked now."""
    lead = find_lead(ctx.session, ctx.workspace.id, lead_id)
    if lead is None or lead.state not in OPEN:
        raise UserError(_("This lead is not open any more."))
    if not may_ask(ctx, lead):
        if lead.owner_id is None:
            raise UserError(_("A question makes the lead's clocks wait, so sales asks it. You can write a note."))
        raise UserError(_("A question makes the lead's clocks wait, so its owner asks it. You can write a note."))
    if lead.cycle != cycle:
        raise UserError(fill(_("{key} has come back since; please use its newest card."), key=lead.key))
    open_one = newest_question(ctx.session, ctx.workspace.id, lead.id)
    if open_one and open_one.is_open:
        raise UserError(fill(_("A question about {key} waits for marketing already."), key=lead.key))
    return lead


def may_ask(ctx: Context, lead: Lead) -> bool:
    """As for the lead's state: its owner, the stand-in, an admin; of an unowned lead any seller."""
    return decides(ctx.member, ctx.colleague(lead.owner_id) if lead.owner_id else None)


def ask(ctx: Context, lead_id: int, cycle: int, text: str | None) -> Question:
    """Ask whoever answers for the lead's campaign; until there is an answer the lead's clocks are paused."""
    lock(ctx.session, Lead, ctx.workspace.id, lead_id)
    lead = askable(ctx, lead_id, cycle)
    text = ctx.readable(text) if text else None
    question = Question(
        workspace_id=ctx.workspace.id,
        lead_id=lead.id,
        cycle=lead.cycle,
        asker_id=ctx.member.id,
        via=ctx.via,
        text=text,
        asked_at=ctx.now,
    )
    add(ctx.session, question)
    question = known(ctx, question.id)
    post(ctx, question)
    ctx.refresh("lead", lead.id)
    ctx.emit(MemberActed(ctx.member.id))
    return question


def post(ctx: Context, question: Question) -> None:
    """Put the question to the campaign's owner, else to the marketing channel; where there is neither, it waits."""
    lead = lead_of(ctx.session, ctx.workspace.id, question.lead_id)
    to = who_answers(ctx.session, ctx.workspace.id, lead.campaign_id)
    if to and ctx.post(to, subject=("question", question.id)):
        question.posted_at = ctx.now


def post_waiting(ctx: Context) -> None:
    """Put questions that waited, a few at a time: each card that stands then brings more."""
    for question in questions_without_card(ctx.session, ctx.workspace.id, limit=WAITING_AT_ONCE):
        post(ctx, question)


def detail(ctx: Context, question_id: int, text: str) -> Question:
    """Say what is missing, after a reaction that only said that something is."""
    question = own_open(ctx, question_id)
    question.text = ctx.readable(text)
    show(ctx, question)
    return question


def own_open(ctx: Context, question_id: int) -> Question:
    """The member's own question, if it still waits."""
    question = known(ctx, question_id)
    if question.asker_id != ctx.member.id:
        raise UserError(_("Only the one who asked can say what is missing."))
    _require_open(question)
    return question


def answer(ctx: Context, question_id: int, text: str) -> Question:
    """Marketing answers: the clocks run on, and the asker hears of it."""
    lock(ctx.session, Question, ctx.workspace.id, question_id)
    question = answerable(ctx, question_id)
    question.answer, question.answerer_id, question.answered_at = ctx.readable(text), ctx.member.id, ctx.now
    show(ctx, question)
    ctx.emit(ClocksChanged("lead", question.lead_id))
    ctx.emit(MemberActed(ctx.member.id))
    return question


def withdraw(ctx: Context, lead_id: int) -> None:
    """The asker took the reaction back; what was answered already stays."""
    question = newest_question(ctx.session, ctx.workspace.id, lead_id)
    is_theirs = question is not None and question.asker_id == ctx.member.id and question.via == "reaction"
    if question and question.is_open and is_theirs:
        question.withdrawn_at = ctx.now
        ctx.emit(ClocksChanged("lead", lead_id))
        show(ctx, question)


def answerable(ctx: Context, question_id: int) -> Question:
    """The question, if the member may answer it now."""
    question = known(ctx, question_id)
    lead = lead_of(ctx.session, ctx.workspace.id, question.lead_id)
    if not answers(ctx.member, campaign_owner(ctx.session, ctx.workspace.id, lead.campaign_id)):
        raise UserError(_("Marketing answers this. Are you in marketing? Tell me with /parley me"))
    _require_open(question)
    return question


def known(ctx: Context, question_id: int) -> Question:
    question = find_question(ctx.session, ctx.workspace.id, question_id)
    if question is None:
        raise UserError(_("This question no longer exists."))
    return question


def _require_open(question: Question) -> None:
    if question.answered_at:
        raise UserError(_("This question was answered already."))
    if question.withdrawn_at:
        raise UserError(_("This question was taken back."))


def show(ctx: Context, question: Question) -> None:
    """Have everything drawn again that shows the question."""
    ctx.refresh("question", question.id)
    ctx.refresh(REACTED, question.id)
    ctx.refresh(ANSWERED, question.id)
    ctx.refresh("lead", question.lead_id)
