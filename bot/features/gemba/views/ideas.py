"""How reflections and ideas look: slides, a small A3, votes, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core.action import PartialAction
from bot.core.forms import DateField, Form, PersonField, TextField
from bot.core.language import N_, _, day, fill, ngettext
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, Facts, FormButton, Line, Mention, Message, Part, Quote, When, line
from bot.features.gemba.actions import (
    Adopted,
    Approve,
    Correct,
    Dropped,
    FollowUp,
    OpenAdopted,
    OpenCorrect,
    OpenDropped,
    OpenIdea,
    Propose,
    Reflect,
    TakeVoteBack,
    Vote,
)
from storage.gemba_ideas import Fate, GembaFollowUp, GembaIdea
from storage.gemba_swaps import GembaReflection, GembaSwap
from storage.people import Member

FATES: dict[Fate, str] = {
    Fate.PROPOSED: N_("proposed"),
    Fate.TESTING: N_("being tested"),
    Fate.ADOPTED: N_("adopted"),
    Fate.DROPPED: N_("dropped"),
    Fate.FORGOTTEN: N_("forgotten"),
}
A_DAY = timedelta(hours=24)
SHOWN = 20  # ideas in a list


@dataclass(frozen=True)
class Slides:
    reflection: GembaReflection
    author: Member
    host: Member


@dataclass(frozen=True)
class IdeaCard:
    idea: GembaIdea
    author: Member
    owner: Member
    votes: int
    follow_ups: Sequence[GembaFollowUp]


def reflection_form(swap: GembaSwap, host: str, facts: Sequence[str]) -> Form:
    """Three slides; the first begins with what was noted on the day."""
    return Form(
        _("Three slides"),
        PartialAction.of(Reflect, swap=swap.id),
        (
            TextField(
                name="did",
                label=_("1. What I did and saw"),
                multiline=True,
                limit=1000,
                initial="\n".join(facts)[:1000] or None,
            ),
            TextField(name="wrong", label=_("2. What I had wrong about them"), multiline=True, limit=700),
            TextField(name="change", label=_("3. One change I propose"), multiline=True, limit=700),
        ),
        _("Show my host"),
        (
            Line(
                fill(_("{host} sees it first and has a day to correct facts. Then both sides do."), host=clip(host, 80))
            ),
        ),
    )


def reflected(host: str) -> Message:
    return Message(clip(fill(_("Thank you. {host} sees it first, both sides tomorrow."), host=host), 150))


def check(shown: Slides) -> Message:
    """To the host, before anybody else."""
    found = shown.reflection
    title = clip(fill(_("{name} tells of the visit to you"), name=shown.author.name), 150)
    parts = _slides(found)
    if found.published_at:
        return Message(title, *parts, Line(_("Both sides have it now.")))
    at = When(found.written_at + A_DAY)
    parts.append(line(_("Are the facts right? Both sides read it when you work, not before {when}."), when=at))
    buttons = Buttons(
        Button(_("It is right"), Approve(reflection=found.id), "good"),
        FormButton(_("Correct a fact..."), OpenCorrect(reflection=found.id)),
    )
    return Message(title, *parts, buttons)


def slides(shown: Slides) -> Message:
    """In the channels of both sides."""
    found = shown.reflection
    names = {"author": clip(shown.author.name, 60), "host": clip(shown.host.name, 60)}
    title = clip(fill(_("{author} has seen the work of {host}"), **names), 150)
    return Message(title, *_slides(found), Buttons(FormButton(_("Make it an idea..."), OpenIdea(reflection=found.id))))


def _slides(found: GembaReflection) -> list[Part]:
    parts: list[Part] = [
        Line(Bold(_("1. What I did and saw"))),
        Quote(clip(found.did, 1200)),
        Line(Bold(_("2. What I had wrong about them"))),
        Quote(clip(found.wrong, 900)),
        Line(Bold(_("3. One change I propose"))),
        Quote(clip(found.change, 900)),
    ]
    if found.correction:
        parts += [Line(Bold(_("The host adds"))), Quote(clip(found.correction, 900))]
    return parts


def correct_form(reflection: GembaReflection) -> Form:
    return Form(
        _("Correct a fact"),
        PartialAction.of(Correct, reflection=reflection.id),
        (
            TextField(
                name="text",
                label=_("What is not so?"),
                hint=_("It stands below the slides, which stay as they were written."),
                multiline=True,
                limit=700,
                initial=reflection.correction or None,
            ),
        ),
        _("Add it"),
    )


def corrected() -> Message:
    return Message(_("Added. Both sides read it below the slides."))


def approved() -> Message:
    return Message(_("Thank you. Both sides read it now."))


# Ideas


def idea_form(reflection: GembaReflection | None, owner: str) -> Form:
    """A small A3; `owner` is an external id."""

    def words(name: str, label: str, limit: int = 500, initial: str | None = None) -> TextField:
        return TextField(name=name, label=label, multiline=limit > 200, limit=limit, initial=initial)

    return Form(
        _("An idea"),
        PartialAction.of(Propose, reflection=reflection.id if reflection else None),
        (
            words("title", _("In one line"), 100),
            words("background", _("Background"), initial=reflection.did[:500] if reflection else None),
            words("current", _("How it works now")),
            words("why", _("Why it is so")),
            words("countermeasure", _("What we do instead"), initial=reflection.change[:500] if reflection else None),
            PersonField(name="owner", label=_("Who sees to it"), initial=owner),
            DateField(name="due_on", label=_("By when")),
            words("measure", _("How we measure it"), 150),
            words("before", _("The measure before"), 100),
        ),
        _("Propose it"),
    )


def proposed(idea: GembaIdea) -> Message:
    return Message(
        clip(fill(_("Proposed: {title}"), title=idea.title), 150),
        Line(_("Both sides can vote for it. Its owner is asked after 30, 60 and 90 days what has become of it.")),
    )


def card(shown: IdeaCard) -> Message:
    idea = shown.idea
    owner = Mention(shown.owner.external_id, clip(shown.owner.name, 80))
    facts: list[tuple[str, str]] = [
        (_("Background"), clip(idea.background, 600)),
        (_("How it works now"), clip(idea.current, 600)),
        (_("Why it is so"), clip(idea.why, 600)),
        (_("What we do instead"), clip(idea.countermeasure, 600)),
        (_("Measure"), clip(idea.measure, 200)),
        (_("Before"), clip(idea.before, 120)),
    ]
    if idea.after:
        facts.append((_("After"), clip(idea.after, 120)))
    parts: list[Part] = [
        Facts(*facts),
        line(
            _("By {author}. {owner} sees to it until {day}."),
            author=clip(shown.author.name, 80),
            owner=owner,
            day=day(idea.due_on),
        ),
        line(_("It is {fate}."), fate=Bold(_(FATES[idea.fate]))),
    ]
    if idea.dropped_because:
        parts.append(line(_("Because: {why}"), why=clip(idea.dropped_because, 300)))
    if shown.votes:
        parts.append(Line(ngettext("{n} is for it.", "{n} are for it.", shown.votes).format(n=shown.votes)))
    if idea.fate not in (Fate.DROPPED, Fate.FORGOTTEN):
        votes = Button(_("I am for it"), Vote(idea=idea.id), "good")
        parts.append(Buttons(votes, Button(_("Take my vote back"), TakeVoteBack(idea=idea.id))))
    return Message(clip(fill(_("Idea: {title}"), title=idea.title), 150), *parts)


def asked(follow_up: GembaFollowUp, idea: GembaIdea) -> Message:
    """To the owner, after so many days."""
    title = clip(fill(_("What has become of it? {title}"), title=idea.title), 150)
    said = fill(_("It was proposed {n} days ago."), n=follow_up.day)
    parts: list[Part] = [Line(said), line(_("What we do instead: {what}"), what=clip(idea.countermeasure, 600))]
    if follow_up.fate:
        parts.append(line(_("You said: {fate}."), fate=_(FATES[Fate(follow_up.fate)])))
        return Message(title, *parts)
    if idea.fate in (Fate.DROPPED, Fate.FORGOTTEN):
        return Message(title, *parts, line(_("It is {fate}."), fate=_(FATES[idea.fate])))
    if idea.fate != Fate.PROPOSED:
        parts.append(line(_("It is {fate}."), fate=_(FATES[idea.fate])))
    buttons = Buttons(
        FormButton(_("Adopted..."), OpenAdopted(follow_up=follow_up.id), "good"),
        Button(_("We test it"), FollowUp(follow_up=follow_up.id, fate="testing")),
        FormButton(_("Dropped, because..."), OpenDropped(follow_up=follow_up.id)),
        Button(_("Forgotten"), FollowUp(follow_up=follow_up.id, fate="forgotten")),
    )
    return Message(title, *parts, buttons)


def adopted_form(follow_up: GembaFollowUp, idea: GembaIdea) -> Form:
    before = line(_("{measure}, before: {before}"), measure=clip(idea.measure, 200), before=clip(idea.before, 120))
    return Form(
        _("Adopted"),
        PartialAction.of(Adopted, follow_up=follow_up.id),
        (TextField(name="after", label=_("The measure now"), limit=100, initial=idea.after or None),),
        _("Save"),
        (before,),
    )


def dropped_form(follow_up: GembaFollowUp) -> Form:
    return Form(
        _("Dropped"),
        PartialAction.of(Dropped, follow_up=follow_up.id),
        (TextField(name="because", label=_("Because"), multiline=True, limit=300),),
        _("Save"),
    )


def answered(idea: GembaIdea) -> Message:
    return Message(
        clip(fill(_("Noted: {title}"), title=idea.title), 150), line(_("It is {fate}."), fate=_(FATES[idea.fate]))
    )


def listing(cards: Sequence[IdeaCard]) -> Message:
    """All ideas, the newest first."""
    button = Buttons(FormButton(_("I have an idea..."), OpenIdea()))
    if not cards:
        return Message(_("No idea has been proposed yet."), button)
    shown = [
        line(
            _("{title}: {fate}, {votes} for it. {owner} sees to it."),
            title=Bold(clip(each.idea.title, 100)),
            fate=_(FATES[each.idea.fate]),
            votes=each.votes,
            owner=clip(each.owner.name, 60),
        )
        for each in cards[:SHOWN]
    ]
    return Message(_("Ideas from job swaps"), *shown, button)
