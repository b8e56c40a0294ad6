"""python -m bot: `run` and `demo` start at once, without what only options and the other commands need."""

import gc
import sys


def main() -> None:
    gc.disable()  # while modules are loaded: they stay, so there is nothing to look for
    if sys.argv[1:] == ["run"]:
        from bot.app import main as serve

        gc.enable()
        sys.exit(serve())
    if sys.argv[1:] == ["demo"]:
        from bot.demo.run import Wanted
        from bot.demo.run import main as show

        sys.exit(show(Wanted()))
    from bot.cli import commands

    gc.enable()
    commands()


main()
