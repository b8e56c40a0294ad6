"""How feedback looks while it is given: pure functions from rows to forms, questions and confirmations."""

from collections.abc import Iterable, Sequence
from datetime import date

from bot.core import forms
from bot.core.action import PartialAction
from bot.core.language import N_, _, day, fill
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, FormButton, Line, Message, Part, Quote, line
from bot.core.ui import Code as UiCode
from bot.features.feedback.actions import Change, Give, Open, OpenCode, Refine, SaveCode, Undo
from bot.features.feedback.service import Topic
from bot.features.feedback.typed import MATCHES, Typed
from bot.rules.codes import DUPLICATE, GOOD_LEAD, TIMING, WRONG_OWNER, Code, CodeKind, fits
from storage.feedback import Feedback

KINDS = {
    CodeKind.PRAISE: N_("Good"),
    CodeKind.REJECT: N_("Reject"),
    CodeKind.DISQUALIFY: N_("Disqualify"),
    CodeKind.RECYCLE: N_("Not now"),
    CodeKind.NOTE: N_("Market note"),
}
_QUESTIONS = {  # of a form that offers one kind of code
    CodeKind.PRAISE: N_("What is good about it?"),
    CodeKind.REJECT: N_("Why do you reject it?"),
    CodeKind.DISQUALIFY: N_("Why do you disqualify it?"),
    CodeKind.RECYCLE: N_("Why not now?"),
    CodeKind.NOTE: N_("What do you think of it?"),
}
WAITS = {14: N_("2 weeks"), 30: N_("1 month"), 91: N_("3 months"), 182: N_("6 months")}


def form(
    codes: dict[str, Code],
    topic: Topic | None,
    *,
    is_fixed: bool = False,
    kind: str | None = None,
    code: Code | None = None,
    note: str = "",
    wake_on: date | None = None,
    reaction: str | None = None,
    quote: str | None = None,
    link: str | None = None,
    lead_not_found: str | None = None,
) -> forms.Form:
    """Asks what it is about (unless fixed), a code that fits, when to wake it, and a line of text."""
    offered = [c for c in codes.values() if _is_offered(c, topic, kind)]
    code = code if code in offered else None
    fields: list[forms.Field] = []
    if not is_fixed:
        fields.append(
            forms.LookupField(
                name="about",
                label=_("Lead or campaign"),
                hint=_("Type part of the company's name, or the lead's key such as L-7. Or choose “in general”."),
                lookup="leads.find",
                initial=forms.Option(*about_option(topic)) if topic else None,
                on_change=Change.name,
            )
        )
    fields.append(
        forms.ChoiceField(
            name="code",
            label=_(_QUESTIONS[CodeKind(kind)]) if kind else _("What do you think of it?"),
            options=grouped(offered),
            initial=code.code if code else None,
        )
    )
    if any(c.kind == CodeKind.RECYCLE for c in offered):
        hint = _("Only for “not now”.") if kind != CodeKind.RECYCLE else None
        is_optional = kind != CodeKind.RECYCLE
        fields.append(
            forms.DateField(
                name="wake_on", label=_("When to wake it?"), hint=hint, optional=is_optional, initial=wake_on
            )
        )
    fields.append(
        forms.TextField(
            name="note",
            label=_("In your words"),
            hint=_note_hint(code, offered),
            multiline=True,
            limit=1000,
            optional=not (code and code.is_other),
            initial=note or None,
        )
    )
    intro: list[forms.Intro] = []
    if is_fixed and topic:
        intro.append(_about(topic))
    if code and code.kind == CodeKind.RECYCLE and wake_on is None and not is_fixed:
        intro.append(Line(_("When should it wake up? A day is missing, such as 2027-03-01, or 2w, 3m.")))
    if lead_not_found:
        intro.append(line(_("I found no lead called “{text}”. Please choose one."), text=clip(lead_not_found, 100)))
    if quote:
        intro.append(Quote(clip(quote, 600)))
    about = about_option(topic)[0] if is_fixed and topic else None
    cycle = topic.lead.cycle if is_fixed and topic and topic.lead else None
    given = {"about": about, "cycle": cycle, "reaction": reaction, "quote": quote, "link": link}
    return forms.Form(
        title=_("Lead feedback"),
        action=PartialAction.of(Give, **given),
        submit=_("Send to marketing"),
        intro=tuple(intro),
        fields=tuple(fields),
    )


