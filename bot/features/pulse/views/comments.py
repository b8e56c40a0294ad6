"""Comments of a result: beside its figures as many as there is room for; all of them by pages, in private. Pure."""

from collections.abc import Iterator

from bot.core.language import _, day, fill, ngettext, number
from bot.core.limits import LONGEST_ESCAPE, MESSAGE, clip
from bot.core.ui import Bold, Button, Buttons, Line, Message, Part, Quote, weight
from bot.features.pulse.actions import WORDS, ShowComments
from bot.features.pulse.views.cards import wording
from bot.features.pulse.views.shown import NAMES, WORDING, Shown
from bot.rules.published import Comments
from storage.people import Side

CLIPPED = 300  # characters of a comment that stand with the figures
AT_ONCE = 16  # with their headings
OF_A_PAGE, ROOM = 30, MESSAGE - 1000  # with a headline and a button


def beside_figures(shown: Shown, room: int) -> list[Part]:
    """By side, in no order; and where there are more, or longer ones, how to read them."""
    parts: list[Part] = []
    all_texts = [text for each in shown.published["comments"] for text in each["texts"]]
    is_whole, more = all(clip(text, CLIPPED) == text for text in all_texts), len(all_texts)
    for part in _parts(shown, CLIPPED):
        room -= weight(part)
        if room < 0 or len(parts) >= AT_ONCE:
            break
        parts.append(part)
        more -= isinstance(part, Quote)
    if more > 0:
        parts.append(Line(ngettext("... and {n} comment more.", "... and {n} comments more.", more).format(n=more)))
    if more > 0 or not is_whole:
        parts.append(Buttons(Button(_("Read all comments"), ShowComments(pulse=shown.number))))
    return parts


def page(shown: Shown, n: int) -> Message:
    """Whole comments, to whoever asks; behind the last page, the last."""
    pages = _pages(shown)
    headline = fill(_("Comments to pulse {n} of {day}"), n=number(shown.number), day=day(shown.on))
    if not pages:
        return Message(headline, Line(_("There are none.")))
    n = min(n, len(pages))
    more = [Buttons(Button(_("More comments"), ShowComments(pulse=shown.number, page=n + 1)))] if n < len(pages) else []
    return Message(headline, *pages[n - 1], *more)


def _pages(shown: Shown) -> list[list[Part]]:
    pages: list[list[Part]] = []
    room, heading = 0, Line("")
    for part in _parts(shown, WORDS * LONGEST_ESCAPE):
        if isinstance(part, Line):
            heading = part
            continue
        is_new_page = room < weight(heading) + weight(part) or len(pages[-1]) + 2 > OF_A_PAGE
        if is_new_page:
            pages.append([])
            room = ROOM
        if heading not in pages[-1]:
            pages[-1].append(heading)
            room -= weight(heading)
        pages[-1].append(part)
        room -= weight(part)
    return pages


def _parts(shown: Shown, longest: int) -> Iterator[Line | Quote]:
    """Headings, and comments up to so many characters as they are drawn."""
    for comments in shown.published["comments"]:
        yield Line(Bold(f"{_(NAMES[comments['side']])}: {_about(shown, comments)}"))
        yield from (Quote(clip(text, longest)) for text in comments["texts"])


def _about(shown: Shown, comments: Comments) -> str:
    asked = shown.questions.get(comments["position"])
    return clip(wording(asked, Side(comments["side"])), WORDING) if asked else _("Comments")
