"""How heads are asked what they will do about a result. Pure."""

from bot.core.action import PartialAction
from bot.core.forms import Form, TextField
from bot.core.language import _, fill
from bot.core.ui import Buttons, FormButton, Line, Message
from bot.features.pulse.actions import OpenSentence, SaySentence
from bot.features.pulse.views.cards import sentences
from bot.features.pulse.views.shown import Shown


def question(shown: Shown, wave_id: int) -> Message:
    """In private; it shows what was said so far."""
    return Message(
        fill(_("Pulse {n}: what will you do?"), n=shown.number),
        Line(_("One sentence is enough. It stands with the result and in front of the next pulse, for both sides.")),
        *([] if shown.sentences else [Line(_("If no head says one, next week's pulse is left out."))]),
        *sentences(shown.sentences),
        Buttons(FormButton(_("Say what we will do..."), OpenSentence(wave=wave_id), "good")),
    )


def form(wave_id: int, before: str | None) -> Form:
    return Form(
        title=_("What we will do"),
        action=PartialAction.of(SaySentence, wave=wave_id),
        submit=_("Say it"),
        fields=(
            TextField(
                name="text",
                label=_("In one sentence"),
                hint=_("Such as: We call every lead within four hours, and on Fridays we look at those we did not."),
                limit=300,
                initial=before,
            ),
        ),
    )


def thanks() -> Message:
    return Message(_("Thank you. Both sides read it with the result and in front of the next pulse."))
