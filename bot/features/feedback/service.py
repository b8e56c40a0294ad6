"""The rules of feedback: what can be said of what, whether the lead follows, and how it is taken back."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.context import Context, MessageRef, UserError
from bot.core.events import FeedbackGiven, FeedbackRefined, FeedbackWithdrawn, MemberActed
from bot.core.language import _, fill
from bot.features.feedback.actions import Give, SaveCode
from bot.rules.calendars import wakes_at, zone_of
from bot.rules.codes import (
    DUPLICATE,
    GOOD_LEAD,
    OTHER_WORDS,
    TIMING,
    WRONG_OWNER,
    Code,
    CodeKind,
    fits,
    kinds_that_fit,
    vocabulary,
)
from bot.rules.lead_states import GONE, LeadState, decides, state_name
from storage.calendars import timetable
from storage.campaigns import Campaign, campaign
from storage.cases import find_case
from storage.feedback import (
    Feedback,
    FeedbackCode,
    feedback_on,
    find_feedback,
    find_own_code,
    find_repeated,
    own_codes,
)
from storage.leads import Lead, find_lead
from storage.people import Member
from storage.tables import add, keep, lock

REPEATED_WITHIN = timedelta(seconds=30)
UNDO_WITHIN = timedelta(hours=24)
ON_BUTTONS = {GOOD_LEAD, DUPLICATE, WRONG_OWNER, TIMING}
LATEST_WAKE = timedelta(days=3 * 366)


class AlreadyLogged(Exception):
    """The same words by the same member a moment ago; carries what was logged then."""

    def __init__(self, feedback: Feedback) -> None:
        self.feedback = feedback


@dataclass(frozen=True)
class Topic:
    """What feedback is about: a lead, a campaign, or neither."""

    lead: Lead | None = None
    campaign: Campaign | None = None

    @property
    def cycle(self) -> int | None:
        return self.lead.cycle if self.lead else None

    @property
    def state(self) -> LeadState | None:
        return LeadState(self.lead.state) if self.lead else None


def codes(ctx: Context) -> dict[str, Code]:
    """The workspace's codes."""
    return vocabulary(own_codes(ctx.session, ctx.workspace.id))


def topic(ctx: Context, about: str, cycle: int | None = None) -> Topic:
    """Find what was chosen; refused for another workspace's, an erased lead, or a card of an earlier cycle."""
    kind, _colon, number = about.partition(":")
    if kind == "campaign":
        return Topic(campaign=campaign(ctx.session, ctx.workspace.id, int(number)))
    if kind != "lead":
        return Topic()
    lead = find_lead(ctx.session, ctx.workspace.id, int(number))
    if lead is None or lead.state in GONE:
        raise UserError(_("This lead no longer exists."), "about")
    if cycle is not None and lead.cycle != cycle:
        raise UserError(fill(_("{key} has come back since; please use its newest card."), key=lead.key))
    return Topic(lead, campaign(ctx.session, ctx.workspace.id, lead.campaign_id) if lead.campaign_id else None)


def give(ctx: Context, asked: Give) -> tuple[Feedback, Code, Topic]:
    """Log a coded word; the lead follows if its author may decide about it, else it is an opinion.

    Raises UserError beside the field that is wrong, and AlreadyLogged for a repetition.
    """
    about = topic(ctx, asked.about, asked.cycle)
    code = _known_code(ctx, asked)
    feedback = Feedback(
        workspace_id=ctx.workspace.id,
        lead_id=about.lead.id if about.lead else None,
        cycle=about.lead.cycle if about.lead else None,
        campaign_id=about.campaign.id if about.campaign else None,
        code=code.code,
        meaning=code.label if code.is_own else None,
        note=ctx.readable(asked.note),
        quote=asked.quote,
        link=asked.link,
        author_id=ctx.member.id,
        via=ctx.via,
        reaction=asked.reaction,
        is_opinion=code.kind.moves and not _decides(ctx, about.lead),
        given_at=ctx.now,
    )
    lock(ctx.session, Member, ctx.workspace.id, ctx.member.id)  # so that the same words at once are one
    if repeated := find_repeated(ctx.session, feedback, REPEATED_WITHIN):
        raise AlreadyLogged(repeated)
    _require_fit(asked, code, about)
    feedback.wake_on = _wake_on(ctx, asked, code, about.lead)
    _file(ctx, feedback, code.kind)
    return feedback, code, about