def _note_hint(code: Code | None, offered: Sequence[Code]) -> str:
    if code and code.asks:
        return _(code.asks)
    if any(each.is_other for each in offered):
        return _("For example which competitor, or until when. “Other” needs five words or more.")
    return _("For example which competitor, or until when.")


def about_option(topic: Topic) -> tuple[str, str]:
    """The value and the label by which the lookup `leads.find` offers this topic."""
    if topic.lead:
        return f"lead:{topic.lead.id}", clip(f"{clip(topic.lead.key, 40)} · {clip(topic.lead.company, 90)}", 70)
    if topic.campaign:
        return f"campaign:{topic.campaign.id}", clip(_("Campaign: {name}").format(name=topic.campaign.name), 70)
    return "general", _("In general, about no lead")


def _about(topic: Topic) -> Line:
    name = Bold(about_option(topic)[1])
    return line(_("About {lead}"), lead=name) if topic.lead or topic.campaign else Line(name)


def grouped(codes: Iterable[Code]) -> tuple[forms.Group, ...]:
    """Codes as options under Good, Reject, Disqualify, Not now and Market note."""
    listed = list(codes)
    groups = []
    for kind, label in KINDS.items():
        options = tuple(forms.Option(c.code, clip(c.choice, 70)) for c in listed if c.kind == kind)
        if options:
            groups.append(forms.Group(_(label), options))
    return tuple(groups)


def logged(feedback: Feedback, code: Code | None, topic: Topic, *, repeated: bool = False) -> Message:
    """The confirmation, with a way back."""
    what = code.title if code else _("your note")
    sentence = _("Already logged: {what}") if repeated else _("Logged: {what}")
    parts: list[Part] = [_about(topic)]
    if feedback.note:
        parts.append(Quote(clip(feedback.note, 1000)))
    if feedback.wake_on:
        parts.append(Line(_("It wakes up on {day}.").format(day=day(feedback.wake_on))))
    if feedback.is_opinion:
        parts.append(Line(_whose_word(topic)))
    parts.append(Line(_("Marketing gets it, and you will hear what became of it.")))
    parts.append(Buttons(Button(_("Undo"), Undo(feedback=feedback.id))))
    return Message(clip(fill(sentence, what=what), 150), *parts)


def _whose_word(topic: Topic) -> str:
    if topic.lead and topic.lead.owner_id is None:
        return _("The lead itself stays as it is: sales decides about it. Are you in sales? Tell me with /parley me")
    return _("The lead itself stays as it is: its owner decides about it.")


def praised(feedback: Feedback, codes: dict[str, Code], topic: Topic) -> Message:
    """Praise is logged; which was it?"""
    reasons = [c for c in codes.values() if c.kind == CodeKind.PRAISE and c.code != GOOD_LEAD and not c.is_hidden]
    buttons = [Button(clip(c.meaning, 40), Refine(feedback=feedback.id, code=c.code)) for c in reasons]
    return Message(
        clip(fill(_("Logged: {lead} is a good lead"), lead=about_option(topic)[1]), 150),
        Line(_("What was good about it? Marketing learns what to repeat.")),
        *_rows(buttons[:12]),
        Buttons(Button(_("Undo"), Undo(feedback=feedback.id))),
    )


def which_code(reaction: str, kind: CodeKind, codes: dict[str, Code], topic: Topic) -> Message:
    """The question back after a reaction: one tap logs, a form takes more words."""
    about, lead = about_option(topic)[0], topic.lead
    if lead is None:
        raise ValueError("reactions are about leads")

    def tap(label: str, code: str, in_days: int | None = None) -> Button:
        give = Give(about=about, cycle=lead.cycle, reaction=reaction, code=code, in_days=in_days)
        return Button(clip(label, 40), give)

    if kind == CodeKind.RECYCLE:
        question = _("When should {lead} wake up?")
        buttons = [tap(_(label), TIMING, days) for days, label in WAITS.items()]
    elif reaction == "no_entry_sign":
        question = _("Is {lead} a duplicate, or with the wrong owner?")
        buttons = [tap(codes[code].meaning, code) for code in (DUPLICATE, WRONG_OWNER)]
    else:
        question = _("What is wrong with {lead}?")
        reasons = [c for c in codes.values() if _is_offered(c, topic, kind) and not c.is_other]
        buttons = [tap(c.meaning, c.code) for c in reasons]
    more = Open(lead=lead.id, cycle=lead.cycle, kind=kind, reaction=reaction)
    return Message(
        clip(fill(question, lead=about_option(topic)[1]), 150),
        *_rows(buttons[:24]),
        Buttons(FormButton(_("In your words..."), more)),
    )


