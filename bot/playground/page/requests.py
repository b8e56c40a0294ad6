"""What the browser may ask for: a closed set, each with its fields."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, TypeAdapter

Values = dict[str, dict[str, Any]]  # what stands in the fields, by block_id and action_id


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Be(_Request):
    """Act as somebody."""

    act: Literal["be"]
    person: str


class Open(_Request):
    """Look into a channel: the newest messages, or those before one."""

    act: Literal["open"]
    channel: str
    before: str = ""


class OpenThread(_Request):
    """Look into a thread."""

    act: Literal["thread"]
    channel: str
    ts: str


class Read(_Request):
    """Everything up to a message has been read."""

    act: Literal["read"]
    channel: str
    ts: str


class Write(_Request):
    """Write into a channel or thread."""

    act: Literal["write"]
    channel: str
    text: str
    thread: str | None = None
    broadcast: bool = False


class Upload(_Request):
    """Share a file; its bytes come as base64."""

    act: Literal["upload"]
    channel: str
    name: str
    content: str
    text: str = ""
    thread: str | None = None


class Command(_Request):
    """Type a slash command."""

    act: Literal["command"]
    channel: str
    line: str


class Edit(_Request):
    """Change what one wrote."""

    act: Literal["edit"]
    channel: str
    ts: str
    text: str


class Delete(_Request):
    """Delete a message."""

    act: Literal["delete"]
    channel: str
    ts: str


class React(_Request):
    """Add a reaction, or take it away where it is one's own."""

    act: Literal["react"]
    channel: str
    ts: str
    name: str


class Press(_Request):
    """Press a button on a message, in the Home tab or in a modal; `view` or `channel` and `ts` say where."""

    act: Literal["press"]
    block: str
    action: str
    view: str = ""
    channel: str = ""
    ts: str = ""


class Enter(_Request):
    """Enter something into a field; all that stands in the fields around it comes along."""

    act: Literal["enter"]
    block: str
    action: str
    values: Values
    view: str = ""
    channel: str = ""
    ts: str = ""


class Search(_Request):
    """Type into a field that searches."""

    act: Literal["search"]
    block: str
    action: str
    query: str
    view: str = ""
    channel: str = ""
    ts: str = ""


class Submit(_Request):
    """Submit the modal on top."""

    act: Literal["submit"]
    view: str
    values: Values


class Close(_Request):
    """Close the modal on top."""

    act: Literal["close"]


class Shortcut(_Request):
    """Use a shortcut, on a message or anywhere."""

    act: Literal["shortcut"]
    callback: str
    channel: str = ""
    ts: str = ""


class OpenHome(_Request):
    """Open the app: its Home, or the messages with it."""

    act: Literal["home"]
    tab: Literal["home", "messages"] = "home"


class Join(_Request):
    """Come into a channel."""

    act: Literal["join"]
    channel: str


class Invite(_Request):
    """Bring the app's bot into a channel."""

    act: Literal["invite"]
    channel: str


class Inspect(_Request):
    """Look behind the scenes, or no longer."""

    act: Literal["inspect"]
    on: bool


class Payload(_Request):
    """All of one entry behind the scenes."""

    act: Literal["payload"]
    n: int


class Go(_Request):
    """Travel in time."""

    act: Literal["travel"]
    to: str


Place = Press | Enter | Search
AnyRequest = (
    Be | Open | OpenThread | Read | Write | Upload | Command | Edit | Delete | React | Press | Enter | Search | Submit
    | Close | Shortcut | OpenHome | Join | Invite | Inspect | Payload | Go
)  # fmt: skip
_WHEN_USED = ConfigDict(defer_build=True)  # the page can be ready before
REQUESTS: TypeAdapter[AnyRequest] = TypeAdapter(Annotated[AnyRequest, Discriminator("act")], config=_WHEN_USED)
