"""conversations.*: which channels there are, who is in them, and what was said."""

from __future__ import annotations

from bot.playground import membership, messages
from bot.playground.errors import SlackError
from bot.playground.methods.registry import method
from bot.playground.records import Channel, Message, Payload
from bot.playground.request import Request

_KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
_READS = {"channel": "channels:read", "group": "groups:read", "im": "im:read", "mpim": "mpim:read"}


def _payload(request: Request, channel: Channel) -> Payload:
    return channel.as_payload(member=request.state.bot_is_in(request.team, channel))


@method("conversations.open")
def open_(request: Request) -> Payload:
    """Open the direct channel with one person, or a group channel with several."""
    users = [each for each in request.text("users", "").split(",") if each]
    if not users:
        channel = request.channel()
        return {"channel": _payload(request, channel)}
    request.require("im:write" if len(users) == 1 else "mpim:write")
    if len(users) > 8:
        raise SlackError("too_many_users")
    known = [request.team.members.get(user) for user in users]
    if not all(known):
        raise SlackError("user_not_found" if len(users) == 1 else "users_not_found")
    if any(member is not None and member.is_bot for member in known):
        raise SlackError("cannot_dm_bot")
    if any(member is not None and member.deleted for member in known):
        raise SlackError("user_disabled")
    if len(users) == 1:
        before = len(request.team.channels)
        channel = request.state.direct(request.team, users[0])
        opened = len(request.team.channels) == before
        extra = {"no_op": True, "already_open": True} if opened else {}
        whole = request.flag("return_im")
        return extra | {"channel": _payload(request, channel) if whole else {"id": channel.id}}
    return {"channel": {"id": _group(request, users).id}}


def _group(request: Request, users: list[str]) -> Channel:
    everybody = {*users, request.installation.bot_user_id}
    for channel in request.team.channels.values():
        if channel.is_mpim and set(channel.members) == everybody:
            return channel
    state = request.state
    name = "mpdm-" + "--".join(request.team.members[user].name for user in users) + "-1"
    channel = Channel(
        state.new_id("C"),
        name,
        request.team.id,
        request.installation.bot_user_id,
        int(state.now()),
        is_mpim=True,
        members=[*users, request.installation.bot_user_id],
    )
    request.team.channels[channel.id] = channel
    return channel


@method("conversations.info")
def info(request: Request) -> Payload:
    """One channel."""
    return {"channel": _payload(request, request.channel("read"))}


def _visible(request: Request) -> list[Channel]:
    kinds = []
    for word in request.text("types", "public_channel").split(","):
        if word.strip() not in _KINDS:
            raise SlackError("invalid_types")
        kinds.append(_KINDS[word.strip()])
    for kind in kinds:
        request.require(_READS[kind])
    return [
        channel
        for channel in request.team.channels.values()
        if channel.kind in kinds
        and (channel.kind == "channel" or request.state.bot_is_in(request.team, channel))
        and not (channel.is_archived and request.flag("exclude_archived"))
    ]


@method("conversations.list")
def list_(request: Request) -> Payload:
    """The channels the app can see."""
    return request.page(_visible(request), lambda channel: _payload(request, channel), "channels")


@method("users.conversations")
def of_user(request: Request) -> Payload:
    """The channels somebody is in, the bot if nobody is named."""
    user = request.text("user", request.installation.bot_user_id)
    mine = [channel for channel in _visible(request) if user in channel.members]
    return request.page(mine, lambda channel: _payload(request, channel), "channels")


@method("conversations.members")
def members(request: Request) -> Payload:
    """Who is in a channel."""
    return request.page(request.channel("read").members, str, "members")


@method("conversations.join", "channels:join")
def join(request: Request) -> Payload:
    """Take the bot into a public channel."""
    channel = request.channel()
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    membership.join(request.state, request.team, channel, request.installation.bot_user_id)
    return {"channel": _payload(request, channel)}


def _within(request: Request, candidates: list[Message]) -> list[Message]:
    oldest, latest = request.text("oldest", "0"), request.text("latest", "9999999999.999999")
    inclusive = request.flag("inclusive")

    def inside(message: Message) -> bool:
        ts = float(message.ts)
        if inclusive:
            return float(oldest) <= ts <= float(latest)
        return float(oldest) < ts < float(latest)

    return [message for message in candidates if inside(message)]


def _heard(request: Request, channel: Channel, chosen: list[Message]) -> Payload:
    metadata = request.flag("include_all_metadata")
    answer = request.page(
        chosen, lambda message: messages.history(channel, [message], metadata=metadata)[0], "messages", most=999
    )
    answer["has_more"] = bool(answer["response_metadata"]["next_cursor"])
    if not answer["has_more"]:
        del answer["response_metadata"]
    return answer


@method("conversations.history")
def history(request: Request) -> Payload:
    """What was said, newest first, without the replies in threads."""
    channel = request.joined_for_reading("history")
    chosen = _within(request, [each for each in channel.messages if not each.is_reply or each.broadcast])
    return _heard(request, channel, chosen[::-1])


@method("conversations.replies")
def replies(request: Request) -> Payload:
    """A thread, its parent first, oldest to newest."""
    channel = request.joined_for_reading("history")
    parent = channel.log.get(request.text("ts"))
    if parent is None or parent.deleted:
        raise SlackError("thread_not_found")
    if parent.is_reply:
        parent = channel.log[str(parent.thread_ts)]
    return _heard(request, channel, [parent, *_within(request, channel.replies(parent))])
