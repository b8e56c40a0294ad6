"""The form in which somebody signs up for a job swap: what they want to see, and what they offer as a host."""

from collections.abc import Container, Sequence
from decimal import Decimal

from bot.core.action import PartialAction
from bot.core.forms import ChoiceField, ChoicesField, Form, NumberField, Option, PersonField, TextField
from bot.core.language import _, fill
from bot.core.limits import clip
from bot.features.gemba.actions import SignUp
from bot.features.gemba.half_days import HalfDay
from bot.features.gemba.views import phrases
from bot.features.gemba.words import LANGUAGES, LEVELS, MARKETING_ROLES, SALES_ROLES, THEMES, codes
from bot.rules.swaps import MINUTES
from storage.gemba import GembaRound, GembaSignUp, Wish
from storage.people import Member, Side


def form(gemba: GembaRound, member: Member, before: GembaSignUp | None, offered: Sequence[HalfDay]) -> Form:
    """What I want to see, and what I offer; filled in with what was said last."""
    own, theirs = (SALES_ROLES, MARKETING_ROLES) if member.side == Side.SALES else (MARKETING_ROLES, SALES_ROLES)
    mine = before or GembaSignUp(workspace_id=gemba.workspace_id, round_id=gemba.id, member_id=member.id)
    where = "both" if not before or (mine.place and mine.is_remote) else "here" if mine.place else "remote"
    half_days = phrases.half_day_options(offered)
    labels = {option.value for option in half_days}
    formats = codes(gemba.formats)
    return Form(
        _("Job swap: sign up"),
        PartialAction.of(SignUp, round=gemba.id),
        (
            ChoicesField(
                name="wished_roles",
                label=_("Whose job I want to see"),
                options=phrases.options(theirs),
                initial=_still(mine.wished_roles, theirs),
                optional=True,
            ),
            ChoicesField(
                name="wished_themes",
                label=_("What I want to see"),
                options=phrases.options(THEMES),
                initial=_still(mine.wished_themes, THEMES),
                optional=True,
            ),
            _words("curious", _("In your own words"), mine.curious, 500),
            ChoiceField(
                name="role",
                label=_("My job"),
                options=phrases.options(own),
                initial=mine.role if mine.role in own else None,
            ),
            ChoiceField(
                name="level",
                label=_("My level"),
                options=tuple(Option(str(n), _(label)) for n, label in LEVELS.items()),
                initial=str(5 if member.is_head else mine.level),
            ),
            _words("job", _("What a visitor would see with me"), mine.job, 500),
            ChoicesField(
                name="offered_themes",
                label=_("What I can show"),
                options=phrases.options(THEMES),
                initial=_still(mine.offered_themes, THEMES),
                optional=True,
            ),
            ChoiceField(
                name="where",
                label=_("Where I can be visited"),
                options=(
                    Option("both", _("Where I work, or remotely")),
                    Option("here", _("Where I work")),
                    Option("remote", _("Remotely only")),
                ),
                initial=where,
            ),
            TextField(
                name="place",
                label=_("Town or office"),
                hint=_("Unless you can be visited remotely only."),
                limit=80,
                initial=mine.place or None,
                optional=True,
            ),
            NumberField(
                name="capacity",
                label=_("How many visitors I can take in this round"),
                at_least=1,
                at_most=5,
                initial=Decimal(mine.capacity),
            ),
            _words("off_limits", _("What is off limits"), mine.off_limits, 300),
            ChoicesField(
                name="formats",
                label=_("What I would do"),
                options=tuple(Option(code, clip(phrases.format_of(code), 70)) for code in formats),
                initial=_still(mine.formats, formats) or tuple(code for code in formats if code == "half_day"),
            ),
            ChoicesField(
                name="free",
                label=_("Half-days on which I am free"),
                hint=fill(
                    _("A swap takes two, for a visit each way of up to {n} hours. The more you name, the better."),
                    n=max(MINUTES.values()) // 60,
                ),
                options=half_days,
                initial=_still(mine.free, labels),
            ),
            ChoicesField(
                name="languages",
                label=_("Languages I can do this in"),
                options=phrases.options(LANGUAGES),
                initial=_still(mine.languages, LANGUAGES) or ("en",),
            ),
            PersonField(
                name="avoid",
                label=_("Somebody I would rather not meet"),
                hint=_("Nobody else is told. You can add more by opening this form again."),
                optional=True,
            ),
        ),
        _("Save") if mine.wish == Wish.SIGNED_UP else _("Sign up"),
    )


def _words(name: str, label: str, initial: str, limit: int) -> TextField:
    return TextField(name=name, label=label, limit=limit, multiline=True, initial=initial or None, optional=True)


def _still(text: str, known: Container[str]) -> tuple[str, ...]:
    """What was chosen, as far as it can be chosen still."""
    return tuple(code for code in codes(text) if code in known)
