"""People from a file: side, role, manager, stand-in, duties and campaigns, row by row; safe to run twice.

A cell that is empty, or a column that is missing, leaves things as they are; "-" takes something away. A row is
applied whole or not at all. Managers and stand-ins are checked against what was applied before: of two rows that
close a loop the later is refused.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.context import Context, UserError
from bot.core.language import _, fill
from bot.core.limits import clip
from bot.features.people.service.admins import set_admin
from bot.features.people.service.profiles import check_manager, check_stand_in, set_side
from bot.rules.csv_rows import Row
from storage.campaigns import find_or_add_campaigns, folded
from storage.people import Entry, Member, Side, members, roster

CHUNK = 25  # rows for one unit of work: half of what fits, for slower machines
WHO = ("id", "email", "name")  # the first that is not empty counts
COLUMNS = (*WHO, "side", "role", "manager", "stand_in", "is_head", "is_admin", "campaigns")
NOTHING = "-"
_YES, _NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0", NOTHING}
_SIDES = {"sales": Side.SALES, "marketing": Side.MARKETING, "other": Side.OTHER, "neither": Side.OTHER}


@dataclass(frozen=True)
class Refusal:
    line: int
    why: str


@dataclass(frozen=True)
class Report:
    applied: int  # rows that hold now, whether or not they changed anything
    refused: tuple[Refusal, ...]

    def __add__(self, other: "Report") -> "Report":
        return Report(self.applied + other.applied, self.refused + other.refused)


def people_columns(columns: Sequence[str]) -> dict[str, str]:
    """The file's column for each field of ours. Raises UserError where the file cannot be meant for this."""
    found = {column.casefold().replace(" ", "_").replace("-", "_"): column for column in columns}
    unknown = [column for name, column in found.items() if name not in COLUMNS]
    if unknown:
        text = _("I do not know the column “{name}”. The columns are: {known}.")
        raise UserError(fill(text, name=clip(unknown[0], 80), known=", ".join(COLUMNS)))
    if not set(WHO) & set(found):
        raise UserError(_("One of the columns id, email or name must say whom a row is about."))
    return found


def emails_in(rows: Sequence[Row], columns: Mapping[str, str]) -> set[str]:
    """The addresses that must be resolved before `import_people`: of people, managers and stand-ins."""
    named = (
        row.cells[columns[field]] for row in rows for field in ("email", "manager", "stand_in") if field in columns
    )
    return {cell.casefold() for cell in named if "@" in cell}


def import_people(ctx: Context, rows: Sequence[Row], columns: Mapping[str, str], by_email: Mapping[str, int]) -> Report:
    """Apply at most CHUNK rows; `by_email` gives the member id of every casefolded address the platform knows."""
    if len(rows) > CHUNK:
        raise ValueError(f"{len(rows)} rows where a unit of work takes {CHUNK}")
    people = _People(ctx, by_email)
    people.load(rows, columns)
    refused = []
    owners: dict[str, int] = {}  # of campaigns
    with ctx.session.no_autoflush:  # all rows are written at once
        for row in rows:
            try:
                if row.surplus:
                    raise UserError(_("The row has more cells than there are columns."))
                line = _Line({field: row.cells[column] for field, column in columns.items()}, people)
                owners |= line.apply(ctx)
            except UserError as error:
                refused.append(Refusal(row.line, str(error)))
        campaigns = find_or_add_campaigns(ctx.session, ctx.workspace.id, owners)
        for name, owner_id in owners.items():
            campaigns[folded(name)].owner_id = owner_id
    return Report(len(rows) - len(refused), tuple(refused))


