"""What a record of the file says of a lead: everything is understood, or the row is refused with the reason."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.core.context import UserError
from bot.core.limits import clip
from bot.features.leads.importing import Told
from bot.leads_import.cells import SUMMARY, Amounts, address, key, meant, temperature, text
from bot.leads_import.dates import Column
from bot.leads_import.file import Record, clean
from bot.leads_import.mapping import DATES, TEXTS, Places, Status, status_of
from bot.rules.lead_states import LeadState

RAGGED = 3  # columns from which on a row of a single cell is a remark, such as an export's footer


@dataclass
class Reader:
    """Reads records: `look` at all of them first, then `told` each."""

    columns: Mapping[str, Places]
    header: Sequence[str]
    dates: Mapping[str, Column]
    statuses: Mapping[str, Status] = field(default_factory=dict)
    owners: Mapping[str, int] = field(default_factory=dict)
    amounts: Amounts = field(default_factory=Amounts)
    shortened: int = 0  # summaries that were too long
    lacking: int = 0  # rows of fewer cells than there are columns
    contradicting: int = 0  # rows that were won or lost on a day, by their status not
    unknown_owners: Counter[str] = field(default_factory=Counter)  # of the first names; "" for all the others
    unknown_statuses: Counter[str] = field(default_factory=Counter)  # as well

    @property
    def width(self) -> int:
        return len(self.header)

    def look(self, record: Record) -> Any:
        """First pass: learn how dates and amounts are written. The key, or None where the row has none to read."""
        for name, column in self.dates.items():
            if cell := self._known(record, name):
                column.look(record.line, cell)
        if cell := self._known(record, "value"):
            self.amounts.look(cell)
        try:
            return self._read("key", self._cell(record, "key"))
        except UserError:
            return None

    def told(self, record: Record) -> Told:
        """Raises UserError."""
        if record.wrong:
            raise UserError(record.wrong)
        if (
            record.cells[0].strip() == self.header[0]
            and [clean(cell) for cell in record.cells[: self.width]] == self.header
        ):
            raise UserError("The row repeats the names of the columns.")
        if len(record.cells) > self.width and any(map(str.strip, record.cells[self.width :])):
            raise UserError(f"The row has {len(record.cells)} cells where there are {self.width} columns.")
        if len(record.cells) == 1 and self.width >= RAGGED:
            raise UserError(f"The row has one cell where there are {self.width} columns.")
        cells = {name: self._cell(record, name) for name in self.columns}
        if not cells["key"]:
            raise UserError("The row has no key.")
        if _FOOTER.match(cells["key"]) and not any(cell for name, cell in cells.items() if name != "key"):
            raise UserError(f"“{clip(cells['key'], 40)}” is the end of a report, no lead.")
        columns = {name: self._read(name, cells[name]) for name in cells}
        status = self._status(cells["status"]) if cells.get("status") else None
        self.lacking += len(record.cells) < self.width
        ends = {LeadState.WON: columns.get("won_at"), LeadState.LOST: columns.get("lost_at")}
        self.contradicting += status is not None and any(at for state, at in ends.items() if state != status.state)
        return Told(
            line=record.line,
            key=columns["key"],
            columns={_LEAD[name]: value for name, value in columns.items() if name in _LEAD and value is not None},
            campaign=columns.get("campaign"),
            won_at=columns.get("won_at"),
            lost_at=columns.get("lost_at"),
            state=status.state if status else None,
            reason=status.reason if status else None,
        )

    def _read(self, name: str, cell: str) -> Any:
        try:
            match name:
                case "key":
                    return key(cell)
                case "email" | "phone":
                    return address(cell)
                case "value":
                    return self.amounts.cents(cell)
                case "temperature":
                    return temperature(cell)
                case "summary" if len(cell) > SUMMARY:
                    self.shortened += 1
                    return cell[: SUMMARY - 1] + "…"
                case "summary":
                    return cell or None
                case "owner":
                    return self._owner(cell) if cell else None
        except UserError as error:
            raise _in(name, error) from None
        if name in self.dates:
            return self.dates[name].read(cell) if cell else None
        try:
            return text(cell)
        except UserError as error:
            raise _in(name, error) from None

    def _status(self, word: str) -> Status:
        try:
            return status_of(word, self.statuses)
        except UserError:
            _count(self.unknown_statuses, word, 20)
            raise

    def _owner(self, name: str) -> int | None:
        """Also where it is “Smith, Ana”, or stands before its address."""
        last, _comma, first = (part.strip() for part in name.partition(","))
        _name, _bracket, address = name.rstrip(">").partition("<")
        called = (name, f"{first} {last}", address)
        found = next((known for each in called if (known := self.owners.get(each.casefold()))), None)
        if found is None:
            _count(self.unknown_owners, name, 5)
        return found

    def _cell(self, record: Record, name: str) -> str:
        try:
            found = [meant(record.cells[place]) for place in self.columns[name] if place < len(record.cells)]
        except UserError as error:
            raise _in(name, error) from None
        return found[0] if len(found) == 1 else " ".join(filter(None, found))

    def _known(self, record: Record, name: str) -> str | None:
        """As _cell; None for a column the file does not have, and for a cell that the row will be refused for."""
        try:
            return (self._cell(record, name) or None) if name in self.columns else None
        except UserError:
            return None


_LEAD = {**{name: name for name in (*TEXTS, *DATES[:2], "temperature")}, "value": "value_cents", "owner": "owner_id"}


_FOOTER = re.compile(r"(grand |sub)?totals?\b|confidential|copyright|summe\b|gesamt", re.IGNORECASE)


def _count(counter: Counter[str], word: str, most: int) -> None:
    """One more of a word: the first ones are told apart, all others are counted as ""."""
    word = word[:80]
    counter[word if word in counter or len(counter) < most else ""] += 1


def _in(name: str, error: UserError) -> UserError:
    return UserError(f"{name}: {error}")
