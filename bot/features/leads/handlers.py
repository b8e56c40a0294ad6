"""What leads answer to: `/lead`, the buttons of the card, reactions on it, and what other features tell."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from sqlmodel import Session

from bot.core.context import Answer, Context, OpenForm, Reply, UserError
from bot.core.events import (
    CardPosted,
    ChannelOpened,
    FeedbackGiven,
    FeedbackWithdrawn,
    ItemGivenBack,
    ItemTaken,
    LeadHeard,
    LeadMessageDeleted,
)
from bot.core.feature import Feature, Reacted, Usage
from bot.core.forms import Option
from bot.core.language import N_, _
from bot.core.limits import clip
from bot.core.ui import Message, Part
from bot.features.leads import erasure, service, undo, views
from bot.features.leads.actions import Add, Move, Show, Undo
from bot.features.leads.log import OPINIONS, deed_of, last_deed, record
from bot.rules.clocks import WAKE, policy
from bot.rules.codes import vocabulary
from bot.rules.fate import what
from bot.rules.lead_fields import can_be_seen
from bot.rules.lead_states import OPEN, LeadState
from storage.campaigns import campaign, find_campaigns
from storage.channels import Purpose
from storage.clocks import courses_on
from storage.due import Due
from storage.feedback import feedback_on, own_codes
from storage.leads import (
    Lead,
    LeadEvent,
    events_of,
    find_called,
    find_lead,
    find_leads,
    lead_of,
    leads_of_company,
    leads_owned,
)
from storage.people import members, stood_in_for
from storage.questions import newest_question
from storage.workspaces import Workspace

feature = Feature("leads")
feature.erases(Lead)(erasure.from_lead)
feature.erases(LeadEvent)(erasure.from_event)
feature.counts("lead", N_("Cards of leads"))

SHOWN = 10  # leads and words of feedback in a list
WORDS, NEAR = ("add", "help"), 0.7  # what `/lead` may be followed by; how much of it is to be right, from 0 to 1
_MENTION = re.compile(r"<@([A-Z0-9_a-z]+)(\|[^>]*)?>")


@feature.command("lead", Usage("", N_("your open leads, and what became of your feedback")), bare=True, query=True)
def overview(ctx: Context, text: str) -> Answer:
    return Reply(views.overview(ctx.subscribers.mine(ctx)))


@feature.command("lead", Usage("L-7", N_("show a lead; part of its company's name does too")), query=True)
def find(ctx: Context, text: str) -> Answer:
    lead = find_called(ctx.session, ctx.workspace.id, text)
    leads = [lead] if lead else find_leads(ctx.session, ctx.workspace.id, text, limit=13)
    if len(leads) == 1:
        return Reply(views.card(_card(ctx.session, ctx.workspace, leads[0])))
    near = [] if leads else get_close_matches(text.split()[0].lower(), WORDS, n=1, cutoff=NEAR)
    return Reply(views.found(leads, text, near[0] if near else None))


@feature.command("lead add", Usage("add", N_("add a lead with a form")), bare=True, query=True)
def open_form(ctx: Context, text: str) -> Answer:
    return OpenForm(views.add_form())


@feature.command("lead add", Usage("add Acme Ltd, webinar, @ana", N_("add a lead: company, source, seller")))
def add_line(ctx: Context, text: str) -> Answer:
    owners = [match[1] for match in _MENTION.finditer(text)]
    words = [word.strip() for word in _MENTION.sub("", text).split(",")]
    if not can_be_seen(words[0]):
        raise UserError(_("Please name the company first: /lead add Acme Ltd, webinar, @ana"))
    if len(words[0]) > 120:
        raise UserError(_("That is a long name for a company. Use a comma after it: /lead add Acme Ltd, webinar, @ana"))
    if len(owners) > 1:
        raise UserError(_("A lead has one seller. Please name one."))
    if lost := [word for word in words[1:] if word.startswith("@")]:
        raise UserError(_("I do not know {name}. Choose them from the list while you type.").format(name=lost[0]))
    source, campaign_name, *rest = [*filter(None, words[1:]), None, None]
    asked = Add(
        company=words[0],
        source=clip(source, 80) if source else None,
        campaign=clip(campaign_name, 80) if campaign_name else None,
        owner=owners[0] if owners else None,
        summary=clip(", ".join(filter(None, rest)), 1500) or None,
    )
    return add(ctx, asked)


@feature.action(Add)
def add(ctx: Context, asked: Add) -> Answer:
    try:
        lead, event, alike = service.add(ctx, asked)
    except service.AlreadyAdded as repeated:
        return Reply(views.already_added(repeated.lead, repeated.event))
    return Reply(views.added(lead, event, alike, asked.source, asked.campaign))


@feature.action(Move)
def move(ctx: Context, step: Move) -> Answer:
    return Reply(views.done(*service.move(ctx, step.lead, step.cycle, step.act)))


@feature.action(Undo)
def take_back(ctx: Context, asked: Undo) -> Answer:
    lead = undo.undo(ctx, asked.event)
    return ctx.replace(lambda: views.undone(lead))


@feature.action(Show, query=True)
def show(ctx: Context, asked: Show) -> Answer:
    lead = find_lead(ctx.session, ctx.workspace.id, asked.lead)
    if lead is None:
        raise UserError(_("This lead no longer exists."))
    return Reply(views.card(_card(ctx.session, ctx.workspace, lead)))


@feature.reaction("lead", "white_check_mark")
def accept_by_reaction(ctx: Context, reacted: Reacted) -> None:
    lead = lead_of(ctx.session, ctx.workspace.id, reacted.subject_id)
    if not reacted.is_there:
        if deed := last_deed(ctx, lead, "accept", "would_accept", via="reaction"):
            undo.reverse(ctx, lead, deed)
    elif lead.state == LeadState.HANDED_OFF:
        service.accept_or_say_so(ctx, lead)


@feature.reaction("lead", "eyes")
def look_by_reaction(ctx: Context, reacted: Reacted) -> None:
    lead = lead_of(ctx.session, ctx.workspace.id, reacted.subject_id)
    if reacted.is_there:
        record(ctx, lead, "look")
    elif deed := last_deed(ctx, lead, "look"):
        undo.reverse(ctx, lead, deed)


@feature.on(LeadHeard)
def take_in(ctx: Context, heard: LeadHeard) -> None:
    service.take_in(ctx, heard)


@feature.on(LeadMessageDeleted)
def note_deleted(ctx: Context, deleted: LeadMessageDeleted) -> None:
    service.note_deleted_message(ctx, deleted.origin)


@feature.on(FeedbackGiven)
def follow(ctx: Context, given: FeedbackGiven) -> None:
    service.follow(ctx, given)


@feature.on(FeedbackWithdrawn)
def follow_back(ctx: Context, withdrawn: FeedbackWithdrawn) -> None:
    if withdrawn.lead_id is None:
        return
    lead = lead_of(ctx.session, ctx.workspace.id, withdrawn.lead_id)
    if deed := deed_of(ctx, lead, withdrawn.feedback_id):
        undo.reverse(ctx, lead, deed)
    else:
        ctx.refresh("lead", lead.id)


@feature.on(CardPosted)
def delivered(ctx: Context, posted: CardPosted) -> None:
    if posted.subject == "lead":
        service.start_accept_clock(ctx, posted.subject_id)
        service.hand_off_waiting(ctx)


@feature.on(ItemTaken)
def take_item(ctx: Context, taken: ItemTaken) -> None:
    if taken.subject == "lead":
        service.take(ctx, taken.subject_id, taken.cycle)


@feature.on(ItemGivenBack)
def give_item_back(ctx: Context, given: ItemGivenBack) -> None:
    undo.undo(ctx, given.event_id)


@feature.due(WAKE)
def wake(ctx: Context, due: Due) -> None:
    due.at = service.wake(ctx, due.subject_id, due.step) or due.at


@feature.on(ChannelOpened)
def show_waiting_leads(ctx: Context, opened: ChannelOpened) -> None:
    """Leads that nobody could see yet appear when there is a leads channel."""
    if opened.purpose == Purpose.LEADS:
        service.hand_off_waiting(ctx)


@feature.card("lead")
def card(session: Session, workspace: Workspace, lead_id: int) -> Message | None:
    lead = find_lead(session, workspace.id, lead_id)
    return views.card(_card(session, workspace, lead)) if lead else None


@feature.home(20, is_mine=True)
def home(ctx: Context) -> Sequence[Part]:
    return views.my_leads(*_my_leads(ctx))


@feature.lookup("leads.find")
def suggest(ctx: Context, text: str) -> Sequence[Option]:
    """What feedback can be about: leads, campaigns, or the market in general."""
    general = Option("general", _("In general, about no lead"))
    leads = [
        Option(f"lead:{lead.id}", clip(views.title(lead), 70))
        for lead in find_leads(ctx.session, ctx.workspace.id, text, limit=60)
    ]
    campaigns = [
        Option(f"campaign:{found.id}", clip(_("Campaign: {name}").format(name=found.name), 70))
        for found in find_campaigns(ctx.session, ctx.workspace.id, text, limit=30)
    ]
    return [*leads, *campaigns, general] if text else [general, *leads, *campaigns]


def _my_leads(ctx: Context) -> tuple[list[Lead], int, dict[int, str]]:
    """My open leads and those of people I stand in for; how many more there are; and who these people are."""
    others = {member.id: member.name for member in stood_in_for(ctx.session, ctx.workspace.id, ctx.member.id)}
    leads = list(leads_owned(ctx.session, ctx.workspace.id, {ctx.member.id, *others}, OPEN, limit=100))
    return leads[:SHOWN], len(leads[SHOWN:]), others


def _card(session: Session, workspace: Workspace, lead: Lead) -> views.LeadCard:
    """Read all that a lead's card shows."""
    said = feedback_on(session, workspace.id, lead.id)
    question = newest_question(session, workspace.id, lead.id)
    log = events_of(session, workspace.id, lead.id)
    undone = {event.reverses_id for event in log}
    opinions = [
        (event.kind, event.actor_id)
        for event in log
        if event.kind in OPINIONS and event.id not in undone and event.actor_id and event.cycle == lead.cycle
    ]
    asked = {question.asker_id, question.answerer_id} if question else set()
    ids = {feedback.author_id for feedback in said} | {who for _kind, who in opinions} | asked | {lead.owner_id}
    people = members(session, workspace.id, {member_id for member_id in ids if member_id})
    codes = vocabulary(own_codes(session, workspace.id))
    is_new = lead.state in (LeadState.NEW, LeadState.HANDED_OFF)
    alike = leads_of_company(session, workspace.id, lead.company, OPEN) if is_new else ()
    return views.LeadCard(
        lead=lead,
        alike=[other for other in alike if other.id < lead.id],
        owner=people[lead.owner_id] if lead.owner_id else None,
        campaign=campaign(session, workspace.id, lead.campaign_id).name if lead.campaign_id else None,
        said=[views.Said(f, people[f.author_id], what(f, codes)) for f in said],
        lookers=[people[who].name for kind, who in dict.fromkeys(opinions) if kind == "look"],
        would_accept=[people[who].name for kind, who in dict.fromkeys(opinions) if kind == "would_accept"],
        clock=next(iter(courses_on(session, workspace.id, "lead", lead.id)), None),
        to_accept=policy(workspace, "S1", lead.temperature),
        question=(question, people[question.asker_id], people.get(question.answerer_id or 0)) if question else None,
    )
