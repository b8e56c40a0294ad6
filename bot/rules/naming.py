"""Comments as they may be read: in no order, and without what names anybody or leads somewhere."""

import re
from collections.abc import Sequence
from random import SystemRandom

_MENTION = re.compile(r"<[@!#][^>]*>|(?<!\w)@\w[\w.-]*")
_LINK = re.compile(
    r"""<(?:https?|mailto|tel):[^>]*>
    | \b(?:https?|ftp|mailto|tel):\S+ | \bwww\.\S+
    | \b[\w.+-]+@[\w-]+(?:\.[\w-]+)+         # addresses
    | \b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\S*   # links without their beginning
    """,
    re.VERBOSE | re.IGNORECASE,
)


def without_names(text: str) -> str:
    """A comment without whom it mentions and what it links to: by either it could be told who wrote it.

    What stands for them is the same in every language, for that of the writer would tell too.
    """
    return _MENTION.sub("@…", _LINK.sub("(…)", text)).strip()


def shuffled(texts: Sequence[str]) -> list[str]:
    """Without names, and without those that said nothing else."""
    left = [text for text in map(without_names, texts) if text.strip("@…() ")]
    SystemRandom().shuffle(left)
    return left
