"""python -m bot: `run` starts at once, without what only the other commands need."""

import sys

if sys.argv[1:] == ["run"]:
    from bot.app import main

    sys.exit(main())

from bot.cli import commands

commands()
