"""What stories of digests begin with."""

from datetime import UTC, datetime

from storage.channels import find_channel

MONDAY, TUESDAY, WEDNESDAY = (datetime(2026, 11, day, 9, tzinfo=UTC) for day in (23, 24, 25))
EVERYTHING = ["numbers", "codes", "clocks", "receipts", "praise", "items", "week"]
DEEDS = ["I take it", "Done", "Looking", "Not today"]


async def sets(world, ada, *channels, at="09:00", days="12345", sections=EVERYTHING, empty="say"):
    """An admin lets these channels have a digest."""
    ids = [str(await id_of(world, channel)) for channel in channels]
    await ada.types("/digest settings", channels[0])
    await ada.fills(channels=ids, at=at, days=list(days), sections=list(sections), empty=empty)
    assert ada.errors == {}
    return ada.reads()


async def id_of(world, channel):
    return (await world.database.read(lambda session: find_channel(session, 1, channel.external_id))).id


def reads_items(digest):
    """The open items in the thread of a digest."""
    found = list(digest.unread_replies)
    digest.unread_replies.clear()
    return found


def item(digest, word):
    """The open item that is about this."""
    [found] = [reply for reply in digest.unread_replies if word in reply.message.headline]
    digest.unread_replies.remove(found)
    return found


def tells(channel, items=True):
    """The next digest in a channel; its items are left to be read if wanted."""
    digest = channel.reads()
    if not items:
        digest.unread_replies.clear()
    return digest


def forget_private(*people):
    """What else people are told in private, such as nudges, is not what these stories are about."""
    for person in people:
        person.dm.unread.clear()
        person.replies.clear()