class _People:
    """Everybody who can be named in the file."""

    def __init__(self, ctx: Context, by_email: Mapping[str, int]) -> None:
        self._ctx, self._by_email = ctx, by_email
        everybody = roster(ctx.session, ctx.workspace.id)
        self.entries = {entry.id: entry for entry in everybody}
        self._by_external_id = {entry.external_id: entry.id for entry in everybody}
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._rows: dict[int, Member] = {}
        for entry in everybody:
            self._by_name[entry.name.casefold()].append(entry.id)

    def load(self, rows: Sequence[Row], columns: Mapping[str, str]) -> None:
        """Fetch everybody the rows are about, at once."""
        cells = [row.cells[columns[field]] for row in rows for field in WHO if field in columns]
        named = [entry.id for cell in cells for entry in self._called(cell)]
        self._rows = members(self._ctx.session, self._ctx.workspace.id, named)

    def _called(self, text: str) -> list[Entry]:
        found = self._by_external_id.get(text) or self._by_email.get(text.casefold())
        named = [found] if found else self._by_name.get(text.casefold(), [])
        return [self.entries[id] for id in named if id in self.entries]

    def find(self, text: str) -> Entry:
        """By id, address or name; UserError where nobody, or more than one, is called so."""
        entries = self._called(text)
        if len(entries) == 1:
            return entries[0]
        shown = clip(text, 80)
        if entries:
            raise UserError(fill(_("Several people are called “{name}”. Please use the id or email."), name=shown))
        raise UserError(fill(_("I do not know “{name}”, or they are no member of the company."), name=shown))

    def row(self, entry: Entry) -> Member:
        return self._rows[entry.id]

    def link(self, field: str) -> Callable[[int], int | None]:
        def follow(member_id: int) -> int | None:
            entry = self.entries.get(member_id)
            return getattr(entry, field) if entry else None

        return follow


class _Line:
    """One row: everything is checked before anything is changed."""

    def __init__(self, cells: Mapping[str, str], people: _People) -> None:
        self._cells, self._people = {field: cell for field, cell in cells.items() if cell}, people

    def apply(self, ctx: Context) -> dict[str, int]:
        """Change the member; return the names of the campaigns they own from now on, with their id."""
        who = next((self._cells[field] for field in WHO if field in self._cells), None)
        if who is None:
            raise UserError(_("The row does not say whom it is about."))
        entry = self._people.find(who)
        member = self._people.row(entry)
        changes: dict[str, Any] = {}
        if (side := self._side()) is not None and side != member.side:
            changes["side"] = side
        if "role" in self._cells:
            changes["role"] = None if self._cells["role"] == NOTHING else self._role()
        for field, column, check in (
            ("manager", "manager_id", check_manager),
            ("stand_in", "stand_in_id", check_stand_in),
        ):
            if field in self._cells:
                changes[column] = self._colleague(member, field, column, check)
        if (is_head := self._answer("is_head")) is not None:
            changes["is_head"] = is_head
        if (is_admin := self._answer("is_admin")) is not None:
            set_admin(ctx, member, is_admin)
        self._change(ctx, member, changes)
        links = {column: changes[column] for column in ("manager_id", "stand_in_id") if column in changes}
        self._people.entries[entry.id] = entry._replace(**links)
        return {name: member.id for name in self._cells.get("campaigns", "").split(";") if name.strip()}

    def _change(self, ctx: Context, member: Member, changes: dict[str, Any]) -> None:
        if "side" in changes:
            set_side(ctx, member, changes.pop("side"))
        for column, value in changes.items():
            setattr(member, column, value)

    def _side(self) -> Side | None:
        if (text := self._cells.get("side")) is None:
            return None
        if text.casefold() not in _SIDES:
            known = ", ".join(_SIDES)
            text = fill(_("“{side}” is no side. The sides are: {known}."), side=clip(text, 80), known=known)
            raise UserError(text)
        return _SIDES[text.casefold()]

    def _role(self) -> str:
        if len(self._cells["role"]) > 80:
            raise UserError(_("The role is longer than 80 characters."))
        return self._cells["role"]

    def _colleague(self, member: Member, field: str, column: str, check: Callable[..., None]) -> int | None:
        if self._cells[field] == NOTHING:
            return None
        other = self._people.find(self._cells[field])
        check(member, other.id, other.name, self._people.link(column))
        return other.id

    def _answer(self, field: str) -> bool | None:
        if (text := self._cells.get(field)) is None:
            return None
        if text.casefold() in _YES | _NO:
            return text.casefold() in _YES
        text = _("“{text}” in the column {field} is neither yes nor no.")
        raise UserError(fill(text, text=clip(self._cells[field], 80), field=field))
