"""How the digest of a day looks: what happened in short, and on further pages what does not fit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.core.language import N_, _, day, fill, ngettext, number, weekday
from bot.core.limits import clip
from bot.core.ui import Bold, Button, Buttons, Chart, Facts, Line, Message, Part, Quote, Table, line, weight
from bot.features.digest.actions import ShowMore, Vote
from bot.features.digest.facts import AtRisk, Day, Source
from bot.features.digest.facts import Facts as Figures
from bot.features.digest.views.items import Item, in_a_line, legend

TOP = 5  # sources, codes, answers and words of praise in the message itself; the others are on further pages
ROOM, PARTS = 10_000, 38  # of a page: what a message holds, less the headline and the buttons
_COLUMNS = (N_("Leads in"), N_("Accepted"), N_("Rejected"), N_("Not now"), N_("Won"))  # in the order of COUNTED


@dataclass(frozen=True)
class Word:
    """A code that people said, how often, and one of them in their own words."""

    what: str
    n: int
    quote: str | None


@dataclass(frozen=True)
class Answer:
    """What was said, by how many, and marketing's answer."""

    what: str
    n: int
    answer: str


@dataclass(frozen=True)
class Words:
    """What people said, and what marketing answered."""

    codes: Sequence[Word] = ()
    praise: Sequence[Word] = ()
    answers: Sequence[Answer] = ()


@dataclass(frozen=True)
class Shown:
    """All that a digest shows. `digest_id` is None in a preview."""

    digest_id: int | None
    first_on: date
    last_on: date
    sections: Sequence[str]
    figures: Figures
    words: Words
    late_minutes: int = 0
    became: Sequence[Line] = ()
    items: int = 0  # in the thread
    is_empty: bool = False
    preview: Sequence[Item] = ()


def message(shown: Shown) -> Message:
    """What stands in the channel."""
    pages = _pages(shown)
    more = _more(shown, 1) if len(pages) > 1 else []
    return Message(_headline(shown), *pages[0], *([Buttons(*_votes(shown), *more)] if shown.digest_id else []))


def page(shown: Shown, number: int) -> Message:
    """What does not fit there, to whoever asks for it."""
    pages = _pages(shown)
    number = min(max(number, 1), len(pages) - 1)
    if number < 1:
        return Message(_("That is all."))
    more = _more(shown, number + 1) if number + 1 < len(pages) else []
    return Message(_headline(shown), *pages[number], *([Buttons(*more)] if more else []))


def preview(shown: Shown) -> Message:
    """What would be told now, to whoever asks; with the open items, which would stand in the thread."""
    room = ROOM - 300
    parts: list[Part] = [Line(_("A preview: only you can see this."))]
    listed: list[Part] = [Line(Bold(_("Open items"))), *map(in_a_line, shown.preview)] if shown.preview else []
    for part in (*_pages(shown)[0], *listed):
        if sum(map(weight, parts)) + weight(part) <= room and len(parts) < PARTS:
            parts.append(part)
    return Message(_headline(shown), *parts)


def _headline(shown: Shown) -> str:
    if shown.first_on == shown.last_on:
        days = day(shown.first_on)
    else:
        days = fill(_("{first} to {last}"), first=day(shown.first_on), last=day(shown.last_on))
    if shown.is_empty:
        return clip(fill(_("{days}: a quiet time, nothing to report"), days=days), 150)
    if "numbers" not in shown.sections:
        return clip(fill(_("Daily digest: {days}"), days=days), 150)
    came, accepted, *_others = shown.figures.totals
    sentence = ngettext("{days}: {n} lead in, {accepted} accepted", "{days}: {n} leads in, {accepted} accepted", came)
    return clip(fill(sentence, days=days, n=number(came), accepted=number(accepted)), 150)


def _pages(shown: Shown) -> list[list[Part]]:
    """The message itself and further pages; nothing is left out, and every one of them can be posted."""
    first, others = _remarks(shown), list[Part]()
    sections = {
        "numbers": _numbers(shown.figures),
        "week": (_week(shown.figures.week), []),
        "codes": _words(_("What sellers said"), shown.words.codes),
        "clocks": (_clocks(shown.figures), []),
        "receipts": _answers(shown.words.answers),
        "praise": _words(_("Praise"), shown.words.praise),
        "items": (_items(shown), []),
    }
    for name, (top, rest) in sections.items():
        if name in shown.sections:
            first += top
            others += rest
    pages = list(_split(first))
    return [pages[0], *_split([part for page in pages[1:] for part in page] + others)] if first else [[]]


def _split(parts: Iterable[Part]) -> Iterable[list[Part]]:
    page, room = list[Part](), ROOM
    for part in parts:
        has_table = isinstance(part, Table) and any(isinstance(each, Table) for each in page)
        needed = weight(part)
        if page and (needed > room or len(page) == PARTS or has_table):
            yield page
            page, room = [], ROOM
        page.append(part)
        room -= needed
    if page:
        yield page


