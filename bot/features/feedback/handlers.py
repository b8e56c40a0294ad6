"""What feedback answers to: `/leadfeedback`, the card's buttons, reactions, shortcuts and replies in its thread."""

import re
from collections.abc import Sequence

from bot.core.context import Answer, ComeAgain, Context, OpenForm, Perform, Reply, UpdateForm, UserError
from bot.core.erasing import retract
from bot.core.events import LeadErased
from bot.core.feature import Feature, Heard, Reacted, Usage
from bot.core.language import N_, _
from bot.core.limits import clip
from bot.core.ui import Part
from bot.features.feedback import erasure, service, views
from bot.features.feedback.actions import Change, Give, Open, OpenCode, Praise, Refine, SaveCode, Undo
from bot.features.feedback.service import AlreadyLogged, Topic, topic
from bot.features.feedback.typed import nearest_word, understand
from bot.rules.codes import GOOD_LEAD, Code, CodeKind, kinds_that_fit
from bot.rules.fate import became, what
from bot.rules.lead_states import LeadState
from storage.campaigns import campaign
from storage.cards import cards
from storage.cases import fates
from storage.channels import Purpose
from storage.feedback import Feedback, feedback_by, find_written_as, prompted_by
from storage.leads import Lead, lead_of
from storage.outbox import OutboxRow, has_post_in_doubt, posted_as

feature = Feature("feedback")
feature.erases(Feedback)(erasure.from_feedback)

THREAD_WORD = "feedback:"
ASKED = "feedback.asked"  # the subject of a question back, before the reaction's name
SHOWN = 8  # words of feedback in a member's list
_CODE = re.compile(r"[A-Za-z]\d{1,3}\b")


@feature.command("leadfeedback", Usage("", N_("say what you think of a lead")), bare=True, query=True)
def open_form(ctx: Context, text: str) -> Answer:
    return OpenForm(views.form(service.codes(ctx), None))


@feature.shortcut("leadfeedback_anywhere")
@feature.shortcut("leadfeedback")
def open_form_on_message(ctx: Context) -> Answer:
    quote = clip(ctx.readable(ctx.message.text), 580) or None if ctx.message else None
    link = ctx.message.link if ctx.message else None
    lead = _lead_of_card(ctx, ctx.message.channel, ctx.message.ts) if ctx.message else None
    if lead:  # the card's own words are no quote
        return OpenForm(views.form(service.codes(ctx), Topic(lead)))
    return OpenForm(views.form(service.codes(ctx), None, quote=quote, link=link))


@feature.command(
    "leadfeedback",
    Usage("L-7 R8 only three employees", N_("in one line: lead, code, and your words if you like")),
    Usage("L-7 N1 2027-03-01", N_("not now: with the day to wake it, or 2w, 3m")),
    Usage("Acme", N_("find the lead by its company")),
    Usage("general M2 too expensive", N_("about no lead: praise, or a note on the market")),
    Usage("codes", N_("everything that can be said, with its code")),
    query=True,
)
def typed(ctx: Context, text: str) -> Answer | Perform:
    codes = service.codes(ctx)
    line = understand(ctx.session, ctx.workspace.id, text, codes, service.today(ctx))
    if len(line.leads) > 1 or (line.leads and line.is_general):
        return Reply(views.choose_lead(line))
    if line.is_certain and line.code is None and (unknown := _CODE.match(line.note)):
        raise UserError(service.no_such_code(unknown[0]))
    if line.missing and (near := nearest_word(text)):
        return Reply(views.did_you_mean(text, near))
    about = topic(ctx, f"lead:{line.leads[0].id}") if line.leads else Topic() if line.is_general else None
    if about and line.is_certain and line.code and (line.code.kind != CodeKind.RECYCLE or line.wake_on):
        asked = Give(
            about=views.about_option(about)[0], code=line.code.code, note=clip(line.note, 990), wake_on=line.wake_on
        )
        return Perform(asked)
    missing = None if about else line.missing
    form = views.form(
        codes, about, code=line.code, note=clip(line.note, 990), wake_on=line.wake_on, lead_not_found=missing
    )
    return OpenForm(form)


@feature.command("leadfeedback codes", bare=True, query=True)
def list_codes(ctx: Context, text: str) -> Answer:
    return Reply(views.code_list(service.codes(ctx), ctx.member.administers))


@feature.action(OpenCode, query=True)
def open_code(ctx: Context, asked: OpenCode) -> Answer:
    return OpenForm(views.code_form())


