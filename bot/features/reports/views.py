"""How reports look in chat: a table, a chart of the rates, and what was left out of them."""

from bot.core.action import PartialAction
from bot.core.language import N_, _, fill, ngettext, number
from bot.core.limits import clip
from bot.core.ui import Button, Buttons, Chart, Message, Part, Table, visible
from bot.core.ui import Line as TextLine
from bot.core.weight import weight
from bot.features.reports.actions import ShowReport
from bot.features.reports.service import Line, Report
from bot.rules.lead_states import state_name
from bot.rules.statistics import Share
from storage.reports import ReportKind

SHOWN, CHARTED = 25, 12
ROOM = 7000  # of a message's weight, for the table
LABEL = 20  # characters of a label in a chart
TITLES = {
    ReportKind.SOURCES: N_("Leads by source"),
    ReportKind.CAMPAIGNS: N_("Leads by campaign"),
    ReportKind.REASONS: N_("Leads by reason"),
    ReportKind.OWNERS: N_("Leads by owner"),
    ReportKind.STATUSES: N_("Leads by status"),
}


def report(shown: Report) -> Message:
    title = _(TITLES[shown.kind])
    if not shown.all.leads:
        return Message(title, TextLine(_("There are no leads yet.")))
    # In chat the newest months stand first: there is not room for all.
    lines = sorted(shown.lines, key=lambda line: line.month or "", reverse=True)
    header = (
        _("Group"), *([_("Month")] if shown.by_month else []), _("Leads"), _("Accepted"), _("Rejected"), _("Not now"),
        _("Qualified"), _("Won"), _("Won, 95 % interval"), _("Days until won: mean"), _("Days until won: median"),
    )  # fmt: skip
    table = _that_fits(header, [_row(shown, line) for line in lines[:SHOWN]], _row(shown, shown.all))
    parts: list[Part] = [table]
    if (hidden := len(lines) + 1 - len(table.rows)) > 0:
        text = ngettext(
            "{n} more row counts in the last one only.", "{n} more rows count in the last one only.", hidden
        )
        everything = fill(_("The operator has them all: {command}"), command=_command(shown))
        parts.append(TextLine(f"{fill(text, n=hidden)} {everything}"))
    if chart := _by_month(lines) if shown.by_month else _by_group(shown):
        parts.append(chart)
    parts += [TextLine(sentence) for sentence in remarks(shown.all)]
    other_way = Button(
        _("In total") if shown.by_month else _("By month"),
        PartialAction.of(ShowReport, kind=shown.kind, by_month=not shown.by_month),
    )
    others = [
        Button(_(TITLES[kind]), PartialAction.of(ShowReport, kind=kind, by_month=shown.by_month))
        for kind in ReportKind
        if kind != shown.kind
    ]
    return Message(title, *parts, Buttons(other_way, *others))


def unknown(text: str) -> str:
    """The refusal of a word that is no report."""
    known = ", ".join(kind.value for kind in ReportKind)
    sentence = _("There is no report “{name}”. There are: {known}; all also {months}.")
    return fill(sentence, name=clip(text, 30), known=known, months="by month")


def remarks(everything: Line) -> list[str]:
    """What is not in the figures, or may surprise in them."""
    found = []
    if n := everything.withdrawn:
        text = ngettext(
            "{n} lead is not counted: it was added by mistake and withdrawn.",
            "{n} leads are not counted: they were added by mistake and withdrawn.",
            n,
        )
        found.append(fill(text, n=n))
    if n := everything.without_days:
        text = ngettext(
            "{n} lead won is not in the days: its hand-off or its end has no date.",
            "{n} leads won are not in the days: their hand-off or their end has no date.",
            n,
        )
        found.append(fill(text, n=n))
    if n := everything.backwards:
        text = ngettext(
            "{n} lead was won before the day of its hand-off; it counts with negative days.",
            "{n} leads were won before the day of their hand-off; they count with negative days.",
            n,
        )
        found.append(fill(text, n=n))
    return found


def group_name(kind: ReportKind, line: Line) -> str:
    if line.group is None:
        return _("(blank)")
    if line.group == "*":
        return _("All")
    return state_name(line.group) if kind == ReportKind.STATUSES else line.group


def _that_fits(header: tuple[str, ...], rows: list[tuple[str, ...]], last: tuple[str, ...]) -> Table:
    """The first of these rows, and the last row in any case."""
    while weight(table := Table(header, (*rows, last))) > ROOM:
        rows.pop()
    return table


def _command(shown: Report) -> str:
    return f"python -m bot report {shown.kind}{' --by month' if shown.by_month else ''} --format csv"


def _row(shown: Report, line: Line) -> tuple[str, ...]:
    counts = (line.leads, line.accepted, line.rejected, line.recycled, line.qualified, line.won)
    month = "" if line is shown.all else line.month or _("(blank)")
    return (
        clip(group_name(shown.kind, line), 60),
        *([month] if shown.by_month else []),
        *map(number, counts),
        _rate(line.rate),
        *map(_days, (line.days_mean, line.days_median)),
    )


def _rate(rate: Share | None) -> str:
    if rate is None:
        return "-"
    share, low, high = (number(round(100 * value, 1)) for value in rate)
    return fill(_("{share} % ({low} to {high})"), share=share, low=low, high=high)


def _days(days: float | None) -> str:
    return "-" if days is None else number(round(days, 1))


def _by_month(newest_first: list[Line]) -> Chart | None:
    """How many leads each month brought, and how many of those were won; none for a single month."""
    months: dict[str, Line] = {}
    for line in newest_first:
        if line.month and (line.month in months or len(months) < CHARTED):
            months.setdefault(line.month, Line(None)).include(line)
    ordered = sorted(months)
    if len(ordered) < 2:
        return None
    series = {
        _("Leads"): tuple(float(months[month].leads) for month in ordered),
        _("Won"): tuple(float(months[month].won) for month in ordered),
    }
    return Chart(_("Leads by month of their hand-off"), "line", tuple(ordered), series)


def _by_group(shown: Report) -> Chart | None:
    """The share won of each group; none where the groups are states, or there is but one."""
    rates: dict[str, float] = {}
    for line in shown.lines[:CHARTED]:
        name = visible(group_name(shown.kind, line)).strip()
        label = name if len(name) <= LABEL else name[: LABEL - 1] + "…"
        if line.rate and label and label not in rates:
            rates[label] = round(100 * line.rate.value, 1)
    if shown.kind in (ReportKind.STATUSES, ReportKind.REASONS) or len(rates) < 2:
        return None
    return Chart(_("Won, % of leads"), "bar", tuple(rates), {_("Won"): tuple(rates.values())})
