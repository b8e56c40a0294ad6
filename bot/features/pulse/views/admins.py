"""What admins are told of results, in private."""

from bot.core.language import _, fill, number
from bot.core.ui import Code, Line, Message, line


def distrust() -> Message:
    return Message(
        _("Some do not believe that their answers cannot be traced to them"),
        Line(_("Their pulse says little as long as it is so. Stop it, find out why, mend it, and say what you did.")),
        line(_("What is stored stands in {command}; it can be shown to everybody."), command=Code("/pulse privacy")),
    )


def unclosed(n: int) -> Message:
    """A pulse is over, and could not be closed."""
    return Message(
        fill(_("Pulse {n} cannot be closed"), n=number(n)),
        Line(
            _(
                "Nobody can answer any more, but what was answered is not counted and deleted yet, and the key is not "
                "destroyed. Whoever runs Parley finds the reason in its log. It is tried again by itself, until it "
                "succeeds."
            )
        ),
    )


def overdue(n: int) -> Message:
    """The result of a pulse could not be computed."""
    return Message(
        fill(_("The result of pulse {n} cannot be computed"), n=number(n)),
        Line(
            _(
                "Whoever runs Parley finds the reason in its log. It is tried again every day for a week; then the "
                "counts of answers and the comments are deleted, and there will be no result."
            )
        ),
    )


def given_up(n: int) -> Message:
    """It never was computed."""
    return Message(
        fill(_("Pulse {n} has no result"), n=number(n)),
        Line(_("It could not be computed for a week. The counts of answers and the comments are deleted.")),
    )
