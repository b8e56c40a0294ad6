"""What is said of a lead, however it comes in: bounds for all, and reading what people and CRMs write."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from bot.core.language import N_
from bot.core.limits import clip

Temperature = Literal["hot", "standard", "list"]
TEMPERATURES: Mapping[str, str] = {
    "hot": N_("Hot"),
    "standard": N_("Standard"),
    "list": N_("From a list"),
}

_WARMTH: Mapping[str, Temperature] = {
    **dict.fromkeys(("hot", "high", "urgent", "a"), "hot"),
    **dict.fromkeys(("list", "cold", "low", "c"), "list"),
    **dict.fromkeys(("standard", "warm", "normal", "medium", "b"), "standard"),
}
_NUMBER = re.compile(r"(?<![\w.,])\d[\d.,' \u00a0\u202f]{0,20}")


class LeadFields(BaseModel):
    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    company: str = Field(min_length=1, max_length=120)
    key: str | None = Field(default=None, min_length=1, max_length=80)
    source: str | None = Field(default=None, max_length=80)
    campaign: str | None = Field(default=None, max_length=80)
    owner: str | None = Field(default=None, max_length=200)
    contact: str | None = Field(default=None, max_length=120)
    email: str | None = Field(default=None, max_length=200)
    phone: str | None = Field(default=None, max_length=60)
    segment: str | None = Field(default=None, max_length=80)
    value: Decimal | None = Field(default=None, ge=0, le=1_000_000_000)
    temperature: Temperature = "standard"
    summary: str | None = Field(default=None, max_length=1500)

    @field_validator("company")
    @classmethod
    def _is_visible(cls, name: str) -> str:
        if not can_be_seen(name):
            raise PydanticCustomError("string_too_short", "nobody sees it", {"min_length": 1})
        return name


def can_be_seen(text: str) -> bool:
    """Whether there is anything in it but spaces and characters of no width."""
    return any(letter.isprintable() and not letter.isspace() for letter in text)


_LIMITS = {"company": 120, "contact": 120, "email": 200, "owner": 200, "phone": 60, "summary": 1500}


def as_fields(found: Mapping[str, str]) -> dict[str, str]:
    """What a message says of a lead, within bounds; what cannot be read as its field is left out."""
    fields = {name: _clipped(text, _LIMITS.get(name, 80)) for name, text in found.items() if text.strip()}
    if "key" in fields and len(found["key"].strip()) > 80:
        del fields["key"]  # half a key is the key of another lead
    if "value" in fields:
        fields |= {"value": str(value)} if (value := amount(found["value"])) is not None else {}
        if value is None:
            del fields["value"]
    if "temperature" in fields:
        fields["temperature"] = _WARMTH.get(fields["temperature"].casefold(), "standard")
    return fields


def _clipped(text: str, limit: int) -> str:
    text = text.strip()
    return text if len(text) <= limit else clip(text[:limit], limit)[: limit - 1] + "…"


def amount(text: str) -> Decimal | None:
    """A sum of money as people write it: "€12,500.00", "12.500,00 EUR", "12k"; None where it says none."""
    found = _NUMBER.search(re.sub(r"^[^\d]+", "", text.strip()))
    if found is None:
        return None
    digits = re.sub(r"[' \u00a0\u202f]", "", found[0]).rstrip(".,")
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0:
        mark, behind = digits[last], len(digits) - last - 1
        is_decimal = behind in (1, 2) and digits.count(mark) == 1
        whole = re.sub(r"[.,]", "", digits[:last] if is_decimal else digits)
        digits = f"{whole}.{digits[last + 1 :]}" if is_decimal else whole
    times = {"k": 1000, "m": 1_000_000}.get(text.strip()[text.strip().find(found[0]) + len(found[0]) :][:1].lower(), 1)
    value = Decimal(digits) * times
    return value if value <= 1_000_000_000 else None


def given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty."""
    return {name: value for name, value in fields.items() if value not in (None, "")}
