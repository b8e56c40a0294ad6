"""/parley help: what a person who does not know the words finds."""

import pytest


@pytest.fixture
async def bo(world):
    return await world.member("Bo", "sales")


@pytest.mark.parametrize("line", ["/parley", "/parley help", "/parley ?", "/parley HELP", "/help", "/parley /help"])
async def test_whoever_asks_for_help_gets_all_of_it(bo, line):
    await bo.types(line)
    text = bo.reads()
    assert text.startswith("Here is what I can do")
    for usage in ("/parley setup", "/parley me", "/parley help", "/lead"):
        assert usage in text


@pytest.mark.parametrize("line", ["/parley lead help", "/parley help lead", "/lead help", "/parley help /lead"])
async def test_help_on_one_command(bo, line):
    await bo.types(line)
    text = bo.reads()
    assert text.startswith("How to use /lead\n")
    assert "/parley setup" not in text


@pytest.mark.parametrize(
    ("typed", "meant"), [("stup", "/parley setup"), ("mee", "/parley me"), ("led", "/lead"), ("/laed", "/lead")]
)
async def test_a_word_misspelt_gets_the_nearest(bo, typed, meant):
    await bo.types(f"/parley {typed}")
    assert bo.reads().startswith(f"I do not know “{typed.lstrip('/')}”. Did you mean {meant}?")


async def test_a_word_like_none_gets_the_overview(bo):
    await bo.types("/parley xyzzyq & <!channel>")
    text = bo.reads()
    assert text.startswith("I do not know “xyzzyq”.")
    assert "/parley setup" in text


async def test_every_command_is_a_word_of_parley(bo):
    await bo.types("/lead")
    alone = bo.reads()
    await bo.types("/parley lead")
    assert bo.reads() == alone


async def test_words_are_understood_in_any_case(bo):
    await bo.types("/parley ME")
    assert bo.form.title == "My settings"
    await bo.types("/parley setup help")
    assert bo.reads().startswith("Here is what I can do")
