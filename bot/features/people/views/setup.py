"""How setting up looks: the checklist, its short form at home, and the forms it opens."""

from bot.core.action import PartialAction
from bot.core.forms import ChoiceField, Form, LookupField, Option, PersonField
from bot.core.language import _, fill, ngettext
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, FormButton, Line, Message, Part
from bot.features.people.actions import (
    AllowChannel,
    ChangeCampaign,
    ChangeWorkspace,
    FindChannel,
    FindPerson,
    OpenCampaign,
    OpenSetup,
    OpenWorkspace,
)
from bot.features.people.service import Setup
from bot.features.people.views.words import (
    channel_name,
    language_name,
    language_options,
    named,
    purpose_label,
    side_name,
    some_channels,
    some_members,
    tick,
)
from storage.campaigns import Campaign
from storage.channels import Channel, Purpose
from storage.people import Member, Side
from storage.workspaces import Workspace

ALLOWABLE = 5  # buttons for shared channels; the others have theirs in the channel itself


def setup(state: Setup, here: Channel | None, is_first: bool = False) -> Message:
    """The checklist, and the ways to change what stands in it."""
    made = [Line(_first_admin())] if is_first else []
    this = [FormButton(_("This channel…"), FindChannel(channel=here.id))] if here else []
    return Message(
        _("Setting up Parley"),
        *made,
        Line(Bold(_("Channels"))),
        *(_purpose(state, purpose) for purpose in state.by_purpose),
        *_channels_to_do(state),
        Buttons(*this, FormButton(_("A channel…"), FindChannel())),
        Line(Bold(_("Workspace"))),
        tick(state.has_timezone, _workspace(state)),
        Buttons(
            FormButton(_("Time zone and language…"), OpenWorkspace()),
            Button(_("Deadlines…"), PartialAction.of("clocks.deadlines")),
        ),
        Line(Bold(_("People"))),
        Line(named(_("Admins: {name}"), some_members(state.admins))),
        *(_heads(state, side) for side in state.heads),
        tick(not state.without_side, _sides(state)),
        tick(not state.campaigns_without_owner, _campaigns(state)),
        Buttons(FormButton(_("A person…"), FindPerson()), FormButton(_("Owner of a campaign…"), OpenCampaign())),
    )


def in_short(state: Setup) -> list[Part]:
    """The checklist at an admin's home: what is still to do, and under it what does it."""
    without = (purpose for purpose, found in state.by_purpose.items() if not found)
    missing = [purpose_label(purpose) for purpose in without if not _waiting(state, purpose)]
    channels = [_("no channel yet for: {names}").format(names=", ".join(missing))] if missing else []
    channels += [_unassigned(state)] if state.unassigned else []
    channels += [_silent(state)] if state.silent else []
    people = [_no_head(side) for side, found in state.heads.items() if not found]
    people += [_sides(state)] if state.without_side else []
    campaigns = [_campaigns(state)] if state.campaigns_without_owner else []
    workspace = [] if state.has_timezone else [_workspace(state)]
    mended = (
        (channels, FormButton(_("A channel…"), FindChannel())),
        (workspace, FormButton(_("Time zone and language…"), OpenWorkspace())),
        (people, FormButton(_("A person…"), FindPerson())),
        (campaigns, FormButton(_("Owner of a campaign…"), OpenCampaign())),
    )
    parts: list[Part] = [Line(Bold(_("Setting up Parley")))]
    for to_do, button in mended:
        parts += [*(tick(False, sentence) for sentence in to_do), *([Buttons(button)] if to_do else [])]
    if len(parts) == 1:
        parts.append(tick(True, _("Parley is set up.")))
    return [*parts, Buttons(Button(_("Everything…"), OpenSetup()))]


def first_admin() -> Message:
    return Message(_("You are now an admin of Parley"), Line(_first_admin()))


def workspace_form(workspace: Workspace) -> Form:
    zone = Option(workspace.timezone, workspace.timezone)
    return Form(
        _("Workspace"),
        PartialAction.of(ChangeWorkspace),
        (
            LookupField(
                name="timezone",
                label=_("Time zone"),
                hint=_("Type the nearest large city."),
                lookup="people.zones",
                initial=zone,
            ),
            ChoiceField(
                name="language",
                label=_("Language"),
                hint=_("For channels, and for people who chose none."),
                options=language_options(None),
                initial=workspace.language if workspace.language in _spoken() else None,
            ),
        ),
        _("Save"),
    )


