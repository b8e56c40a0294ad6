"""How people look: the question for a side, one's own settings, and what an admin sets for others."""

from datetime import date, time

from bot.core.action import PartialAction
from bot.core.forms import ChoiceField, ChoicesField, DateField, Form, Option, PersonField, TextField, TimeField
from bot.core.language import _, day, fill
from bot.core.limits import clip
from bot.core.ui import Button, Buttons, FormButton, Line, Message, Part
from bot.features.people.actions import USUAL, ChangeMe, ChangePerson, FindPerson, OpenMe, TakeSide
from bot.features.people.views.words import day_names, language_options, named, side_name, side_options, work_days
from storage.calendars import Absence
from storage.people import Member, Side


def side_card(member: Member) -> Message:
    """The question, in private; once there is an answer, the answer."""
    if member.side is None:
        buttons = [Button(option.label, TakeSide(side=Side(option.value))) for option in side_options()]
        return Message(
            _("Which side do you work on?"),
            Line(_("I ask once, so that I know whose view I hear. You can change it at any time with /parley me.")),
            Buttons(*buttons),
        )
    answers = {
        Side.SALES: _("You work in sales."),
        Side.MARKETING: _("You work in marketing."),
        Side.OTHER: _("You work on neither side."),
    }
    return Message(answers[member.side], Line(_("You can change it at any time with /parley me.")))


def me_form(me: Member, stand_in: Member | None, away: Absence | None) -> Form:
    chosen = tuple(name for name in day_names() if name in me.work_days.split(","))
    return Form(
        _("My settings"),
        PartialAction.of(ChangeMe),
        (
            ChoiceField(
                name="side", label=_("My side"), options=side_options(), initial=me.side and str(me.side)
            ),
            _role_field(me),
            ChoiceField(
                name="language",
                label=_("My language"),
                options=language_options(_("As in my profile")),
                initial=me.language or USUAL,
            ),
            ChoicesField(
                name="work_days",
                label=_("Days I work"),
                options=tuple(Option(name, label) for name, label in day_names().items()),
                initial=chosen,
            ),
            TimeField(name="work_starts", label=_("My day starts"), initial=time.fromisoformat(me.work_starts)),
            TimeField(name="work_ends", label=_("My day ends"), initial=time.fromisoformat(me.work_ends)),
            DateField(
                name="away_from",
                label=_("Away from"),
                hint=_("Your first day off. Empty: today."),
                optional=True,
                initial=away.first_on if away else None,
            ),
            DateField(
                name="away_until",
                label=_("Away until"),
                hint=_("Your last day off. Until then nothing is expected of you."),
                optional=True,
                initial=away.last_on if away else None,
            ),
            PersonField(
                name="stand_in",
                label=_("Who stands in for me"),
                hint=_("They may act on your leads, and hear of what waits while you are away."),
                optional=True,
                initial=_known(stand_in),
            ),
        ),
        _("Save"),
        (_timezone(me),),
    )  # fmt: skip


def _timezone(me: Member) -> Line:
    if me.has_own_timezone:
        return Line(fill(_("Your time zone is {zone}. It comes from your profile."), zone=me.timezone))
    sentence = _("Your time zone is {zone}, the workspace's, because your profile names none.")
    return Line(fill(sentence, zone=me.timezone))


def my_settings(me: Member, stand_in: Member | None, away: Absence | None, today: date) -> list[Part]:
    """A line for the member's home, and the way to change it."""
    hours = f"{work_days(me.work_days)} {me.work_starts}-{me.work_ends} ({me.timezone})"
    said = [side_name(me.side), *([clip(me.role, 80)] if me.role else []), hours]
    if away and away.first_on <= today:
        said.append(_("away until {day}").format(day=day(away.last_on)))
    elif away:
        said.append(_("away from {first} until {last}").format(first=day(away.first_on), last=day(away.last_on)))
    if stand_in:
        said.append(named(_("{name} stands in"), clip(stand_in.name, 40)))
    line = Line(_("My settings: {settings}").format(settings=" · ".join(said)))
    return [line, Buttons(FormButton(_("Change…"), OpenMe()))]


def me_saved(me: Member, stand_in: Member | None, away: Absence | None, today: date) -> Message:
    return Message(_("Saved."), *my_settings(me, stand_in, away, today))


def find_form() -> Form:
    """Asks of whom the next form is about."""
    asked = PersonField(name="person", label=_("Who?"))
    return Form(_("A person"), PartialAction.of(FindPerson), (asked,), _("Next"))


def form(member: Member, manager: Member | None, stand_in: Member | None) -> Form:
    duties = (Option("head", _("Head of their side")), Option("admin", _("Admin of Parley")))
    held = (*(["head"] if member.is_head else []), *(["admin"] if member.is_admin else []))
    intro = [Line(clip(member.name, 80))]
    if member.is_platform_admin:
        intro.append(Line(_("An admin of the workspace itself, and so of Parley too.")))
    return Form(
        _("A person"),
        PartialAction.of(ChangePerson, person=member.external_id),
        (
            ChoiceField(
                name="side",
                label=_("Side"),
                options=side_options(),
                initial=member.side and str(member.side),
                optional=True,
            ),
            _role_field(member),
            PersonField(name="manager", label=_("Manager"), optional=True, initial=_known(manager)),
            PersonField(
                name="stand_in", label=_("Stand-in"), optional=True, initial=_known(stand_in)
            ),
            ChoicesField(name="duties", label=_("Duties"), options=duties, initial=held, optional=True),
        ),
        _("Save"),
        tuple(intro),
    )  # fmt: skip


def saved(member: Member) -> Message:
    said = [side_name(member.side), *([clip(member.role, 80)] if member.role else [])]
    if member.is_head:
        said.append(_("head"))
    if member.administers:
        said.append(_("admin"))
    return Message(named(_("Saved: {name}"), clip(member.name, 40)), Line(" · ".join(said)))


def _role_field(member: Member) -> TextField:
    hint = _("Such as SDR, account executive, hunter, farmer, campaign owner.")
    initial = member.role[:80] if member.role else None
    return TextField(name="role", label=_("Role"), hint=hint, limit=80, optional=True, initial=initial)


def _known(other: Member | None) -> str | None:
    """Whom the platform still lets people choose."""
    return other.external_id if other and other.belongs else None
