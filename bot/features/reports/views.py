"""How reports look in chat: a table, a chart of the rates, and what was left out of them."""

from bot.core.action import PartialAction
from bot.core.language import N_, _, fill, ngettext, number
from bot.core.limits import clip
from bot.core.ui import Button, Buttons, Chart, Message, Part, Table, visible
from bot.core.ui import Line as TextLine
from bot.features.reports.actions import ShowReport
from bot.features.reports.service import Line, Report
from bot.rules.lead_states import state_name
from bot.rules.statistics import Share
from storage.reports import ReportKind

SHOWN, CHARTED = 25, 12
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
    header = (
        _("Group"), _("Leads"), _("Accepted"), _("Rejected"), _("Not now"), _("Qualified"), _("Won"),
        _("Won, 95 % interval"), _("Days: mean"), _("Days: median"),
    )  # fmt: skip
    lines = [*shown.lines[:SHOWN], shown.all]
    parts: list[Part] = [Table(header, tuple(_row(shown.kind, line) for line in lines))]
    if (hidden := len(shown.lines) - SHOWN) > 0:
        text = ngettext("{n} more group is in the last row only.", "{n} more groups are in the last row only.", hidden)
        parts.append(TextLine(fill(text, n=hidden)))
    if chart := _chart(shown):
        parts.append(chart)
    parts += [TextLine(sentence) for sentence in remarks(shown.all)]
    others = [
        Button(_(TITLES[kind]), PartialAction.of(ShowReport, kind=kind)) for kind in ReportKind if kind != shown.kind
    ]
    return Message(title, *parts, Buttons(*others))


def unknown(text: str) -> str:
    """The refusal of a word that is no report."""
    known = ", ".join(kind.value for kind in ReportKind)
    return fill(_("There is no report “{name}”. There are: {known}."), name=clip(text, 60), known=known)


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


def _row(kind: ReportKind, line: Line) -> tuple[str, ...]:
    counts = (line.leads, line.accepted, line.rejected, line.recycled, line.qualified, line.won)
    return (
        clip(group_name(kind, line), 60),
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


def _chart(shown: Report) -> Chart | None:
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
