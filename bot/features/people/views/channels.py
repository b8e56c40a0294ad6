"""How channels look: the introduction that becomes the channel's card, and the forms about channels."""

from bot.core.action import PartialAction
from bot.core.forms import ChoiceField, Field, Form, LookupField, Option
from bot.core.language import _, fill
from bot.core.ui import Button, Buttons, FormButton, Line, Message, Part
from bot.features.people.actions import NONE, USUAL, AllowChannel, ChangeChannel, ChoosePurpose, FindChannel
from bot.features.people.service import PURPOSES
from bot.features.people.views.words import channel_name, language_options, purpose_label, purpose_sentence
from storage.channels import Channel


def card(channel: Channel) -> Message:
    """The introduction, and what it asks for; in a shared channel nothing else until it is allowed."""
    headline = _("Hello, I am Parley.")
    about = Line(
        _("I help sales and marketing to work as one team: leads go one way, and what became of them comes back.")
    )
    return Message(headline, about, *_state(channel))


def _state(channel: Channel) -> list[Part]:
    if not channel.is_open:
        waits = _(
            "People of other organisations are here, so I stay silent until one of our admins allows me to speak."
        )
        return [Line(waits), Buttons(Button(_("Allow"), AllowChannel(channel=channel.id)))]
    mute = (
        [Button(_("Be silent here"), AllowChannel(channel=channel.id, is_allowed=False))] if channel.is_shared else []
    )
    if channel.purpose is None:
        buttons = [Button(purpose_label(p), ChoosePurpose(channel=channel.id, purpose=p)) for p in PURPOSES]
        return [Line(_("An admin can tell me what this channel is for:")), Buttons(*buttons, *mute)]
    change = FormButton(_("Change…"), FindChannel(channel=channel.id))
    return [Line(purpose_sentence(channel.purpose)), Buttons(change, *mute)]


def find_form(here: Channel | None = None) -> Form:
    """Asks which channel."""
    initial = option(here) if here else None
    asked = LookupField(name="channel", label=_("Which channel?"), lookup="people.channels", initial=initial)
    return Form(_("A channel"), PartialAction.of(FindChannel), (asked,), _("Next"))


def form(channel: Channel) -> Form:
    """What one channel is for, its language and, where other organisations are, whether Parley may speak."""
    purposes = [Option(purpose.value, purpose_label(purpose)) for purpose in PURPOSES]
    known = str(channel.purpose) if channel.purpose in PURPOSES else NONE
    fields: list[Field] = [
        ChoiceField(
            name="purpose",
            label=_("What is it for?"),
            options=(*purposes, Option(NONE, _("Nothing"))),
            initial=known,
        ),
        ChoiceField(
            name="language",
            label=_("Language of what I post there"),
            options=language_options(_("As in the workspace")),
            initial=channel.language or USUAL,
        ),
    ]
    if channel.is_shared:
        fields.append(
            ChoiceField(
                name="speaks",
                label=_("May I speak there?"),
                hint=_("People of other organisations are in this channel and will read what I post."),
                options=(Option("yes", _("Yes")), Option("no", _("No"))),
                initial="yes" if channel.is_allowed else "no",
            )
        )
    intro = (Line(channel_name(channel)),)
    return Form(_("A channel"), PartialAction.of(ChangeChannel, channel=channel.id), tuple(fields), _("Save"), intro)


def option(channel: Channel) -> Option:
    return Option(str(channel.id), channel_name(channel, 70))


def saved(channel: Channel) -> Message:
    name = channel_name(channel)
    if not channel.is_open:
        return Message(fill(_("Saved. I stay silent in {name}."), name=name))
    if channel.purpose is None:
        return Message(fill(_("Saved. {name} has no purpose."), name=name))
    return Message(fill(_("Saved: {name}"), name=name), Line(purpose_sentence(channel.purpose)))


def fell_silent(channel: Channel) -> Message:
    """Told to admins in private."""
    return Message(
        fill(_("{name} is now shared with another organisation"), name=channel_name(channel)),
        Line(_("I say nothing there until an admin allows it: what I post would be read outside the company.")),
        Buttons(Button(_("Allow"), AllowChannel(channel=channel.id))),
    )


def may_speak(channel: Channel) -> Message:
    if channel.is_open:
        return Message(fill(_("I speak in {name} from now on."), name=channel_name(channel)))
    return Message(fill(_("I am silent in {name} from now on."), name=channel_name(channel)))
