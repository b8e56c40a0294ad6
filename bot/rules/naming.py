"""Comments as they may be read: in no order, and without what names anybody or leads somewhere."""

import re
from collections.abc import Sequence
from random import SystemRandom

STRIPPED = "…"
_NAMING = re.compile(
    r"""<[@\#!][^>]*>                             # as platforms write mentions of people, channels and groups
    | <(?:https?|mailto|tel):[^>]*>               # ... and links
    | \b(?:https?|ftp|mailto|tel):\S+ | \bwww\.\S+
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                # addresses
    | \b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\S*        # links without their beginning
    | (?<!\w)@\w[\w.-]*                       # names
    """,
    re.VERBOSE | re.IGNORECASE,
)


def shuffled_without_names(texts: Sequence[str]) -> list[str]:
    """Without those that said nothing else."""
    left = [text for text in map(without_names, texts) if text.strip(f"{STRIPPED} ")]
    SystemRandom().shuffle(left)
    return left


def without_names(text: str) -> str:
    """The text without mentions, links and addresses."""
    return " ".join(_NAMING.sub(STRIPPED, text).split())
