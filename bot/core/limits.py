"""Size limits: always the tighter of the platforms', checked where a view is written."""

BUTTON_VALUE = 1990  # characters of a packed action: Slack's button value is 2000
FORM_METADATA = 2990  # characters of a packed form action: Slack's private_metadata is 3000
MESSAGE = 12_000  # estimated characters of a rendered message; Slack refuses blocks above about 13,200
LONGEST_ESCAPE = 5  # characters of &amp;
OPTION_VALUE = 75  # characters of an option's value


class LimitExceeded(ValueError):
    """A view asked for more than some platform can show: a programming error, never the user's."""


def check(size: int, limit: int, what: str) -> None:
    """Raise LimitExceeded when `size` is over `limit`."""
    if size > limit:
        raise LimitExceeded(f"{what}: {size} where {limit} fit")


def escaped_length(text: str) -> int:
    """Characters after Slack's escaping: & becomes &amp;, < and > become &lt; and &gt;."""
    return len(text) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


def drawn_length(text: str) -> int:
    """Characters once escaped for Slack and for JSON."""
    return escaped_length(text) + sum(map(text.count, '"\\\n\r\t'))


def clip(text: str, limit: int) -> str:
    """Shorten text people wrote, visibly, so that it takes up at most `limit` characters once it is drawn."""
    if len(text) * LONGEST_ESCAPE <= limit or drawn_length(text) <= limit:
        return text
    while text and drawn_length(text) > limit - 1:
        text = text[: len(text) - max(1, (drawn_length(text) - limit) // LONGEST_ESCAPE)]
    return text + "…"
