"""Which column says what, and what the CRM's words for a status mean here."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bot.core.context import UserError
from bot.core.limits import clip
from bot.rules.codes import CodeKind, vocabulary
from bot.rules.lead_states import GONE, LeadState

TEXTS = ("company", "contact", "email", "phone", "source", "segment", "summary")
DATES = ("handed_off_at", "accepted_at", "won_at", "lost_at")
FIELDS = ("key", *TEXTS, "campaign", "value", "temperature", "owner", "status", *DATES)
REASONS = {
    LeadState.REJECTED: CodeKind.REJECT,
    LeadState.DISQUALIFIED: CodeKind.DISQUALIFY,
    LeadState.RECYCLED: CodeKind.RECYCLE,
}
STATES = {re.sub(r"\W|_", "", state.value.casefold()): state for state in LeadState if state not in GONE}
STATE_NAMES = ", ".join(state.value.lower() for state in STATES.values())
# What CRMs call the fields, also in German, French, Spanish, Portuguese and Russian: proposed, never taken for granted.
NAMES: Mapping[str, Sequence[str]] = {
    field: tuple(name.strip() for name in names.split(","))
    for field, names in {
        "key": "lead id, record id, deal id, contact id, (do not modify) lead, id, uuid, external id, kundennummer,"
        "identifiant, identificador, código, codigo",
        "company": "company, company name, company / account, account name, account, organization, deal - organization,"
        "organisation, associated company, display_name, firma, unternehmen, société, entreprise, empresa,"
        "название компании, компания",
        "contact": "first name+last name, vorname+nachname, prénom+nom, nombre+apellidos, имя+фамилия,"
        "contact name, full name, name, contact person, primary_contact_name, deal - contact person,"
        "ansprechpartner, contacto, contato, nom, контакт",
        "email": "email, e-mail, email address, primary_contact_primary_email, courriel, correo electrónico, correo,"
        "рабочий e-mail",
        "phone": "phone, phone number, mobile phone, mobile, telefon, téléphone, teléfono, telefone, телефон",
        "source": "lead source, original source, original traffic source, origin, custom.lead source, quelle, origen,"
        "origem, источник",
        "campaign": "campaign name, primary campaign, utm_campaign, kampagne, campagne, campaña, campanha, кампания",
        "segment": "industry, segment, branche, secteur, sector, setor",
        "value": "deal value, deal - value, amount, est. value, estimated value, opportunity value,"
        "associated deal amount, wert, betrag, montant, importe, valor, возможная сумма",
        "temperature": "rating, lead rating, deal - label, priority",
        "owner": "lead owner, contact owner, deal owner, deal - owner, assigned to, account owner, verantwortlich,"
        "besitzer, propriétaire, propietario, responsável, ответственный",
        "summary": "description, notes, topic, beschreibung, notizen, комментарий",
        "status": "lead status, deal - status, status reason, status_label, stage, deal stage, statut, estado,"
        "situação, стадия",
        "handed_off_at": "became a marketing qualified lead date, mql date, assigned date, create date, created on,"
        "created time, created date, date created, date_created, deal - deal created, erstellt am, date de création,"
        "fecha de creación, criado em, дата создания",
        "won_at": "deal - won time, won time, won date, date won, gewonnen am",
        "lost_at": "deal - lost time, lost time, lost date, date lost, verloren am",
    }.items()
}


Places = tuple[int, ...]  # the columns of a field: with a space between them, where there are several


@dataclass(frozen=True, slots=True)
class Status:
    state: LeadState
    reason: str | None = None


def named_by(wanted: Sequence[str]) -> list[str]:
    """The columns that --map names."""
    return [part.strip() for text in wanted for part in text.partition("=")[2].split("+")] or ["key"]


def columns_of(header: Sequence[str], wanted: Sequence[str]) -> dict[str, Places]:
    """Where each field stands: as --map says (FIELD=COLUMN, or FIELD=COLUMN+COLUMN), else the column named like it."""
    found: dict[str, Places] = {}
    told_apart = labels(header)
    for text in wanted:
        name, has_sign, column = (part.strip() for part in text.partition("="))
        if not has_sign or not column:
            raise UserError(f"--map takes FIELD=COLUMN, such as key=lead_id; “{text}” is not of that form.")
        if name not in FIELDS:
            raise UserError(f"There is no field “{name}”. {_nearest(name, FIELDS)}The fields are: {', '.join(FIELDS)}.")
        if name in found:
            raise UserError(f"--map names the field {name} twice.")
        is_one = column.casefold() in map(str.casefold, told_apart)
        parts = [column] if is_one else column.split("+")
        found[name] = tuple(_position(header, part.strip()) for part in parts)
    for field in FIELDS:
        named = [n for n, column in enumerate(header) if _plain(column) == _plain(field)]
        if field in found or not named:
            continue
        if len(named) > 1:
            both = " and ".join(f"“{told_apart[n]}”" for n in named)
            raise UserError(f"The columns {both} could all be {field}. Say which: --map {field}=COLUMN.")
        found[field] = (named[0],)
    if "key" not in found:
        known = ", ".join(filter(None, told_apart[:30]))
        perhaps = f" Perhaps: {likely}." if (likely := proposed(header, found)) else ""
        raise UserError(f"Say which column tells leads apart: --map key=COLUMN. The columns are: {known}.{perhaps}")
    return found


def labels(header: Sequence[str]) -> list[str]:
    """The columns' names; of those that come several times, with their number: “Source (2)”."""
    times, seen = Counter(map(str.casefold, header)), Counter[str]()
    found = []
    for name in header:
        seen[name.casefold()] += 1
        found.append(f"{name} ({seen[name.casefold()]})" if name and times[name.casefold()] > 1 else name)
    return found


