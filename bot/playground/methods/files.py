"""files.*: uploads in three steps, and what was uploaded."""

from __future__ import annotations

from bot.playground import messages
from bot.playground.errors import SlackError
from bot.playground.methods.registry import method
from bot.playground.records import File, Payload
from bot.playground.request import Request, content_of


@method("files.getUploadURLExternal", "files:write")
def get_upload_url(request: Request) -> Payload:
    """The first step: a place to send the bytes to."""
    name, length = request.text("filename"), request.number("length", 0)
    if length < 1:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: length"])
    state = request.state
    file_id = state.new_id("F")
    state.uploads[file_id] = File(
        file_id,
        name,
        name,
        request.installation.bot_user_id,
        request.team.id,
        int(state.now()),
        f"{state.url}/files/{file_id}/{name}",
        length,
    )
    return {"upload_url": f"{state.url}/upload/{file_id}", "file_id": file_id}


@method("files.completeUploadExternal", "files:write")
def complete_upload(request: Request) -> Payload:
    """The last step: the files appear, as one message if a channel is named; blocks are ignored beside a comment."""
    listed = request.json("files")
    if not listed:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: files"])
    files = []
    for each in listed:
        file = request.state.uploads.get(each["id"])
        if file is None or not file.content:
            raise SlackError("file_not_found")
        files.append(file)
    channel_id = request.text("channel_id", "") or request.text("channels", "")
    channel = request.joined(request.state.channel(request.team, channel_id)) if channel_id else None
    for each, file in zip(listed, files, strict=True):
        file.title = each.get("title") or file.name
        file.complete = True
        request.team.files[file.id] = request.state.uploads.pop(file.id)
    if channel is not None:
        thread_ts = request.text("thread_ts", "") or None
        if thread_ts is not None and thread_ts not in channel.log:
            raise SlackError("thread_not_found")
        text, given = request.text("initial_comment", ""), request.json("blocks")
        blocks = content_of(request.state, "", given, None, longest=0)[1] if given and not text else []
        message = messages.by_bot(request.state, request.team, channel, text, blocks, thread_ts=thread_ts)
        messages.share_files(request.state, request.team, channel, message, files)
    return {"files": [file.as_payload() for file in files]}


@method("files.info", "files:read")
def info(request: Request) -> Payload:
    """One file."""
    file = request.team.files.get(request.text("file"))
    if file is None:
        raise SlackError("file_not_found")
    return {"file": file.as_payload(), "comments": [], "response_metadata": {"next_cursor": ""}}


@method("files.list", "files:read")
def list_(request: Request) -> Payload:
    """The files of a channel, or all."""
    wanted = request.text("channel", "")
    files = [file for file in request.team.files.values() if not wanted or wanted in file.channels]
    newest = files[::-1]
    return {
        "files": [file.as_payload() for file in newest],
        "paging": {"count": 100, "total": len(newest), "page": 1, "pages": 1},
    }
