"""Help: what Parley understands, drawn from what the features registered."""

from difflib import get_close_matches

from bot.core.language import _, fill
from bot.core.limits import clip
from bot.core.registry import FRONT_DOOR, Call, Registry
from bot.core.ui import Code, Line, Message

HELP_WORDS = {"help", "?", "-h", "--help"}


def help_on(registry: Registry, call: Call | None, name: str, text: str) -> Message:
    """What to say to a command that asks for help, or that was not understood."""
    if call:
        command = call.words.split()[0]
        return help_message(registry, command if command != FRONT_DOOR else None)
    words = [name, *text.split()] if name.lower() != FRONT_DOOR else text.split()
    while words and words[0].lower().lstrip("/") in HELP_WORDS:
        words.pop(0)
    if not words:
        return help_message(registry)
    command = words[0].lower().lstrip("/")
    return help_message(registry, command) if registry.usages(command) else not_understood(registry, command)


def help_message(registry: Registry, command: str | None = None) -> Message:
    """Help on one command, or on all of them."""
    names = [command] if command else registry.command_names
    headline = fill(_("How to use /{name}"), name=command) if command else _("Here is what I can do")
    lines = [
        Line(Code(f"/{name} {usage.hint}".strip()), "  ", _(usage.about))
        for name in names
        for usage in registry.usages(name)
    ]
    front_door = Line(_("Every command also works behind /parley, such as /parley lead."))
    return Message(headline, *lines, *([] if command else [front_door]))


def not_understood(registry: Registry, word: str) -> Message:
    """Names the nearest command, or word of /parley, if one is near."""
    words = registry.words_of(FRONT_DOOR)
    known = ["help", *registry.command_names, *words]
    near = get_close_matches(word.lower().lstrip("/"), known, n=1, cutoff=0.5)
    word = clip(word, 40)
    if not near:
        return Message(fill(_("I do not know “{word}”."), word=word), *help_message(registry).parts)
    is_word = near[0] in ("help", *words)
    command = FRONT_DOOR if is_word else near[0]
    meant = f"{FRONT_DOOR} {near[0]}" if is_word else near[0]
    headline = fill(_("I do not know “{word}”. Did you mean /{near}?"), word=word, near=meant)
    return Message(headline, *help_message(registry, command if command != FRONT_DOOR else None).parts)


def not_a_word_of(registry: Registry, command: str, word: str) -> Message:
    """A command whose first word means nothing to it."""
    near = get_close_matches(word.lower(), registry.words_of(command), n=1, cutoff=0.5)
    if not near:
        return help_message(registry, command)
    headline = fill(_("Did you mean /{command} {near}?"), command=command, near=near[0])
    return Message(headline, *help_message(registry, command if command != FRONT_DOOR else None).parts)