@feature.action(SaveCode)
def save_code(ctx: Context, asked: SaveCode) -> Answer:
    saved = service.save_code(ctx, asked)
    return Reply(views.code_saved(saved.code, saved.label))


@feature.action(Open, query=True)
def open_about(ctx: Context, asked: Open) -> Answer:
    about = topic(ctx, f"lead:{asked.lead}" if asked.lead else "general", asked.cycle)
    service.check_kind(about, asked.kind)
    codes = service.codes(ctx)
    form = views.form(
        codes,
        about,
        is_fixed=True,
        kind=asked.kind,
        code=codes.get(asked.code or ""),
        note=asked.note,
        wake_on=asked.wake_on,
        reaction=asked.reaction,
    )
    return OpenForm(form)


@feature.action(Change, query=True)
def change(ctx: Context, asked: Change) -> Answer:
    about = topic(ctx, asked.about)
    form = views.form(service.codes(ctx), about, note=asked.note, quote=asked.quote, link=asked.link)
    return UpdateForm(form)


@feature.action(Give)
def give(ctx: Context, asked: Give) -> Answer:
    try:
        answer = views.logged(*service.give(ctx, asked))
    except AlreadyLogged as repeated:
        known = repeated.feedback
        answer = views.logged(known, _code(ctx, known), _topic(ctx, known), repeated=True)
    kind, _colon, number = asked.about.partition(":")
    if asked.reaction and kind == "lead":  # the question back is answered, by a tap or in words: it gives way
        for question in _questions(ctx, asked.reaction, int(number)):
            ctx.update(question, lambda: answer)
        if ctx.via == "button":
            return ctx.replace(lambda: answer)
    return Reply(answer)


@feature.action(Praise)
def praise(ctx: Context, asked: Praise) -> Answer:
    wanted = Give(about=f"lead:{asked.lead}", code=GOOD_LEAD, cycle=asked.cycle)
    try:
        feedback, about = service.praise(ctx, wanted)
    except AlreadyLogged as repeated:
        known = repeated.feedback
        return Reply(views.logged(known, _code(ctx, known), _topic(ctx, known), repeated=True))
    return Reply(views.praised(feedback, service.codes(ctx), about))


@feature.action(Refine)
def refine(ctx: Context, asked: Refine) -> Answer:
    feedback = service.refine(ctx, asked.feedback, asked.code)
    return ctx.replace(lambda: views.logged(feedback, _code(ctx, feedback), _topic(ctx, feedback)))


@feature.action(Undo)
def undo(ctx: Context, asked: Undo) -> Answer:
    code = _code(ctx, service.withdraw(ctx, asked.feedback))
    return ctx.replace(lambda: views.withdrawn(code))


@feature.reaction("lead", "+1")
def praise_by_reaction(ctx: Context, reacted: Reacted) -> None:
    if not reacted.is_there:
        _take_back(ctx, reacted)
        return
    wanted = Give(about=f"lead:{reacted.subject_id}", code=GOOD_LEAD, reaction=reacted.name)
    try:
        feedback, about = service.praise(ctx, wanted)
    except AlreadyLogged:
        return
    codes = service.codes(ctx)
    ctx.post(ctx.member, lambda: views.praised(feedback, codes, about), subject=_question(reacted))


@feature.reaction("lead", "-1", "recycle", "no_entry_sign")
def ask_by_reaction(ctx: Context, reacted: Reacted) -> None:
    """A reaction cannot open a form: the question back goes in private, with buttons."""
    if not reacted.is_there:
        _take_back(ctx, reacted)
        return
    about = topic(ctx, f"lead:{reacted.subject_id}")
    assert about.lead
    fitting = kinds_that_fit(LeadState(about.lead.state))
    kind = CodeKind.RECYCLE if reacted.name == "recycle" else CodeKind.REJECT
    if reacted.name == "-1" and kind not in fitting:
        kind = CodeKind.DISQUALIFY if CodeKind.DISQUALIFY in fitting else CodeKind.RECYCLE
    if kind not in fitting:
        raise UserError(_("This lead is closed or too far on for that. You can still write a note: /leadfeedback"))
    codes = service.codes(ctx)
    ctx.post(ctx.member, lambda: views.which_code(reacted.name, kind, codes, about), subject=_question(reacted))


