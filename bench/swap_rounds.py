"""Round after round of job swaps among the same people, matched by Parley or at random."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from bench.sign_ups import ZONES, free, question
from bot.calculations.gemba_matching import calculate
from bot.rules.swaps import Participant, Question
from tests.calculations.exact_swaps import lacks, may_swap, swappers

Pair = tuple[int, int]
Matcher = Callable[[Question], list[Pair]]


@dataclass
class Lived:
    """What became of the rounds; `twice`: people who were left out in two rounds one after the other."""

    people: int
    matched: int = 0
    repeated: int = 0
    twice: int = 0
    lacking: int = 0
    met: set[Pair] = field(default_factory=set)

    def __str__(self) -> str:
        swaps = self.matched // 2
        return (
            f"{swaps} swaps, {self.repeated} of them again, {self.twice} people left out twice in a row, "
            f"{self.lacking / max(swaps, 1):.1f} lacking in a swap"
        )


def by_parley(asked: Question) -> list[Pair]:
    return [(match["sales"], match["marketing"]) for match in calculate(asked)["matches"]]


def at_random(asked: Question) -> list[Pair]:
    """One after the other anybody with whom a swap is allowed, as long as there is somebody."""
    random = Random(asked["seed"])
    sales, marketing = swappers(asked, "sales"), swappers(asked, "marketing")
    pairs = []
    for seller in random.sample(sales, len(sales)):
        fit = [marketer for marketer in marketing if may_swap(seller, marketer, asked["no_repeat"])]
        if fit:
            partner = random.choice(fit)
            marketing.remove(partner)
            pairs.append((seller["id"], partner["id"]))
    return pairs


def rounds(people: list[Participant], number: int, half_days: int, seed: int, no_repeat: int) -> Iterator[Question]:
    """The questions of the rounds: each time they are free on other half-days, each in their own zone. Whoever runs
    them takes note with `swapped`."""
    random = Random(seed)
    zones = {person["id"]: random.choice(ZONES[:2]) for person in people}
    for seed_of_round in range(number):
        for person in people:
            person["free"] = free(random, zones[person["id"]], 2, half_days)
        yield question(people, seed_of_round, no_repeat)


def swapped(people: list[Participant], pairs: list[Pair]) -> None:
    partner = dict(pairs) | {marketer: seller for seller, marketer in pairs}
    for person in people:
        person["past"] = [(who, ago + 1) for who, ago in person["past"]]
        if person["id"] in partner:
            person["past"].append((partner[person["id"]], 1))
            person["is_first_timer"], person["waited"] = False, 0
        else:
            person["waited"] += 1


def live(people: list[Participant], questions: Iterator[Question], match: Matcher) -> Lived:
    lived, by_id = Lived(len(people)), {person["id"]: person for person in people}
    for asked in questions:
        pairs = match(asked)
        waited = {person["id"] for person in people if person["waited"]}
        lived.twice += len(waited - {number for pair in pairs for number in pair})
        lived.lacking += sum(lacks(by_id[seller], by_id[marketer]) for seller, marketer in pairs)
        lived.repeated += sum(pair in lived.met for pair in pairs)
        lived.met.update(pairs)
        lived.matched += 2 * len(pairs)
        swapped(people, pairs)
    return lived