def nothing_logged() -> Message:
    return Message(_("You took your reaction back; nothing was logged."))


def withdrawn(code: Code | None) -> Message:
    what = code.title if code else _("your note")
    return Message(clip(fill(_("Withdrawn: {what}"), what=what), 150))


def choose_lead(line: Typed) -> Message:
    """Several leads fit what was typed; the form of the chosen one has the rest of it."""
    typed = {"code": line.code and line.code.code, "wake_on": line.wake_on, "note": clip(line.note, 900)}
    buttons = [
        FormButton(
            clip(f"{lead.key} {lead.company}", 40), PartialAction.of(Open, lead=lead.id, cycle=lead.cycle, **typed)
        )
        for lead in line.leads
    ]
    if line.is_general:
        buttons.append(FormButton(about_option(Topic())[1], PartialAction.of(Open, **typed)))
    more = [Line(_("There may be more: type more of the name."))] if len(line.leads) >= MATCHES else []
    return Message(_("Which lead do you mean?"), *_rows(buttons), *more)


def did_you_mean(text: str, near: str) -> Message:
    sentence = _("I found no lead called “{text}”. Did you mean this?")
    return Message(fill(sentence, text=clip(text, 40)), Line(UiCode(f"/leadfeedback {near}")))


def nothing_written(topic: Topic) -> Message:
    return Message(_("Nothing was logged: please write what you think behind “feedback:”."), _about(topic))


def my_feedback(said: Sequence[tuple[str, str, str]]) -> list[Part]:
    """What I said, about what, and what became of it."""
    parts: list[Part] = [Line(Bold(_("My feedback")))]
    if not said:
        parts.append(line(_("None yet. Say what you think of a lead: {command}"), command=UiCode("/leadfeedback")))
    for what, about, fate in said:
        parts.append(Line(clip(what, 150), " · ", clip(about, 100), " · ", fate))
    return parts


def code_list(codes: dict[str, Code], is_admin: bool) -> Message:
    lines = []
    for kind, label in KINDS.items():
        known = ", ".join(f"{c.code} {c.meaning}" for c in codes.values() if c.kind == kind and not c.is_hidden)
        lines.append(Line(Bold(_(label)), "  ", clip(known, 2000)))
    change = [Buttons(FormButton(_("Change or add a code..."), OpenCode()))] if is_admin else []
    return Message(_("The codes of feedback"), *lines, *change)


def code_form() -> forms.Form:
    hidden = (forms.Option("no", _("Offered")), forms.Option("yes", _("Hidden")))
    hint = _("A known code is renamed; a new one starts with W (good), R (reject), D (disqualify), N (not now) or M.")
    return forms.Form(
        title=_("A code"),
        action=PartialAction.of(SaveCode),
        submit=_("Save"),
        fields=(
            forms.TextField(name="code", label=_("Code"), hint=hint, limit=4),
            forms.TextField(name="label", label=_("What it means"), limit=60),
            forms.ChoiceField(name="hidden", label=_("In lists"), options=hidden, initial="no"),
        ),
    )


def code_saved(code: str, label: str) -> Message:
    return Message(fill(_("Saved: {code} {label}"), code=code, label=label))


def _is_offered(code: Code, topic: Topic | None, kind: str | None) -> bool:
    if code.is_hidden or (kind and code.kind != kind):
        return False
    return topic is None or fits(code, topic.state)


def _rows(buttons: Sequence[Button | FormButton]) -> list[Buttons]:
    return [Buttons(*buttons[start : start + 6]) for start in range(0, len(buttons), 6)]