def unused(header: Sequence[str], found: Mapping[str, Places]) -> list[str]:
    """The names of the columns that no field is read from."""
    used = {place for places in found.values() for place in places}
    return [name for n, name in enumerate(labels(header)) if name and n not in used]


def proposed(header: Sequence[str], found: Mapping[str, Places]) -> str:
    """Options for the fields that are not found yet, by the names that CRMs have for them; nothing is taken from it."""
    used = {place for places in found.values() for place in places}
    free, options = {n: _plain(column) for n, column in enumerate(header) if n not in used}, []
    told_apart = labels(header)
    for field, names in NAMES.items():
        for name in names if field not in found else ():
            parts = [next((n for n in free if free[n] == _plain(part)), None) for part in name.split("+")]
            if None not in parts:
                columns = "+".join(told_apart[place] for place in parts if place is not None)
                options.append(f'--map "{field}={columns}"')
                break
    return " ".join(options)


def statuses_of(wanted: Sequence[str], own: Sequence[tuple[str, str, bool]] = ()) -> dict[str, Status]:
    """What each word for a status means, casefolded: as --status says (WORD=STATE or WORD=STATE:CODE)."""
    codes = vocabulary(own)
    found: dict[str, Status] = {}
    for text in wanted:
        word, has_sign, meaning = (part.strip() for part in text.rpartition("="))
        if not has_sign or not word:
            raise UserError(
                f'--status takes WORD=STATE, such as "Junk Lead=rejected:R6"; “{text}” is not of that form.'
            )
        name, _colon, code = (part.strip() for part in meaning.partition(":"))
        state = STATES.get(_plain(name))
        if state is None:
            raise UserError(f"“{name}” is no state of a lead. The states are: {STATE_NAMES}.")
        if code and (code.upper() not in codes or codes[code.upper()].kind != REASONS.get(state)):
            fitting = ", ".join(c.code for c in codes.values() if c.kind == REASONS.get(state)) or "none"
            raise UserError(f"“{code}” is no reason for {state.value.lower()}. Codes that are: {fitting}.")
        found[word.casefold()] = Status(state, code.upper() or None)
    return found


def status_of(word: str, known: Mapping[str, Status]) -> Status:
    """What a cell says; UserError where nobody said what it means."""
    if status := known.get(word.casefold()):
        return status
    if state := STATES.get(_plain(word)):
        return Status(state)
    shown = clip(word, 80)
    raise UserError(f'“{shown}” is no status I know. Say what it means: --status "{shown}=STATE".')


def _position(header: Sequence[str], column: str) -> int:
    told_apart = labels(header)
    exactly = [n for n, name in enumerate(told_apart) if name == column]
    roughly = [n for n, name in enumerate(told_apart) if name.casefold() == column.casefold()]
    for named in (exactly, roughly):
        if len(named) == 1:
            return named[0]
    if same := [told_apart[n] for n, name in enumerate(header) if name.casefold() == column.casefold()]:
        raise UserError(f"Several columns are called “{column}”. Say which: {', '.join(same)}.")
    known = ", ".join(filter(None, told_apart[:30]))
    raise UserError(f"There is no column “{column}”. {_nearest(column, header)}The columns are: {known}.")


def _nearest(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word, known, n=1)
    return f"Do you mean “{near[0]}”? " if near else ""


def _plain(name: str) -> str:
    return re.sub(r"\W|_", "", name.casefold())
