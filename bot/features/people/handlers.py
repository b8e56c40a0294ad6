"""What people and channels answer to: arrival, /parley setup, /parley me, and what the platform tells."""

from collections.abc import Sequence
from functools import partial

from sqlmodel import Session

from bot.core.context import Answer, Context, OpenForm, Reply
from bot.core.events import (
    ChannelChanged,
    ChannelJoined,
    ChannelLeft,
    ChannelQuit,
    MemberActed,
    MessageUndeliverable,
    PersonChanged,
    ScheduleBroken,
)
from bot.core.feature import Feature, Usage
from bot.core.forms import Option
from bot.core.language import N_
from bot.core.ui import Message, Part
from bot.features.people import service, views
from bot.features.people.actions import (
    AllowChannel,
    ChangeCampaign,
    ChangeChannel,
    ChangeMe,
    ChangePerson,
    ChangeWorkspace,
    ChoosePurpose,
    FindChannel,
    FindPerson,
    OpenCampaign,
    OpenMe,
    OpenSetup,
    OpenWorkspace,
    TakeSide,
)
from storage.campaigns import find_campaigns
from storage.channels import channel, find_channels
from storage.people import Member, admins, member
from storage.workspaces import Workspace

feature = Feature("people")
OFFERED = 100  # options at once


# Channels


@feature.arrival
def arrive(ctx: Context) -> None:
    service.arrive(ctx)


@feature.card("channel")
def channel_card(session: Session, workspace: Workspace, channel_id: int) -> Message:
    return views.channels.card(channel(session, workspace.id, channel_id))


@feature.action(ChoosePurpose)
def choose_purpose(ctx: Context, action: ChoosePurpose) -> Answer:
    is_first = service.choose_purpose(ctx, action.channel, action.purpose)
    service.show_progress(ctx)
    return Reply(views.setup.first_admin()) if is_first else None


@feature.action(AllowChannel)
def allow_channel(ctx: Context, action: AllowChannel) -> Answer:
    allowed, is_first = service.allow(ctx, action.channel, action.is_allowed)
    service.show_progress(ctx)
    return Reply(views.setup.first_admin() if is_first else views.channels.may_speak(allowed))


@feature.action(FindChannel, query=True)
def find_channel(ctx: Context, action: FindChannel) -> Answer:
    service.check_admin(ctx)
    if action.channel is None:
        return OpenForm(views.channels.find_form(service.this_channel(ctx)))
    return OpenForm(views.channels.form(service.channel_here(ctx, action.channel)))


@feature.action(ChangeChannel)
def change_channel(ctx: Context, action: ChangeChannel) -> Answer:
    changed = service.change_channel(ctx, action)
    service.show_progress(ctx)
    return Reply(views.channels.saved(changed))


@feature.lookup("people.channels")
def suggest_channels(ctx: Context, text: str) -> Sequence[Option]:
    found = find_channels(ctx.session, ctx.workspace.id, text.removeprefix("#"), OFFERED)
    return [views.channels.option(channel) for channel in found]


@feature.on(ChannelLeft)
def channel_left(ctx: Context, event: ChannelLeft) -> None:
    service.leave(ctx, event.channel)


@feature.on(ChannelChanged)
def channel_changed(ctx: Context, event: ChannelChanged) -> None:
    if silent := service.note_change(ctx, event):
        for admin in admins(ctx.session, ctx.workspace.id):
            ctx.post(admin, partial(views.channels.fell_silent, silent))


@feature.on(MessageUndeliverable)
def message_undeliverable(ctx: Context, event: MessageUndeliverable) -> None:
    if failure := service.note_failure(ctx, event):
        for admin in admins(ctx.session, ctx.workspace.id):
            ctx.post(admin, partial(views.failures.undeliverable, failure))


@feature.on(ScheduleBroken)
def schedule_broken(ctx: Context, event: ScheduleBroken) -> None:
    for admin in admins(ctx.session, ctx.workspace.id):
        ctx.post(admin, partial(views.failures.does_not_recur, event.kind))


# People


@feature.command(
    "parley me", Usage("me", N_("your side, role, language, working hours, days off and stand-in")), query=True
)
def my_form(ctx: Context, text: str) -> Answer:
    return OpenForm(views.profiles.me_form(ctx.member, _colleague(ctx, ctx.member.stand_in_id), service.away(ctx)))


@feature.action(OpenMe, query=True)
def open_me(ctx: Context, action: OpenMe) -> Answer:
    return my_form(ctx, "")


