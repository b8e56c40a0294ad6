"""Instants as programs and offices write them: the order of day and month is found over a whole column, never guessed.

What has no zone is UTC; a day without a time begins at midnight.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import combinations

from bot.core.context import UserError
from bot.core.limits import clip

ORDERS = ("DMY", "MDY", "YMD")
FORMATS = {"DMY": "%d{s}%m{s}{y}", "MDY": "%m{s}%d{s}{y}", "YMD": "{y}{s}%m{s}%d"}
EMPTY = {"", "-", "null", "none", "n/a", "nan", "nat", "(null)"}
YEARS = range(1970, 2101)
SERIALS = (25_569, 73_415)  # the days that Excel and others number, of these years
_MONTHS = tuple(
    (n, name)
    for names in (
        "january february march april may june july august september october november december",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    )
    for n, name in enumerate(names.split(), 1)
)
_TIME = re.compile(
    r"(?:T|,?\s+(?:at\s+)?)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?\s*"
    r"(Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?)?$"
)
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_NUMERIC = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})$")
_DAY_NAME = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE)
_DAY_FIRST = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er)?[-/ .]+(?:de )?([^\W\d_]{3,10})\.?[-/ ,]+(?:de )?(\d{4}|\d{2})(?: \u0433\.)?$"
)
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,10})\.?[-/ ]+(\d{1,2})(?:st|nd|rd|th)?,?[-/ ]+(\d{4})$")
_SERIAL = re.compile(r"(\d{5})(?:[.,](\d+))?$")
_EPOCH = re.compile(r"1\d{9}(\d{3})?$")

Shape = tuple[str, int]  # the separator and the digits of the year: what is written alike is read alike


class Column:
    """What is known of one column of dates, from all its cells."""

    def __init__(self, field: str, name: str, given: str | None = None) -> None:
        self._field, self._name, self._given = field, name, given
        self._orders: dict[Shape, set[str]] = {}
        self._doubtful: dict[tuple[Shape, str, str], tuple[int, str]] = {}  # where two orders first differ
        self._deciding: dict[Shape, tuple[int, str]] = {}

    def look(self, line: int, cell: str) -> None:
        """First pass: note what a cell says of the order of day and month."""
        if self._given or not (found := _NUMERIC.match(_without_time(cell)[0])):
            return
        readings = {order: at for order in _orders(found) if (at := _numeric(found, order))}
        if not readings:
            return  # no date in any order: its row is refused
        shape = _shape(found)
        left = self._orders.setdefault(shape, set(_orders(found)))
        if not left & readings.keys():
            line_before, before = self._deciding[shape]
            raise UserError(
                f"The column “{self._name}” is written in two ways: “{before}” in line {line_before}, "
                f"“{clip(cell, 40)}” in line {line}. Mend the file, or give one way: {_option(left, found)}."
            )
        if len(readings) < len(_orders(found)):
            self._deciding[shape] = (line, clip(cell, 40))
        left.intersection_update(readings)
        for one, other in combinations(ORDERS, 2):
            if one in left and other in left and readings[one] != readings[other]:
                self._doubtful.setdefault((shape, one, other), (line, cell))

    def decide(self) -> None:
        """After the first pass. Raises UserError, which shows both readings, where a column can be read in two ways."""
        for (shape, one, other), (line, cell) in self._doubtful.items():
            left = self._orders[shape]
            found = _NUMERIC.match(_without_time(cell)[0])
            if found and one in left and other in left:
                readings = [(o, at) for o in ORDERS if o in left and (at := _numeric(found, o))]
                ways = " or ".join(f"{at:%-d %B %Y} ({_option({order}, found)})" for order, at in readings)
                raise UserError(
                    f"The column “{self._name}” ({self._field}) can be read in {len(readings)} ways: "
                    f"“{clip(cell, 40)}” in line {line} is {ways}. Say which."
                )

    def read(self, cell: str) -> datetime | None:
        """The instant in a cell, in UTC; None where it says that there is none. Raises UserError."""
        if cell.casefold() in EMPTY or cell.startswith("0000-00-00") or cell == "\\N":
            return None
        at = self._given_way(cell) or self._found_way(cell)
        if at is None or at.year not in YEARS:
            way = f" in the form {self._given}" if self._given else ""
            raise UserError(f"“{clip(cell, 40)}” in “{self._name}” is no date I can read{way}.")
        return at

    def _given_way(self, cell: str) -> datetime | None:
        if not self._given:
            return None
        for text, rest in ((cell, timedelta()), _without_time(cell)):
            if rest is None:
                continue
            try:
                at = datetime.strptime(text, self._given)  # noqa: DTZ007
            except ValueError:
                continue
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC) + rest
        return None

    def _found_way(self, cell: str) -> datetime | None:
        if found := _EPOCH.match(cell):
            return datetime.fromtimestamp(int(cell) / (1000 if found[1] else 1), UTC)
        if (found := _SERIAL.match(cell)) and SERIALS[0] <= int(found[1]) <= SERIALS[1]:
            seconds = round(86_400 * float(f"0.{found[2] or 0}"))
            return datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=int(found[1]), seconds=seconds)
        text, rest = _without_time(cell)
        if rest is None:
            return None
        text = _DAY_NAME.sub("", text)
        if found := _ISO.match(text):
            day = _day(found[1], found[3], found[4])
        elif found := _COMPACT.match(text):
            day = _day(*found.groups())
        elif found := _NUMERIC.match(text):
            orders = set() if self._given else self._orders.get(_shape(found), set())
            day = next((at for order in ORDERS if order in orders and (at := _numeric(found, order))), None)
        elif found := _DAY_FIRST.match(text):
            day = _day(_year(found[3]), _month(found[2].casefold()), found[1])
        elif found := _MONTH_FIRST.match(text):
            day = _day(found[3], _month(found[1].casefold()), found[2])
        else:
            day = None
        return day + rest if day else None


def given_formats(options: Sequence[str], fields: Sequence[str]) -> dict[str, str]:
    """--dates FORMAT for all columns of dates, or FIELD=FORMAT for one."""
    found: dict[str, str] = {}
    for text in options:
        name, has_sign, form = text.partition("=")
        which, form = ([name], form) if has_sign and name in fields else (list(fields), text)
        wanted = (("%d", "%x", "%c"), ("%m", "%b", "%B", "%x", "%c"), ("%Y", "%y", "%x", "%c"))
        try:
            datetime.strptime(datetime(2026, 11, 23, 8, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007
            is_whole = all(any(part in form for part in parts) for parts in wanted)
        except ValueError:
            is_whole = False
        if not is_whole:
            raise UserError(f"--dates takes a form with day, month and year, such as %d-%m-%Y; “{text}” is none.")
        found |= {field: form for field in which if has_sign or field not in found}
    return found


def _without_time(cell: str) -> tuple[str, timedelta | None]:
    """The day as it is written, and how long after its midnight in UTC; None for a time that is none."""
    found = _TIME.search(cell)
    if not found:
        return cell, timedelta()
    hour, minute, second = (int(part or 0) for part in found.group(1, 2, 3))
    if half := found[5]:
        if not 1 <= hour <= 12:
            return cell[: found.start()], None
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return cell[: found.start()], None
    rest = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=int((found[4] or "0").ljust(6, "0")[:6]))
    zone = (found[6] or "").removeprefix("UTC").removeprefix("GMT").replace(":", "")
    if zone[:1] in ("+", "-"):
        ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:] or 0))
        rest += ahead if zone[0] == "-" else -ahead
    return cell[: found.start()], rest


def _orders(found: re.Match[str]) -> tuple[str, ...]:
    return ORDERS if len(found[4]) == 2 else ORDERS[:2]


def _shape(found: re.Match[str]) -> Shape:
    return found[2], len(found[4])


def _numeric(found: re.Match[str], order: str) -> datetime | None:
    parts = dict(zip(order, found.group(1, 3, 4), strict=True))
    return _day(_year(parts["Y"]), parts["M"], parts["D"])


def _year(text: str) -> int:
    """Two digits as strptime has them: 69 to 99 are of the last century."""
    return int(text) if len(text) == 4 else int(text) + (1900 if int(text) > 68 else 2000)


@lru_cache(maxsize=100)
def _month(word: str) -> int:
    """By its name or the beginning of it; 0 for what begins no name, or those of two months."""
    found = {n for n, name in _MONTHS if name.startswith(word)}
    return found.pop() if len(found) == 1 else 0


def _day(year: int | str, month: int | str, day: int | str) -> datetime | None:
    try:
        return datetime(int(year), int(month), int(day), tzinfo=UTC)
    except ValueError:
        return None


def _option(orders: set[str], found: re.Match[str]) -> str:
    year = "%Y" if len(found[4]) == 4 else "%y"
    return " or ".join(f"--dates {FORMATS[o].format(s=found[2], y=year)}" for o in ORDERS if o in orders)
