"""How the noise budget looks: the question to admins, the shares by kind, and the settings; pure functions."""

from collections.abc import Collection, Mapping, Sequence

from bot.core.action import PartialAction
from bot.core.counting import Counted
from bot.core.forms import ChoiceField, ChoicesField, Form, Option
from bot.core.language import _, fill, number
from bot.core.limits import clip
from bot.core.ui import Button, Buttons, FormButton, Line, Message, Part, Table, When, line
from bot.features.noise.actions import ChangeSettings, Decide, OpenSettings
from bot.features.noise.service import LEAST, Proposal, Rate

THRESHOLDS = (5, 10, 20, 30)


def proposal(shown: Proposal) -> Message:
    """To an admin, in private: plain figures, and what can be done."""
    choice = shown.choice
    headline = clip(fill(_("Fold into the daily digest? {kind}"), kind=_(shown.counted.about)), 140)
    parts: list[Part] = []
    if choice.sent:
        percent = number(round(100 * choice.acted / choice.sent))
        sentence = _("Of {sent} in four weeks, people acted on {acted} ({share} %).")
        parts.append(Line(fill(sentence, sent=number(choice.sent), acted=number(choice.acted), share=percent)))
        parts.append(Line(_meaning()))
    if shown.is_told:
        parts.append(line(_("The daily digest tells of the same. {what}"), what=_(shown.in_digest.about)))
    else:
        parts.append(Line(_("No channel has a daily digest that tells of them yet. With one, they could be folded.")))
    if choice.decided_at and shown.decided_by:
        folded, kept = _("{who} folded them into the digest, {when}."), _("{who} has them sent, {when}.")
        sentence = folded if choice.is_folded else kept
        parts.append(line(sentence, who=clip(shown.decided_by, 80), when=When(choice.decided_at)))
    return Message(headline, *parts, Buttons(*_buttons(shown)))


def _buttons(shown: Proposal) -> list[Button | FormButton]:
    choice = shown.choice
    if choice.is_folded:
        return [Button(_("Send them again"), Decide(choice=choice.id, fold=False))]
    fold: Button | FormButton = Button(_("Fold into the digest"), Decide(choice=choice.id, fold=True))
    if not shown.is_told:
        fold = FormButton(_("Daily digest..."), PartialAction.of("digest.open_settings"))
    keep = [Button(_("Keep sending"), Decide(choice=choice.id, fold=False))] if choice.decided_at is None else []
    return [fold, *keep]


def report(rates: Sequence[Rate], below: int) -> Message:
    """The share acted on, by kind."""
    cells = tuple(_cells(rate) for rate in rates if rate.sent or rate.is_folded)
    settings = Buttons(FormButton(_("Settings..."), OpenSettings()))
    title = _("What people act on, of four weeks")
    if not cells:
        return Message(title, Line(_("No message is old enough yet to say.")), settings)
    table = Table((_("Messages"), _("Sent"), _("Acted on")), cells)
    sentence = _("Below {below} % of {n} or more, I ask whether to fold them into the daily digest, where that can be.")
    asked = fill(sentence, below=below, n=LEAST)
    never = _("I never ask whether to fold them into the daily digest.")
    about = Line(_("With its 95 % interval. Those of the last three days are not counted yet."))
    return Message(title, table, Line(_meaning()), about, Line(asked if below else never), settings)


def form(kinds: Mapping[str, Counted], folded: Collection[str], below: int) -> Form:
    percents = [Option(str(n), fill(_("Below {n} %"), n=n)) for n in THRESHOLDS]
    return Form(
        _("Fewer messages"),
        PartialAction.of(ChangeSettings),
        (
            ChoiceField(
                name="below",
                label=_("Ask admins when people act on few"),
                options=(Option("0", _("Never")), *percents),
                initial=str(below),
            ),
            ChoicesField(
                name="folded",
                label=_("Folded into the daily digest"),
                hint=_("These are not sent on their own, as long as a digest tells of them."),
                options=tuple(Option(kind, clip(_(counted.about), 70)) for kind, counted in kinds.items()),
                initial=tuple(kind for kind in kinds if kind in folded),
                optional=True,
            ),
        ),
        _("Save"),
    )


def saved() -> Message:
    return Message(_("Saved."))


def _meaning() -> str:
    return _(
        "Acted on: somebody pressed a button, reacted, replied in the thread, or did within three days what it asks."
    )


def _cells(rate: Rate) -> tuple[str, ...]:
    about = fill(_("{kind} (folded)"), kind=_(rate.counted.about)) if rate.is_folded else _(rate.counted.about)
    if rate.share is None:
        return (about, "0", "-")
    share, low, high = (number(round(100 * value)) for value in rate.share)
    return (about, number(rate.sent), fill(_("{share} % ({low} to {high})"), share=share, low=low, high=high))
