"""How patterns look: a channel's list, the form, and what a pattern makes of the last messages."""

from collections.abc import Sequence

from bot.core import forms
from bot.core.action import PartialAction
from bot.core.language import _, fill, listed, ngettext
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, FormButton, Line, Message, Part, Quote, line
from bot.features.patterns.actions import Open, Remove, Switch, Try, Use
from bot.features.patterns.service import InForce, Trial
from bot.rules.lead_patterns import FIELDS, LONGEST_PATTERN
from storage.channels import Channel
from storage.patterns import Pattern

SHOWN = 8  # messages of a trial
STARTER = "^new lead: *(?P<company>.+)$\n^source: *(?P<source>.+)$"


def patterns(where: Channel, known: Sequence[InForce]) -> Message:
    parts: list[Part] = [
        Line(_("Messages here that one of these patterns fits become leads; the first that fits counts."))
    ]
    for each in known:
        parts.append(_described(each))
        row: list[Button | FormButton] = [FormButton(_("Change..."), Open(channel=where.id, called=each.name))]
        label = _("Switch off") if each.is_on else _("Switch on")
        row.append(Button(label, Switch(channel=where.id, called=each.name, is_on=not each.is_on)))
        if each.own and each.own.text:
            row.append(Button(_("Remove"), Remove(pattern=each.own.id)))
        parts.append(Buttons(*row))
    parts.append(Buttons(FormButton(_("New pattern..."), Open(channel=where.id))))
    return Message(clip(fill(_("Patterns of #{name}"), name=clip(where.name, 80)), 140), *parts)


def _described(each: InForce) -> Line:
    if not each.is_on:
        return line(_("{name}: switched off"), name=Bold(each.name))
    return line(
        _("{name}: your own") if each.own and each.own.text else _("{name}: comes with Parley"), name=Bold(each.name)
    )


def form(where: Channel, known: InForce | None) -> forms.Form:
    hint = _("One RE2 expression a line; the first must be found. Fields: {names}, as (?P<company>.+)")
    return forms.Form(
        title=_("Pattern for leads"),
        action=PartialAction.of(Try, channel=where.id),
        submit=_("Try it"),
        fields=(
            forms.TextField(name="called", label=_("Name"), limit=40, initial=known.name if known else None),
            forms.TextField(
                name="text",
                label=_("Pattern"),
                hint=fill(hint, names=", ".join(FIELDS)),
                multiline=True,
                limit=LONGEST_PATTERN,
                initial=known.text if known else STARTER,
            ),
        ),
        intro=(Line(_("First you see what the last messages of this channel would become; nothing is saved yet.")),),
    )


def tried(pattern: Pattern, trials: Sequence[Trial]) -> Message:
    """What the last messages would become; those that become leads first."""
    leads = [trial for trial in trials if trial.fields]
    n = len(trials)
    sentence = ngettext(
        "{leads} of the last {n} message would become a lead", "{leads} of the last {n} messages would become leads", n
    )
    parts: list[Part] = []
    for trial in (leads + [trial for trial in trials if not trial.fields])[:SHOWN]:
        parts.append(Quote(clip(trial.text, 200)))
        parts.append(_became(trial))
    if not trials:
        parts.append(Line(_("Parley has heard no message in this channel yet.")))
    parts.append(
        Buttons(
            Button(_("Use it"), Use(pattern=pattern.id, version=pattern.version), "good"),
        )
    )
    return Message(clip(fill(sentence, leads=len(leads), n=n), 150), *parts)


def _became(trial: Trial) -> Line:
    if not trial.fields:
        return Line(_("stays a message"))
    fields = listed([f"{name}: {clip(text, 60)}" for name, text in trial.fields.items()])
    return line(_("becomes a lead: {fields}"), fields=clip(fields, 600))


def used(pattern: Pattern) -> Message:
    return Message(clip(fill(_("“{name}” holds from now on."), name=clip(pattern.name, 80)), 140))