@feature.action(ChangeMe)
def change_me(ctx: Context, action: ChangeMe) -> Answer:
    me = service.change_me(ctx, action)
    today, stand_in = service.today(me, ctx.now), _colleague(ctx, me.stand_in_id)
    return Reply(views.profiles.me_saved(me, stand_in, service.away(ctx), today))


@feature.home(90)
def my_settings(ctx: Context) -> Sequence[Part]:
    today, stand_in = service.today(ctx.member, ctx.now), _colleague(ctx, ctx.member.stand_in_id)
    return views.profiles.my_settings(ctx.member, stand_in, service.away(ctx), today)


@feature.on(MemberActed)
def member_acted(ctx: Context, event: MemberActed) -> None:
    service.ask_side(ctx, ctx.colleague(event.member_id))


@feature.card("side")
def side_card(session: Session, workspace: Workspace, member_id: int) -> Message:
    return views.profiles.side_card(member(session, workspace.id, member_id))


@feature.action(TakeSide)
def take_side(ctx: Context, action: TakeSide) -> Answer:
    service.set_side(ctx, ctx.member, action.side)
    return None


@feature.on(ChannelJoined)
def channel_joined(ctx: Context, event: ChannelJoined) -> None:
    service.note_join(ctx, event)


@feature.on(ChannelQuit)
def channel_quit(ctx: Context, event: ChannelQuit) -> None:
    service.note_leaving(ctx, event)


@feature.on(PersonChanged)
def person_changed(ctx: Context, event: PersonChanged) -> None:
    service.note_person(ctx, event.person)


# Setting up


@feature.command(
    "parley setup",
    Usage("setup", N_("what each channel is for, and who does what (admins)")),
    Usage("help", N_("this overview; “help” after a command explains that command")),
)
def set_up(ctx: Context, text: str) -> Answer:
    is_first = service.claim_admin(ctx)
    return Reply(views.setup.setup(service.checklist(ctx), service.this_channel(ctx), is_first))


@feature.action(OpenSetup)
def open_setup(ctx: Context, action: OpenSetup) -> Answer:
    return set_up(ctx, "")


@feature.home(10)
def setup_in_short(ctx: Context) -> Sequence[Part]:
    return views.setup.in_short(service.checklist(ctx)) if ctx.member.administers else []


@feature.action(OpenWorkspace, query=True)
def open_workspace(ctx: Context, action: OpenWorkspace) -> Answer:
    service.check_admin(ctx)
    return OpenForm(views.setup.workspace_form(ctx.workspace))


@feature.action(ChangeWorkspace)
def change_workspace(ctx: Context, action: ChangeWorkspace) -> Answer:
    changed = service.change_workspace(ctx, action)
    service.show_progress(ctx)
    return Reply(views.setup.workspace_saved(changed))


@feature.lookup("people.zones")
def suggest_zones(ctx: Context, text: str) -> Sequence[Option]:
    return [Option(zone, zone) for zone in service.find_zones(text)]


@feature.action(FindPerson, query=True)
def find_person(ctx: Context, action: FindPerson) -> Answer:
    service.check_admin(ctx)
    if action.person is None:
        return OpenForm(views.profiles.find_form())
    found = ctx.person(action.person)
    manager, stand_in = _colleague(ctx, found.manager_id), _colleague(ctx, found.stand_in_id)
    return OpenForm(views.profiles.form(found, manager, stand_in))


@feature.action(ChangePerson)
def change_person(ctx: Context, action: ChangePerson) -> Answer:
    changed = service.change_person(ctx, action)
    service.show_progress(ctx)
    return Reply(views.profiles.saved(changed))


@feature.action(OpenCampaign, query=True)
def open_campaign(ctx: Context, action: OpenCampaign) -> Answer:
    service.check_admin(ctx)
    return OpenForm(views.setup.campaign_form())


@feature.action(ChangeCampaign)
def change_campaign(ctx: Context, action: ChangeCampaign) -> Answer:
    changed, owner = service.change_campaign(ctx, action)
    service.show_progress(ctx)
    return Reply(views.setup.campaign_saved(changed, owner))


@feature.lookup("people.campaigns")
def suggest_campaigns(ctx: Context, text: str) -> Sequence[Option]:
    return [
        views.setup.campaign_option(found) for found in find_campaigns(ctx.session, ctx.workspace.id, text, OFFERED)
    ]


def _colleague(ctx: Context, member_id: int | None) -> Member | None:
    return ctx.colleague(member_id) if member_id else None