def workspace_saved(workspace: Workspace) -> Message:
    return Message(_("Saved."), Line(_zone_and_language(workspace)))


def campaign_form() -> Form:
    return Form(
        _("Owner of a campaign"),
        PartialAction.of(ChangeCampaign),
        (
            LookupField(
                name="campaign",
                label=_("Campaign"),
                hint=_("Campaigns are known once a lead names them."),
                lookup="people.campaigns",
            ),
            PersonField(name="owner", label=_("Owner"), hint=_("Leave this empty for nobody."), optional=True),
        ),
        _("Save"),
    )


def campaign_option(campaign: Campaign) -> Option:
    return Option(str(campaign.id), clip(campaign.name, 75))


def campaign_saved(campaign: Campaign, owner: Member | None) -> Message:
    name = clip(campaign.name, 60)
    if owner is None:
        return Message(fill(_("Saved. Nobody owns “{campaign}”."), campaign=name))
    return Message(fill(_("Saved. {name} owns “{campaign}”."), name=clip(owner.name, 40), campaign=name))


def _purpose(state: Setup, purpose: Purpose) -> Line:
    found, label = state.by_purpose[purpose], purpose_label(purpose)
    if found:
        return tick(True, f"{label}: {some_channels(found)}")
    if waiting := _waiting(state, purpose):
        sentence = _("{purpose}: {names}, where I stay silent until you allow me to speak")
        return tick(False, sentence.format(purpose=label, names=some_channels(waiting)))
    return tick(False, _("{purpose}: no channel yet. Invite me to it: /invite @Parley").format(purpose=label))


def _waiting(state: Setup, purpose: Purpose) -> list[Channel]:
    """The channels of this purpose in which Parley may not speak yet."""
    return [channel for channel in state.silent if channel.purpose == purpose]


def _channels_to_do(state: Setup) -> list[Part]:
    parts: list[Part] = []
    if state.unassigned:
        parts.append(tick(False, _unassigned(state)))
    if state.silent:
        parts.append(tick(False, _silent(state)))
        allow = _("Allow {name}")
        parts.append(
            Buttons(
                *(
                    Button(clip(named(allow, channel_name(channel, 20)), 40), AllowChannel(channel=channel.id))
                    for channel in state.silent[:ALLOWABLE]
                )
            )
        )
    return parts


def _unassigned(state: Setup) -> str:
    n = len(state.unassigned)
    text = ngettext("{n} channel has no purpose: {names}", "{n} channels have no purpose: {names}", n)
    return text.format(n=n, names=some_channels(state.unassigned))


def _silent(state: Setup) -> str:
    text = ngettext(
        "{n} channel is shared with other organisations and waits for your word: {names}",
        "{n} channels are shared with other organisations and wait for your word: {names}",
        len(state.silent),
    )
    return text.format(n=len(state.silent), names=some_channels(state.silent))


def _workspace(state: Setup) -> str:
    said = _zone_and_language(state.workspace)
    return said if state.has_timezone else _("{settings} Please choose your own.").format(settings=said)


def _zone_and_language(workspace: Workspace) -> str:
    text = _("Time zone: {zone}. Language: {language}.")
    return fill(text, zone=workspace.timezone, language=language_name(workspace.language))


def _heads(state: Setup, side: Side) -> Line:
    if not (found := state.heads[side]):
        return tick(False, _no_head(side))
    sentence = _("Head of {side}: {names}")
    return tick(True, sentence.format(side=side_name(side), names=some_members(found)))


def _no_head(side: Side) -> str:
    return _("Head of {side}: nobody yet").format(side=side_name(side))


def _sides(state: Setup) -> str:
    n = state.without_side
    if not n:
        return _("Everybody I have met has a side.")
    return ngettext("{n} person I have met has no side yet.", "{n} people I have met have no side yet.", n).format(n=n)


def _campaigns(state: Setup) -> str:
    n = state.campaigns_without_owner
    if not n:
        return _("Every campaign has an owner.")
    return ngettext("{n} campaign has no owner.", "{n} campaigns have no owner.", n).format(n=n)


def _first_admin() -> str:
    return _("You are the first admin of Parley here: you can change its settings, and make others admins.")


def _spoken() -> set[str]:
    return {option.value for option in language_options(None)}
