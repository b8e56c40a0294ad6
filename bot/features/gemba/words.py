"""What can be chosen in job swaps: roles, levels, themes, formats and languages, by the codes that are stored."""

from typing import Literal

from bot.core.language import N_

Role = Literal[
    "sdr",
    "account_executive",
    "hunter",
    "farmer",
    "sales_support",
    "sales_head",
    "campaigns",
    "content",
    "product_marketing",
    "events",
    "marketing_operations",
    "marketing_head",
]
Theme = Literal[
    "calls",
    "hand_off",
    "lead_quality",
    "follow_up",
    "campaigns",
    "content",
    "events",
    "pricing",
    "customers",
    "planning",
]
Language = Literal["en", "ru", "ar", "fa", "vi", "de", "fr", "es", "pt", "it", "zh", "ja"]
Where = Literal["both", "here", "remote"]
Fact = Literal["saw", "surprise", "waiting", "rework", "hand_off", "unclear"]

SALES_ROLES: dict[str, str] = {
    "sdr": N_("Sales development (SDR)"),
    "account_executive": N_("Account executive"),
    "hunter": N_("New customers (hunter)"),
    "farmer": N_("Existing customers (farmer)"),
    "sales_support": N_("Sales support"),
    "sales_head": N_("Head of sales"),
}
MARKETING_ROLES: dict[str, str] = {
    "campaigns": N_("Campaign owner"),
    "content": N_("Content"),
    "product_marketing": N_("Product marketing"),
    "events": N_("Events and fairs"),
    "marketing_operations": N_("Marketing operations"),
    "marketing_head": N_("Head of marketing"),
}
ROLES = SALES_ROLES | MARKETING_ROLES
LEVELS: dict[int, str] = {
    1: N_("Assistant, or new here"),
    2: N_("Specialist"),
    3: N_("Senior"),
    4: N_("Leads a team"),
    5: N_("Head"),
}
THEMES: dict[str, str] = {
    "calls": N_("Calls with customers"),
    "hand_off": N_("The hand-off of leads"),
    "lead_quality": N_("What makes a lead good"),
    "follow_up": N_("Following up"),
    "campaigns": N_("How a campaign is made"),
    "content": N_("Material for customers"),
    "events": N_("Fairs and events"),
    "pricing": N_("Prices and objections"),
    "customers": N_("What customers say"),
    "planning": N_("Planning and figures"),
}
FORMATS: dict[str, str] = {
    "ride_along": N_("Ride-along call (45 minutes)"),
    "half_day": N_("Half-day swap"),
    "seat": N_("A seat in research or a focus group"),
    "field_visit": N_("Field visit or account preparation"),
    "territory_plan": N_("Territory plan, as a pair"),
    "full_week": N_("A full week"),
}
LANGUAGES: dict[str, str] = {
    "en": "English",
    "ru": "Русский",
    "ar": "العربية",
    "fa": "فارسی",
    "vi": "Tiếng Việt",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
    "it": "Italiano",
    "zh": "中文",
    "ja": "日本語",
}  # each in its own
FACTS: dict[str, str] = {
    "saw": N_("What I saw"),
    "surprise": N_("What surprised me"),
    "waiting": N_("Waiting"),
    "rework": N_("Rework"),
    "hand_off": N_("Hand-off"),
    "unclear": N_("Unclear"),
}
QUESTIONS: dict[str, tuple[str, str, str]] = {
    "calls": (
        N_("What does the customer ask first?"),
        N_("Which of our words do they repeat, and which do they not know?"),
        N_("What was missing to answer them at once?"),
    ),
    "hand_off": (
        N_("What is known when the work changes hands, and what is asked again?"),
        N_("How long does it lie, and where?"),
        N_("Who finds out when something is wrong?"),
    ),
    "lead_quality": (
        N_("What is looked at first to tell a good lead?"),
        N_("Which field is always empty, or always wrong?"),
        N_("Which of the last five would you have treated otherwise?"),
    ),
}
ANY_QUESTIONS = (
    N_("What is done here that I did not know of?"),
    N_("Where does the work wait, and for what?"),
    N_("What would be easier if my side did one thing otherwise?"),
)
MOST_FACTS = 6  # of one visit


def folded(place: str) -> str:
    """A place without what tells no two apart: case, and space around and between its words."""
    return " ".join(place.casefold().split())


def codes(text: str) -> list[str]:
    """Codes as they are stored: "sdr,events"."""
    return [code for code in text.split(",") if code]
