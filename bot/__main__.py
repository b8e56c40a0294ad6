"""python -m bot: `run` starts at once, without what only the other commands need."""

import gc
import sys


def main() -> None:
    gc.disable()  # while modules are loaded: they stay, so there is nothing to look for
    if sys.argv[1:] == ["run"]:
        from bot.app import main as serve

        gc.enable()
        sys.exit(serve())
    from bot.cli import commands

    gc.enable()
    commands()


main()