def praise(ctx: Context, asked: Give) -> tuple[Feedback, Topic]:
    """One tap: a good lead. Raises AlreadyLogged where the member praises this lead already."""
    about = topic(ctx, asked.about, asked.cycle)
    for said in feedback_on(ctx.session, ctx.workspace.id, about.lead.id) if about.lead else []:
        is_praise = said.code is not None and said.code.startswith(GOOD_LEAD[0])
        if is_praise and said.author_id == ctx.member.id and said.withdrawn_at is None and said.cycle == about.cycle:
            raise AlreadyLogged(said)
    feedback, _code, about = give(ctx, asked)
    return feedback, about


def check_kind(about: Topic, kind: str | None) -> None:
    """Refuse, with a sentence, what a lead's state no longer allows."""
    if about.lead and kind and CodeKind(kind) not in kinds_that_fit(LeadState(about.lead.state)):
        state = state_name(about.lead.state)
        raise UserError(fill(_("{key} is {state}; that does not fit any more."), key=about.lead.key, state=state))


def no_such_code(code: str) -> str:
    return fill(_("There is no code {code}. /leadfeedback codes lists them."), code=code)


def note(ctx: Context, lead: Lead, text: str, source: MessageRef) -> Feedback:
    """Log what was written in the thread of a lead's card, as a note in the author's own words."""
    feedback = Feedback(
        workspace_id=ctx.workspace.id,
        lead_id=lead.id,
        cycle=lead.cycle,
        campaign_id=lead.campaign_id,
        note=ctx.readable(text),
        link=source.link,
        author_id=ctx.member.id,
        via=ctx.via,
        given_at=ctx.now,
        source_channel=source.channel,
        source_ts=source.ts,
    )
    _file(ctx, feedback, CodeKind.NOTE)
    return feedback


def reword(ctx: Context, feedback: Feedback, text: str) -> None:
    """The message a note was written as was edited; what marketing has answered, and what is older, stays as it was."""
    case = find_case(ctx.session, ctx.workspace.id, feedback.case_id) if feedback.case_id else None
    lead = find_lead(ctx.session, ctx.workspace.id, feedback.lead_id) if feedback.lead_id else None
    if lead and lead.state == LeadState.WIPED:
        return
    is_answered = case is not None and (case.acknowledged_at or case.closed_at)
    if is_answered or feedback.withdrawn_at or ctx.now - feedback.given_at > UNDO_WITHIN:
        return
    feedback.note = ctx.readable(text)
    ctx.refresh("lead", feedback.lead_id or 0)
    ctx.refresh("case", feedback.case_id or 0)


def refine(ctx: Context, feedback_id: int, code: str) -> Feedback:
    """Say which praise it was."""
    feedback = own(ctx, feedback_id)
    known = codes(ctx).get(code)
    if known is None or known.kind != CodeKind.PRAISE:
        raise UserError(_("This is no praise."))
    if feedback.withdrawn_at:
        raise UserError(_("You took this back. Please say it again: /leadfeedback"))
    feedback.code, feedback.meaning = code, known.label if known.is_own else None
    ctx.session.flush()
    ctx.emit(FeedbackRefined(feedback.id))
    ctx.refresh("lead", feedback.lead_id or 0)
    return feedback


def withdraw(ctx: Context, feedback_id: int) -> Feedback:
    """Take one's own feedback back within a day; refused once somebody else has acted on it."""
    feedback = own(ctx, feedback_id)
    if ctx.now - feedback.given_at > UNDO_WITHIN:
        raise UserError(_("Feedback can be undone for 24 hours; they are over."))
    if feedback.withdrawn_at is None:
        feedback.withdrawn_at = ctx.now
        ctx.session.flush()
        ctx.emit(FeedbackWithdrawn(feedback.id, feedback.lead_id))
    return feedback