@feature.message(Purpose.LEADS)
def note_in_thread(ctx: Context, heard: Heard) -> None:
    """A reply in the thread of a lead's card that begins with "feedback:" is a note; editing it changes the note."""
    if ctx.actor is None or ctx.message is None or (heard.change == "new" and heard.thread_ts is None):
        return
    known = find_written_as(ctx.session, ctx.workspace.id, heard.channel, heard.ts)
    is_note = heard.text.lower().startswith(THREAD_WORD)
    if known and known.author_id == ctx.member.id:
        if heard.change == "edited" and is_note:
            service.reword(ctx, known, _note(heard))
        elif heard.change in ("edited", "deleted"):
            service.withdraw(ctx, known.id)
        return
    if heard.thread_ts is None or heard.change == "deleted" or not is_note:
        return
    card = posted_as(ctx.session, ctx.workspace.id, heard.channel, heard.thread_ts)
    if card is None and has_post_in_doubt(ctx.session, ctx.workspace.id, ctx.channel.id):
        raise ComeAgain  # it may be our card, of which we do not know yet where it stands
    lead = _lead_of_card(ctx, heard.channel, heard.thread_ts)
    if lead and not _note(heard):
        ctx.post(ctx.member, lambda: views.nothing_written(Topic(lead)))
    elif lead:
        feedback = service.note(ctx, lead, _note(heard), ctx.message)
        ctx.post(ctx.member, lambda: views.logged(feedback, None, Topic(lead)), subject=(erasure.LOGGED, feedback.id))


@feature.on(LeadErased)
def take_questions_back(ctx: Context, erased: LeadErased) -> None:
    """What members were asked back names the lead."""
    for reaction in ("+1", "-1", "recycle", "no_entry_sign"):
        retract(ctx, f"{ASKED}.{reaction}", erased.lead_id)


@feature.home(25, is_mine=True)
def home(ctx: Context) -> Sequence[Part]:
    """My feedback, and what became of it."""
    codes = service.codes(ctx)
    mine = feedback_by(ctx.session, ctx.workspace.id, ctx.member.id, SHOWN)
    return views.my_feedback(
        [
            (what(fate.feedback, codes), views.about_option(_topic(ctx, fate.feedback))[1], became(fate))
            for fate in fates(ctx.session, ctx.workspace.id, mine)
        ]
    )


def _take_back(ctx: Context, reacted: Reacted) -> None:
    """The reaction was taken away: withdraw what it led to, and the question back if it is still open."""
    code, is_logged = None, False
    while prompted := prompted_by(ctx.session, ctx.workspace.id, reacted.subject_id, ctx.member.id, reacted.name):
        code, is_logged = _code(ctx, service.withdraw(ctx, prompted.id)), True
    for question in _questions(ctx, reacted.name, reacted.subject_id):
        ctx.update(question, lambda: views.withdrawn(code) if is_logged else views.nothing_logged())


def _question(reacted: Reacted) -> tuple[str, int]:
    """By this subject the question back about a reaction is found again."""
    return f"{ASKED}.{reacted.name}", reacted.subject_id


def _questions(ctx: Context, reaction: str, lead_id: int) -> list[OutboxRow]:
    """What the member was asked back about a reaction on this lead."""
    asked = cards(ctx.session, ctx.workspace.id, f"{ASKED}.{reaction}", lead_id)
    return [question for question in asked if question.member_id == ctx.member.id]


def _note(heard: Heard) -> str:
    return clip(heard.text[len(THREAD_WORD) :].strip(), 990)


def _lead_of_card(ctx: Context, channel: str, ts: str) -> Lead | None:
    """The lead whose card stands there, unless it was erased."""
    card = posted_as(ctx.session, ctx.workspace.id, channel, ts)
    if card is None or card.subject != "lead" or card.subject_id is None:
        return None
    lead = lead_of(ctx.session, ctx.workspace.id, card.subject_id)
    return None if lead.state == LeadState.WIPED else lead


def _code(ctx: Context, feedback: Feedback) -> Code | None:
    return service.codes(ctx).get(feedback.code) if feedback.code else None


def _topic(ctx: Context, feedback: Feedback) -> Topic:
    if feedback.lead_id:
        lead = lead_of(ctx.session, ctx.workspace.id, feedback.lead_id)  # an erased one too
        return Topic(lead, campaign(ctx.session, ctx.workspace.id, lead.campaign_id) if lead.campaign_id else None)
    return topic(ctx, f"campaign:{feedback.campaign_id}" if feedback.campaign_id else "general")
