"""How deadlines look: those of both sides, and the form that changes a clock's."""

from datetime import timedelta
from decimal import Decimal

from bot.core.action import PartialAction
from bot.core.forms import ChoiceField, Field, Form, NumberField, Option
from bot.core.language import N_, _, fill
from bot.core.limits import clip
from bot.core.ui import Button, Buttons, Facts, FormButton, Line, Message, Part, Table, When, line
from bot.features.clocks.actions import (
    MOST,
    MOST_DAY_AND_NIGHT,
    ChangeDeadlines,
    Kind,
    OpenDeadlines,
    Unit,
    UsualDeadlines,
)
from bot.features.clocks.deadlines import Deadlines, has_cap, temperatures
from bot.features.clocks.views.waiting import NAMES
from bot.rules.clocks import allowance, in_words, usual_policy
from bot.rules.lead_fields import TEMPERATURES

_SALES: tuple[Kind, ...] = ("S1", "S2", "S3")
_MARKETING: tuple[Kind, ...] = ("M1", "M2")
_UNITS: dict[Unit, str] = {"m": N_("Minutes"), "h": N_("Working hours"), "d": N_("Working days")}


def overview(found: Deadlines, *, is_admin: bool) -> Message:
    """What holds, and for admins the ways to change it."""
    return Message(_("Deadlines"), *_parts(found, is_admin=is_admin))


def saved(found: Deadlines) -> Message:
    return Message(_("Saved."), *_parts(found, is_admin=True))


def _parts(found: Deadlines, *, is_admin: bool) -> list[Part]:
    header = (_("Sales"), *(_(label) for label in TEMPERATURES.values()))
    rows = tuple((_(NAMES[kind]), *(in_words(found.policy(kind, warm)) for warm in TEMPERATURES)) for kind in _SALES)
    marketing = Facts(
        *((_(NAMES[kind]), in_words(found.policy(kind))) for kind in _MARKETING),
        (_(NAMES["M3"]), _("as soon as marketing decides")),
    )
    about = _(
        "All of it is the working time of whoever has to act. What waits already keeps the deadline it began with."
    )
    parts: list[Part] = [Table(header, rows), Line(_("Marketing, about any lead:")), marketing, Line(about)]
    if found.set_by and (at := found.workspace.clock_policies_set_at):
        sentence = _("Changed {when} by {who}.")
        parts.append(line(sentence, when=When(at), who=clip(found.set_by.name, 80)))
    if is_admin:
        changes = [FormButton(f"{_(NAMES[kind])}…", OpenDeadlines(kind=kind)) for kind in (*_SALES, *_MARKETING)]
        parts += [Line(_("Change:")), Buttons(*changes)]
        if not found.are_usual:
            parts.append(Buttons(Button(_("Back to the defaults"), UsualDeadlines(), "grave")))
    return parts


def form(found: Deadlines, kind: Kind) -> Form:
    """How long one clock runs, by how warm the lead is where that matters."""
    fields = [field for warm in temperatures(kind) for field in _fields(found, kind, warm)]
    keeps = Line(_("What waits already keeps the deadline it began with."))
    return Form(
        clip(_(NAMES[kind]), 24), PartialAction.of(ChangeDeadlines, kind=kind), tuple(fields), _("Save"), (keeps,)
    )


def _fields(found: Deadlines, kind: Kind, warm: str) -> list[Field]:
    allowed, is_alone = allowance(found.policy(kind, warm)), len(temperatures(kind)) == 1
    label = _("Within") if is_alone else fill(_("{temperature}: within"), temperature=_(TEMPERATURES[warm]))
    fields: list[Field] = [
        NumberField(
            name=f"{warm}_amount",
            label=label,
            hint=fill(_("By default: {time}."), time=in_words(usual_policy(kind, warm))),
            at_least=1,
            at_most=max(MOST.values()),
            initial=Decimal(allowed.amount),
        ),
        ChoiceField(
            name=f"{warm}_unit",
            label=_("in"),
            options=tuple(Option(unit, _(name)) for unit, name in _UNITS.items()),
            initial=allowed.unit,
        ),
    ]
    if has_cap(kind, warm):
        label = fill(_("{temperature}: at most so many hours, day and night"), temperature=_(TEMPERATURES[warm]))
        cap = NumberField(
            name="cap",
            label=label,
            hint=_("However few of them are worked. Leave it empty, and only working time counts."),
            at_least=1,
            at_most=MOST_DAY_AND_NIGHT,
            initial=Decimal(allowed.cap // timedelta(hours=1)) if allowed.cap else None,
            optional=True,
        )
        fields.append(cap)
    return fields
