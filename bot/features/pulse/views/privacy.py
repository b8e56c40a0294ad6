"""What /pulse privacy says: the promise, what is stored now, what was destroyed and when, and what lies outside."""

from datetime import datetime

from bot.core.language import _, fill, number
from bot.core.ui import Bold, Line, Message, Part, When, line
from storage.pulse import FEWEST, FEWEST_FOR_COMMENTS, PulseWave, WaveState


def privacy(wave: PulseWave | None, now: datetime, has_counts: bool, threshold: int, comment_threshold: int) -> Message:
    """`wave` is the newest that was ever open; of it counts of answers may be kept, until its result is there."""
    parts: list[Part] = [
        Line(
            Bold(
                _(
                    "Parley's own storage, as of the close, gives nobody a better link between a person and an answer "
                    "than the published result and the list of those asked already give."
                )
            )
        ),
        *_stored(wave, now, has_counts),
        Line(Bold(_("What is shown"))),
        Line(_shown(threshold, comment_threshold)),
        Line(Bold(_("What we cannot promise"))),
        Line(
            _(
                "The platform you tap on delivers the tap, and knows of it. Until the close, whoever runs Parley and "
                "has both the database and the key could tell who answered what. A backup made while a pulse is open "
                "is outside the promise: without the key, which is never backed up, it tells nobody's answer, but with "
                "it it would. What you write in a comment may give you away by itself."
            )
        ),
    ]
    return Message(_("The pulse and your privacy"), *parts)


def _stored(wave: PulseWave | None, now: datetime, has_counts: bool) -> list[Part]:
    if wave is None:
        return [Line(_("No pulse was opened yet: nothing is stored."))]
    name = fill(_("Pulse {n}"), n=number(wave.number))
    match wave.state:
        case WaveState.OPEN:
            return [*_while_open(wave, name), *_missing(wave), *_late(wave, now)]
        case WaveState.VOID:
            return [*_after_its_end(name), *_destroyed(wave)]
        case _:
            return [*_after_the_close(name, has_counts), *_destroyed(wave)]


def _while_open(wave: PulseWave, name: str) -> list[Part]:
    sentence = _(
        "Who is asked, and as which side. Each answer, under a code that only the key of this pulse can link to you, "
        "with the time of your tap, which only the key can read: a tap that is delivered late must not undo a later "
        "one. The key is a file outside the database. At the close, {when}, the answers are counted and deleted, and "
        "the key is destroyed."
    )
    return [
        Line(Bold(fill(_("Stored now: {pulse}, which is open"), pulse=name))),
        line(sentence, when=When(wave.closes_at)),
    ]


def _late(wave: PulseWave, now: datetime) -> list[Part]:
    if now < wave.closes_at:
        return []
    return [Line(_("It could not be closed yet. It is tried until it succeeds; no answers are taken meanwhile."))]


def _after_its_end(name: str) -> list[Part]:
    """Of a pulse that was open when Parley was removed."""
    return [
        Line(Bold(fill(_("Stored now: {pulse}, which was ended; nothing was counted"), pulse=name))),
        Line(_("Who was asked, and as which side, for eight weeks; and how many of each side had answered.")),
    ]


def _after_the_close(name: str, has_counts: bool) -> list[Part]:
    stored = _(
        "Who was asked, and as which side, for eight weeks; how many of each side answered; and the published result."
    )
    parts: list[Part] = [Line(Bold(fill(_("Stored now: {pulse}, which is closed"), pulse=name))), Line(stored)]
    if has_counts:
        sentence = _(
            "There is no result yet. Until there is, for a week at most: how often each answer was given by each side "
            "that is large enough to be shown, and its comments."
        )
        parts.append(Line(sentence))
    return parts


def _destroyed(wave: PulseWave) -> list[Part]:
    parts: list[Part] = []
    if wave.key_missed_at:
        parts.append(Line(Bold(_("Destroyed"))))
        parts += _missing(wave)
    if wave.wiped_at and wave.closed_at and not wave.key_missed_at:
        answers = _(
            "At the close, {closed}: every single answer with the code it stood under, the comments of sides too small "
            "to be shown, and who was reminded. Then the key, and what the database still had of all this in its own "
            "files: {wiped}."
        )
        all_of_it = _(
            "At its end, {closed}: every answer and comment with the code it stood under, and who was reminded. Then "
            "the key, and what the database still had of all this in its own files: {wiped}."
        )
        sentence = all_of_it if wave.state == WaveState.VOID else answers
        parts += [
            Line(Bold(_("Destroyed"))),
            line(sentence, closed=When(wave.closed_at), wiped=When(wave.wiped_at)),
        ]
    elif not wave.wiped_at:
        parts.append(Line(_("The key and what is left of the answers are being destroyed just now.")))
    return parts


def _missing(wave: PulseWave) -> list[Part]:
    """The file of the key is not where it belongs."""
    if wave.key_missed_at is None:
        return []
    sentence = _(
        "On {when} the file of the key was found missing. The answers given until then were counted and deleted all "
        "the same; but Parley cannot say that no copy of the key is left, for it does not know where it went."
    )
    return [line(sentence, when=When(wave.key_missed_at))]


def _shown(threshold: int, comment_threshold: int) -> str:
    sentence = _(
        "A side is shown if at least {n} of it have answered, its comments if at least {m} have. An admin may raise "
        "these numbers for later pulses, but not below {fewest} and {fewest_comments}."
    )
    return fill(sentence, n=threshold, m=comment_threshold, fewest=FEWEST, fewest_comments=FEWEST_FOR_COMMENTS)