def _remarks(shown: Shown) -> list[Part]:
    said: list[Part] = []
    if shown.late_minutes:
        hours, minutes = divmod(shown.late_minutes, 60)
        time = fill(_("{hours} h {minutes} min"), hours=hours, minutes=minutes) if hours else ""
        time = time or fill(_("{n} min"), n=minutes)
        said.append(Line(fill(_("This comes {time} late."), time=time)))
    if days := shown.figures.skipped:
        names = ", ".join(map(day, days[:5])) + (" …" if len(days) > 5 else "")
        said.append(Line(fill(_("There was no digest on {days}: it would have come too late."), days=names)))
    return said


def _numbers(figures: Figures) -> tuple[list[Part], list[Part]]:
    if not any(figures.totals) and not figures.imported:
        return [], []
    pairs = [(_(name), number(n)) for name, n in zip(_COLUMNS, figures.totals, strict=True)]
    match figures.sources:
        case (Source(name=str(only)),):
            pairs.append((_("Source"), clip(only, 60)))
    first: list[Part] = [Facts(*pairs)]
    rest: list[Part] = []
    if len(figures.sources) > 1:
        first.append(_table(figures.sources[:TOP], figures.sources[TOP:]))
    for start in range(0, len(figures.sources), 60) if len(figures.sources) > TOP else ():
        rest += [Line(Bold(_("All sources"))), _table(figures.sources[start : start + 60], ())]
    if figures.imported:
        sentence = ngettext(
            "Not counted: {n} lead imported from a file.",
            "Not counted: {n} leads imported from files.",
            figures.imported,
        )
        first.append(Line(fill(sentence, n=number(figures.imported))))
    return first, rest


def _table(sources: Sequence[Source], others: Sequence[Source]) -> Table:
    rows = [(clip(each.name or _("(none)"), 60), each.counts) for each in sources]
    if others:
        rows.append((_("others"), tuple(map(sum, zip(*(each.counts for each in others), strict=True)))))
    return Table((_("Source"), *map(_, _COLUMNS)), tuple((name, *(number(n) for n in counts)) for name, counts in rows))


def _week(days: Sequence[Day]) -> list[Part]:
    if not days:
        return []
    series = {_(name): tuple(float(each.counts[n]) for each in days) for n, name in enumerate(_COLUMNS) if n != 3}
    return [Chart(_("Last week"), "bar", tuple(weekday(each.on) for each in days), series)]


def _words(title: str, words: Sequence[Word]) -> tuple[list[Part], list[Part]]:
    first, rest = ([_word(each) for each in some] for some in (words[:TOP], words[TOP:]))
    flat = [[part for parts in found for part in parts] for found in (first, rest)]
    return _titled(title, flat[0]), _titled(title, flat[1])


def _word(word: Word) -> list[Part]:
    times = ngettext("once", "{n} times", word.n)
    said: list[Part] = [Line(Bold(clip(word.what, 150)), f"  {fill(times, n=number(word.n))}")]
    return [*said, Quote(clip(word.quote, 200))] if word.quote else said


def _answers(answers: Sequence[Answer]) -> tuple[list[Part], list[Part]]:
    title, sentence = _("You said, marketing answered"), _("{what} ({n}): {answer}")
    lines: list[Part] = [
        line(sentence, what=Bold(clip(each.what, 150)), n=number(each.n), answer=clip(each.answer, 400))
        for each in answers
    ]
    return _titled(title, lines[:TOP]), _titled(title, lines[TOP:])


def _clocks(figures: Figures) -> list[Part]:
    sides = ((_("Sales"), figures.sales), (_("Marketing"), figures.marketing))
    lines: list[Part] = [Line(Bold(name), f"  {_risk(side)}") for name, side in sides if side.over or side.half]
    cut = [Line(_("More than these run; the oldest were counted."))] if figures.is_cut and lines else []
    return _titled(_("What waits"), [*lines, *cut])


def _risk(side: AtRisk) -> str:
    late = ngettext("{n} overdue", "{n} overdue", side.over)
    half = ngettext("{n} with less than half of its time left", "{n} with less than half of their time left", side.half)
    counts = [fill(sentence, n=number(n)) for sentence, n in ((late, side.over), (half, side.half)) if n]
    return fill(_("{n} to do: {counts}"), n=number(side.running), counts=", ".join(counts))


def _items(shown: Shown) -> list[Part]:
    parts = _titled(_("What became of the last open items"), shown.became)
    if shown.items:
        sentence = ngettext(
            "The most urgent open item is in the thread.",
            "The {n} most urgent open items are in the thread.",
            shown.items,
        )
        parts.append(Line(Bold(fill(sentence, n=shown.items)), f"  {legend()}"))
    return parts


def _titled(title: str, parts: Sequence[Part]) -> list[Part]:
    return [Line(Bold(title)), *parts] if parts else []


def _votes(shown: Shown) -> list[Button]:
    if shown.digest_id is None:
        return []
    labels = {True: _("Useful"), False: _("Not useful")}
    return [Button(label, Vote(digest=shown.digest_id, useful=useful)) for useful, label in labels.items()]


def _more(shown: Shown, number: int) -> list[Button]:
    return [Button(_("Show more"), ShowMore(digest=shown.digest_id, page=number))] if shown.digest_id else []


def thanks() -> Message:
    return Message(_("Thank you, noted."))
