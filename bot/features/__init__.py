"""The features, in the order help lists them and events reach them. To add one, add its name here."""

from bot.core.feature import Feature
from bot.features.cases import feature as cases
from bot.features.clocks import feature as clocks
from bot.features.digest import feature as digest
from bot.features.feedback import feature as feedback
from bot.features.leads import feature as leads
from bot.features.noise import feature as noise
from bot.features.patterns import feature as patterns
from bot.features.people import feature as people
from bot.features.pulse import feature as pulse
from bot.features.questions import feature as questions
from bot.features.reports import feature as reports

FEATURES: tuple[Feature, ...] = (
    feedback,
    leads,
    questions,
    cases,
    clocks,
    digest,
    pulse,
    patterns,
    reports,
    noise,
    people,
)
