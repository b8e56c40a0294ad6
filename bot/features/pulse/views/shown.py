"""A published result with all that is shown with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.core.language import N_
from bot.rules.published import Published
from storage.pulse import PulseQuestion
from storage.pulse_results import PulseSentence

NAMES = {"sales": N_("Sales"), "marketing": N_("Marketing")}
WORDING = 200  # characters of a statement that are shown


@dataclass(frozen=True)
class Shown:
    """A result with what its figures are about."""

    number: int  # of the wave
    published: Published
    questions: Mapping[int, PulseQuestion]  # by position
    sentences: Sequence[PulseSentence]

    @property
    def on(self) -> date:
        return date.fromisoformat(self.published["on"])
