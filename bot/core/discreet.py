"""What may be logged of a failure whose own words might tell too much."""

from pathlib import Path
from traceback import extract_tb


def kind_and_place(error: Exception) -> str:
    """What kind of error it is, and through which lines it came, without a word of it."""
    lines = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)]
    return " ".join([type(error).__name__, "at", *lines])
