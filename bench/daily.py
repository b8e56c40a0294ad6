"""Parley with one feature more, as no other has schedules yet: it says which it was, and on which day.

`python -m bench.daily` is `python -m bot run` with it.
"""

import sys
from datetime import date

from bot.app import main
from bot.core.context import Context
from bot.core.feature import Feature
from bot.core.schedule import Occasion
from bot.core.ui import Message
from bot.features import FEATURES
from storage.channels import find_channel

DAILY = "bench.daily"

feature = Feature("daily")


def channel_of(subject_id: int | str) -> str:
    return f"C0DAILY{subject_id}"


def said(subject_id: int, on: date) -> Message:
    return Message(f"{subject_id} on {on}")


@feature.schedule(DAILY)
def daily(ctx: Context, occasion: Occasion) -> None:
    schedule = occasion.schedule
    if to := find_channel(ctx.session, ctx.workspace.id, channel_of(schedule.subject_id)):
        ctx.post(to, lambda: said(schedule.subject_id, occasion.local_on))


if __name__ == "__main__":
    sys.exit(main((*FEATURES, feature)))
