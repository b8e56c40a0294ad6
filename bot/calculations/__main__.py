"""A child process: reads a question from its input, writes the answer of the calculation that it was started for."""

import json
import os
import sys
from importlib import import_module

from bot.core.discreet import kind_and_place

MORE_PATIENT = 10  # than the server, which answers people

if __name__ == "__main__":
    if hasattr(os, "nice"):  # not on Windows
        os.nice(MORE_PATIENT)
    [name] = sys.argv[1:]
    calculation = import_module(f"bot.calculations.{name}")
    try:
        answer = json.dumps(calculation.calculate(json.load(sys.stdin)))
    except Exception as error:  # its own words, which the server logs, may hold what people answered
        sys.exit(kind_and_place(error))
    sys.stdout.write(answer)
