"""The demo, which is the whole loop by real features over Socket Mode, plays to its end."""

from bot.playground.demo import play

from bot.app import Parley


async def test_the_loop_plays_to_its_end():
    said = []
    await play(Parley, said.append)
    transcript = "\n".join(said)
    for words in ("Hello, I am Parley.", "L-1 · Acme Ltd", "You said about", "That helps: 1.", "Nothing was lost"):
        assert words in transcript
    assert "@U0" not in transcript
