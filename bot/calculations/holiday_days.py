"""Public holidays: from zones and years to each zone's country and days."""

from importlib.resources import files
from typing import TypedDict

import holidays


class Asked(TypedDict):
    zones: list[str]
    years: list[int]


def calculate(asked: Asked) -> dict[str, tuple[str | None, list[str]]]:
    """Days are ISO dates. A zone without a country, or whose country the library does not know, has none."""
    of_zone = countries()
    found = {zone: of_zone.get(zone) for zone in asked["zones"]}
    return {zone: (country, days(country, asked["years"])) for zone, country in found.items()}


def countries() -> dict[str, str]:
    """The country of each time zone; the first where there are several."""
    tzdata = files("tzdata") / "zoneinfo"
    of_zone = {}
    for line in (tzdata / "zone.tab").read_text().splitlines():
        if not line.startswith("#"):
            country, _place, zone, *_comment = line.split("\t")
            of_zone[zone] = country
    links = [line.split() for line in (tzdata / "tzdata.zi").read_text().splitlines() if line.startswith("L ")]
    for _letter, zone, alias in links:
        if zone in of_zone:
            of_zone.setdefault(alias, of_zone[zone])
    return of_zone


def days(country: str | None, years: list[int]) -> list[str]:
    """None of a country that the library does not know."""
    try:
        found = holidays.country_holidays(country, years=years) if country else {}
    except NotImplementedError:
        return []
    return [day.isoformat() for day in sorted(found)]
