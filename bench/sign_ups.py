"""People who sign up for job swaps, made up from a seed: in many zones, with wishes, habits and dislikes."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bot.rules.swaps import FORMATS, Participant, Question, Slot

ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "Asia/Kolkata", "Asia/Tehran")
ROLES = {
    "sales": ("sdr", "account executive", "hunter", "farmer", "head of sales"),
    "marketing": ("content", "events", "campaign owner", "product marketing", "head of marketing"),
}
THEMES = ("discovery calls", "pricing", "field sales", "webinars", "lead scoring", "brand", "objections", "renewals")
PLACES = ("Berlin", "London", "New York", "Pune", None)
LANGUAGES = (["en"], ["en", "de"], ["en", "fa"], ["en", "vi"], ["de"])
HALVES = {"am": (time(9), time(13)), "pm": (time(13), time(17))}
MONDAY = date(2026, 12, 7)


def sign_ups(number: int, random: Random, *, weeks: int = 2, half_days: int = 8) -> list[Participant]:
    """Half of each side, if the number is even."""
    return [sign_up(one, "sales" if one % 2 else "marketing", random, weeks, half_days) for one in range(1, number + 1)]


def sign_up(number: int, side: str, random: Random, weeks: int = 2, half_days: int = 8) -> Participant:
    seniority = random.randint(1, 5)
    return {
        "id": number,
        "side": "sales" if side == "sales" else "marketing",
        "role": ROLES[side][seniority - 1],
        "seniority": seniority,
        "is_first_timer": random.random() < 0.4,
        "waited": random.choice((0, 0, 0, 1, 2)),
        "goes_first": False,
        "is_matched": False,
        "wished_roles": random.sample(ROLES["marketing" if side == "sales" else "sales"], random.randint(0, 2)),
        "wished_themes": random.sample(THEMES, random.randint(0, 3)),
        "offered_themes": random.sample(THEMES, random.randint(1, 4)),
        "capacity": random.choice((1, 1, 1, 2, 3)),
        "place": random.choice(PLACES),
        "is_remote": random.random() < 0.9,
        "formats": [name for name in FORMATS if name == "half_day" or random.random() < 0.3],
        "free": free(random, random.choices(ZONES, (8, 6, 3, 1, 1, 1))[0], weeks, half_days),
        "languages": random.choices(LANGUAGES, (8, 4, 2, 1, 1))[0],
        "unwanted": [],
        "above": [],
        "tried": [],
        "past": [],
    }


def free(random: Random, zone: str, weeks: int, half_days: int) -> list[Slot]:
    """Some half-days of the weeks, on working days, as the clocks of a zone show them."""
    days = [MONDAY + timedelta(days=7 * week + day) for week in range(weeks) for day in range(5)]
    all_of_them = [(day, name) for day in days for name in HALVES]
    chosen = sorted(random.sample(all_of_them, min(half_days, len(all_of_them))))
    return [slot(day, name, zone) for day, name in chosen]


def slot(day: date, name: str, zone: str) -> Slot:
    begins, ends = (datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC).isoformat() for at in HALVES[name])
    return {"label": f"{day} {name}", "begins": begins, "ends": ends}


def among_themselves(people: list[Participant], random: Random, *, apart: float, met: float) -> None:
    """For each of them, on average, so many whom they would rather not meet (and half as many whom they report to), and
    so many whom they met before."""
    for person in people:
        others = [other["id"] for other in people if other["side"] != person["side"]]
        person["unwanted"] += _some(others, apart, random)
        person["above"] += _some(others, apart / 2, random)
        person["past"] += [(other, random.randint(1, 8)) for other in _some(others, met, random)]


def a_round(random: Random, number: int, *, no_repeat: int = 4) -> Question:
    """A round of so many people that is hard to match: the sides are uneven, and much keeps people apart."""
    share, half_days, often = random.choice((0.3, 0.5, 0.5)), random.choice((4, 8, 10)), random.random() / 8
    people = []
    for one in range(1, number + 1):
        person = sign_up(one, "sales" if random.random() < share else "marketing", random, 1, half_days)
        person["capacity"] = random.choice((0, 1, 1, 1, 1, 1, 1, 2, 2, 3))
        person["is_matched"] = random.random() < often / 2
        if random.random() < often:
            person["formats"] = random.sample(FORMATS, random.randint(0, 2))
        if random.random() < often:
            person["free"] = free(random, ZONES[0], random.choice((1, 2)), 10)
            person["formats"] = ["full_week"]
        people.append(person)
    among_themselves(people, random, apart=often * 2, met=often * 6)
    for person in people:
        person["tried"] += _some([other["id"] for other in people], often / 2, random)
    return question(people, seed=random.randint(0, 9), no_repeat=no_repeat)


def question(people: list[Participant], seed: int = 1, no_repeat: int = 4) -> Question:
    return {"version": 1, "seed": seed, "no_repeat": no_repeat, "people": people}


def _some(others: list[int], number: float, random: Random) -> list[int]:
    """That many on average."""
    some = min(len(others), int(number) + (random.random() < number % 1))
    return random.sample(others, some)
