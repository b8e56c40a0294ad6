"""Cells as spreadsheets and CRMs leave them: what is meant is taken, what was lost is refused."""

import re
from decimal import Decimal, InvalidOperation

from bot.core.context import UserError
from bot.core.limits import clip
from bot.leads_import.dates import EMPTY
from bot.leads_import.file import clean

TEXT, SUMMARY = 200, 1500  # characters
LARGEST = Decimal(10) ** 12
_TEMPERATURES = {
    "hot": "hot", "warm": "standard", "standard": "standard", "medium": "standard", "cold": "list", "list": "list",
}  # fmt: skip
_ERROR = re.compile(
    r"#(N/A|N/D|NV|\u041d/\u0414|GETTING_DATA|[¡¿]?[^\W\d_a-z\u0430-\u044f]+(/0)?[!?]|#+)$"
)  # in Excel's languages
_LINK = re.compile(r'=HYPERLINK\("[^"]*"\s*[,;]\s*"(.*)"\s*\)$', re.DOTALL | re.IGNORECASE)
_NOTHING = {"NULL", "\\N", "-None-", "(No value)", "[not provided]"}  # a database's, Zoho's, HubSpot's, Salesforce's
_SCHEME = re.compile(r"^(mailto|tel):\s*", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?E[+-]\d+$")
_AS_TEXT = re.compile(r'="(.*)"$', re.DOTALL)
_CURRENCY = re.compile(r"^([-+(]?)\s*(?:[A-Z]{3}|[A-Z]{0,3}[$€£¥₹₽₫¤]|kr)?\s*(.*?)\s*(?:[A-Z]{3}|[$€£¥₹₽₫¤]|kr)?(\)?)$")
_SALESFORCE = re.compile(r"(00[136Q]|701)(?=\d*[A-Za-z])[A-Za-z0-9]{12}$")  # lead, account, contact, deal, campaign
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_NUMBER = re.compile(r"[\d.,'\u2019\s_]*\d[.,]?$")
_SCIENTIFIC_NUMBER = re.compile(r"\d+([.,]\d+)?[eE][+-]?\d{1,2}$")


def meant(cell: str) -> str:
    """The cell's text, without what keeps a spreadsheet from calculating with it or links it; "" for a CRM's blank."""
    cell = clean(cell)
    if "\ufffd" in cell:
        raise UserError("a letter of it is lost: �. If the file is not written as it was read, say how: --encoding.")
    if not cell or cell[0] not in "='\\N#-([":
        return cell
    if found := _LINK.match(cell) or _AS_TEXT.match(cell):
        return found[1].replace('""', '"').strip()
    if cell[0] == "'" and (cell[1:2] in ("=", "+", "-", "@") or cell[1:2].isdigit()):
        return cell[1:]
    if _ERROR.match(cell):
        raise UserError(f"the spreadsheet has an error there: {cell}.")
    return "" if cell in _NOTHING else cell


def text(cell: str, limit: int = TEXT) -> str | None:
    """On one line."""
    if not cell.isalnum():
        cell = " ".join(cell.split())
    if len(cell) > limit:
        raise UserError(f"the text is longer than {limit} characters.")
    return cell or None


def code(cell: str) -> str | None:
    """A key or a telephone number; refused where a spreadsheet has rounded it."""
    if _SCIENTIFIC.match(cell):
        raise UserError(f"a spreadsheet has shortened it to {cell}. Format the column as text there, and export again.")
    return text(cell)


def address(cell: str) -> str | None:
    """An e-mail address or a telephone number, also where a spreadsheet has made a link of it."""
    return code(_SCHEME.sub("", cell))


def key(cell: str) -> str | None:
    """A code; of Salesforce's ids of 15 letters the form in which upper and lower case do not matter.

    Its last three letters say of each five which are capitals: "Understanding 18 character IDs" of its help.
    """
    found = code(cell)
    if not found or not _SALESFORCE.match(found):
        return found
    capitals = (sum(letter.isupper() << n for n, letter in enumerate(found[at : at + 5])) for at in (0, 5, 10))
    return found + "".join(_CHECK[five] for five in capitals)


def temperature(cell: str) -> str | None:
    if cell.casefold() in EMPTY:
        return None
    if found := _TEMPERATURES.get(cell.casefold()):
        return found
    raise UserError(f"“{clip(cell, 40)}” is neither hot, standard (warm) nor list (cold).")


class Amounts:
    """A column of amounts: whether a comma or a point begins the cents is found over the whole column.

    An amount of money has no three decimals, so that where nothing in the column says otherwise 1,234 is over a
    thousand, and so is 1.234.
    """

    def __init__(self) -> None:
        self._marks: set[str] = set()  # what begins cents somewhere in the column

    def look(self, cell: str) -> None:
        """First pass."""
        if (mark := _certain_mark(_bare(cell)[1])) is not None:
            self._marks.add(mark)

    def cents(self, cell: str) -> int | None:
        if cell.casefold() in EMPTY:
            return None
        shown = clip(cell, 40)
        sign, number = _bare(cell)
        if _SCIENTIFIC_NUMBER.match(number):
            amount = Decimal(number.replace(",", "."))
        elif _NUMBER.match(number):
            amount = self._amount(number, shown)
        else:
            raise UserError(f"“{shown}” is no amount.")
        if sign or amount > LARGEST:
            raise UserError(f"the amount {shown} is {'below zero' if sign else 'too large'}.")
        return int(amount * 100)

    def _amount(self, number: str, shown: str) -> Decimal:
        number = re.sub(r"['\u2019\s_]", "", number)
        mark = _certain_mark(number)
        if mark is None and len(self._marks) == 1:
            [mark] = self._marks
        elif mark is None and len(self._marks) > 1 and re.search("[.,]", number):
            raise UserError(f"{shown} can be read in two ways, and the column is written in both.")
        whole, _mark, cents = number.rpartition(mark) if mark and mark in number else (number, "", "")
        if (
            not re.fullmatch(r"\d*|\d{1,3}([.,]\d{3})*|\d{1,2}([.,]\d{2})*[.,]\d{3}", whole)
            or not (cents or "0").isdigit()
        ):
            raise UserError(f"“{shown}” is no amount.")
        try:
            return Decimal(f"{re.sub('[.,]', '', whole) or 0}.{cents or 0}")
        except InvalidOperation:
            raise UserError(f"“{shown}” is no amount.") from None


def _bare(cell: str) -> tuple[bool, str]:
    """Whether it is below zero, and the number without its currency."""
    found = _CURRENCY.match(cell.strip())
    if not found:
        return False, cell
    number = found[2].strip()
    is_negative = found[1] in ("-", "(") or number.startswith("-")
    return is_negative and number.strip("-0.,") != "", number.lstrip("-+ ").removesuffix(".-").removesuffix(",-")


def _certain_mark(number: str) -> str | None:
    """What begins the cents, where only one reading is possible."""
    points, commas = number.count("."), number.count(",")
    if points and commas:
        return max(".,", key=number.rfind)
    if points + commas != 1:
        return None  # neither, or several of one: they group thousands
    mark = "." if points else ","
    whole, _mark, rest = number.partition(mark)
    return None if len(rest) == 3 and whole.strip("0 ") and len(whole) <= 3 else mark
