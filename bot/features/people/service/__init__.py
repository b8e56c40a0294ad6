"""The rules of people and channels."""

from bot.features.people.service.admins import check_admin, claim_admin
from bot.features.people.service.channels import (
    PURPOSES,
    allow,
    arrive,
    change_channel,
    channel_here,
    choose_purpose,
    leave,
    note_change,
    this_channel,
)
from bot.features.people.service.failures import Failure, note_failure
from bot.features.people.service.importing import (
    CHUNK,
    COLUMNS,
    Refusal,
    Report,
    emails_in,
    import_people,
    people_columns,
)
from bot.features.people.service.profiles import (
    ask_side,
    change_me,
    change_person,
    note_join,
    note_leaving,
    note_person,
    set_side,
    today,
)
from bot.features.people.service.setup import (
    Setup,
    change_campaign,
    change_workspace,
    checklist,
    find_zones,
    show_progress,
)

__all__ = [
    "CHUNK",
    "COLUMNS",
    "PURPOSES",
    "Failure",
    "Refusal",
    "Report",
    "Setup",
    "allow",
    "arrive",
    "ask_side",
    "change_campaign",
    "change_channel",
    "change_me",
    "change_person",
    "change_workspace",
    "channel_here",
    "check_admin",
    "checklist",
    "choose_purpose",
    "claim_admin",
    "emails_in",
    "find_zones",
    "import_people",
    "leave",
    "note_change",
    "note_failure",
    "note_join",
    "note_leaving",
    "note_person",
    "people_columns",
    "set_side",
    "show_progress",
    "this_channel",
    "today",
]