def own(ctx: Context, feedback_id: int) -> Feedback:
    feedback = find_feedback(ctx.session, ctx.workspace.id, feedback_id)
    if feedback is None:
        raise UserError(_("This feedback no longer exists."))
    if feedback.author_id != ctx.member.id:
        raise UserError(_("Only the one who said it can change it."))
    return feedback


def save_code(ctx: Context, asked: SaveCode) -> FeedbackCode:
    """Rename, hide or add a code; what was said with it before keeps its meaning."""
    if not ctx.member.administers:
        raise UserError(_("Only an admin can change the codes."))
    code = asked.code.upper()
    if not re.fullmatch(r"[WRDNM]\d{1,3}", code):
        raise UserError(_("A code is W, R, D, N or M and a number, such as R12."), "code")
    if asked.hidden == "yes" and code in ON_BUTTONS:
        raise UserError(_("This code stands on a button, so it cannot be hidden."), "hidden")
    if not find_own_code(ctx.session, ctx.workspace.id, code):
        add(ctx.session, FeedbackCode(workspace_id=ctx.workspace.id, code=code, label=asked.label))
    own_code = find_own_code(ctx.session, ctx.workspace.id, code)
    assert own_code
    own_code.label, own_code.is_hidden = asked.label, asked.hidden == "yes"
    return own_code


def today(ctx: Context) -> date:
    """The member's local date."""
    return ctx.now.astimezone(zone_of(ctx.member.timezone)).date()


def _file(ctx: Context, feedback: Feedback, kind: CodeKind) -> None:
    keep(ctx.session, feedback)
    moves = kind.moves and not feedback.is_opinion
    ctx.emit(FeedbackGiven(feedback.id, feedback.lead_id, kind, feedback.code, feedback.wake_on, moves))
    ctx.emit(MemberActed(ctx.member.id))


def _known_code(ctx: Context, asked: Give) -> Code:
    code = codes(ctx).get(asked.code.upper())
    if code is None or code.is_hidden:
        raise UserError(no_such_code(asked.code), "code")
    return code


def _require_fit(asked: Give, code: Code, about: Topic) -> None:
    if not fits(code, about.state):
        if about.lead is None:
            raise UserError(fill(_("{code} is said of a lead. Please choose one."), code=code.code), "about")
        state = state_name(about.lead.state)
        sentence = _("{key} is {state}, so {code} does not fit. The form offers what does: /leadfeedback {key}")
        raise UserError(fill(sentence, key=about.lead.key, state=state, code=code.code), "code")
    if code.is_other and len(re.findall(r"\w+", asked.note)) < OTHER_WORDS:
        raise UserError(_("Please say it in at least five words, so that others can learn from it."), "note")


def _wake_on(ctx: Context, asked: Give, code: Code, lead: Lead | None) -> date | None:
    if code.kind != CodeKind.RECYCLE:
        return None
    wake_on = today(ctx) + timedelta(days=asked.in_days) if asked.in_days else asked.wake_on
    if wake_on is None:
        raise UserError(_("When should it wake up? Please choose a day."), "wake_on")
    if wake_on <= today(ctx):
        raise UserError(_("Please choose a day after today."), "wake_on")
    if wake_on > today(ctx) + LATEST_WAKE:
        raise UserError(_("Please choose a day within three years."), "wake_on")
    owner_id = lead.owner_id if lead and lead.owner_id else ctx.member.id
    theirs = timetable(ctx.session, ctx.workspace.id, owner_id)
    return wakes_at(theirs, wake_on).astimezone(zone_of(theirs.timezone)).date()


def _decides(ctx: Context, lead: Lead | None) -> bool:
    owner = ctx.colleague(lead.owner_id) if lead and lead.owner_id else None
    return lead is not None and decides(ctx.member, owner)
