"""Help: what was typed is understood by its longest words, and what was not is answered with the nearest."""

import pytest

from bot.core.context import Reply
from bot.core.feature import Feature, Usage
from bot.core.help import help_on, not_a_word_of
from bot.core.registry import Registry
from bot.core.ui import Message
from tests.world import plain


@pytest.fixture
def registry():
    zoo = Feature("zoo")

    def named(name):
        return lambda ctx, text: Reply(Message(name))

    zoo.command("animal", Usage("", "all animals"), bare=True)(named("animals"))
    zoo.command("animal", Usage("7", "one animal"))(named("animal"))
    zoo.command("animal feed", Usage("feed", "with a form"), bare=True)(named("feed form"))
    zoo.command("animal feed", Usage("feed hay", "at once"))(named("feed"))
    zoo.command("parley zoo", Usage("zoo", "opening hours"))(named("zoo"))
    return Registry([zoo])


@pytest.mark.parametrize(
    ("name", "text", "handler", "left"),
    [
        ("animal", "", "animals", ""),
        ("animal", "  ", "animals", ""),
        ("animal", "7", "animal", "7"),
        ("animal", "feed", "feed form", ""),
        ("animal", " Feed  hay  and oats ", "feed", "hay  and oats"),
        ("ANIMAL", "feeding", "animal", "feeding"),
        ("parley", "zoo", "zoo", ""),
        ("parley", "animal feed hay", "feed", "hay"),
        ("parley", "/animal 7", "animal", "7"),
    ],
)
def test_the_longest_words_decide(registry, name, text, handler, left):
    call = registry.call(name, text)
    assert (call.entry.handle(None, ""), call.text) == (Reply(Message(handler)), left)


@pytest.mark.parametrize(("name", "text"), [("parley", ""), ("parley", "lion"), ("lion", "7")])
def test_what_nobody_knows_is_no_call(registry, name, text):
    assert registry.call(name, text) is None


def asks(registry, name, text):
    return plain(help_on(registry, registry.call(name, text), name, text))


def test_help_lists_every_command_once_and_how_it_is_used(registry):
    assert asks(registry, "parley", "").splitlines() == [
        "Here is what I can do",
        "/animal  all animals",
        "/animal 7  one animal",
        "/animal feed  with a form",
        "/animal feed hay  at once",
        "/parley zoo  opening hours",
        "Every command also works behind /parley, such as /parley lead.",
    ]
    assert asks(registry, "parley", "help") == asks(registry, "parley", "?") == asks(registry, "parley", "")


def test_help_on_one_command_lists_only_that(registry):
    on_animal = asks(registry, "animal", "help")
    assert on_animal.startswith("How to use /animal\n")
    assert "/parley" not in on_animal
    assert asks(registry, "parley", "help animal") == on_animal


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("animla 7", "I do not know “animla”. Did you mean /animal?"),
        ("zo", "I do not know “zo”. Did you mean /parley zoo?"),
        ("spreadsheet", "I do not know “spreadsheet”."),
        ("x" * 300, "I do not know “" + "x" * 39 + "…”."),
    ],
)
def test_the_nearest_command_is_named_if_one_is_near(registry, text, said):
    assert asks(registry, "parley", text).splitlines()[0] == said


def test_a_word_that_a_command_does_not_know_is_answered_with_the_nearest(registry):
    assert not_a_word_of(registry, "animal", "fed").headline == "Did you mean /animal feed?"
    assert not_a_word_of(registry, "animal", "spreadsheet").headline == "How to use /animal"
