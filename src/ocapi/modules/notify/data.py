"""What others may know of messages and their delivery, and how sending can fail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class DeliveryState(StrEnum):
    """Where the delivery of a message by one channel stands; inbox rows need none.

    sending: handed to the server just now. notSent: this installation has no server for the channel.
    bounced: the server refused the address. failed: given up for another reason.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    NOT_SENT = "notSent"
    BOUNCED = "bounced"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message in somebody's inbox. body: plain text, blank lines between paragraphs. link: path on the site."""

    uuid: UUID
    topic: str
    title: str
    body: str
    link: str
    reference: str
    sent_at: datetime
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxPage:
    """One page of messages, newest first; `cursor` asks for the next page, empty on the last."""

    items: tuple[Message, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How far a message came by one channel. reason: code, empty while nothing went wrong."""

    uuid: UUID
    channel: str
    state: DeliveryState
    reason: str
    attempts: int
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How a person wants to hear of messages; the inbox itself can't be switched off."""

    email: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What a channel carries. subject: one line. text: plain, ends with the absolute link. sender: a name."""

    delivery: UUID
    address: str
    sender: str
    sender_address: str
    subject: str
    text: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a parcel: sent, notSent, bounced or failed, with a reason code for the last three."""

    state: DeliveryState
    reason: str = ""


class TemporarilyRefused(RuntimeError):
    """The channel can't deliver now and nothing went out; worth another try. `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TopicUnknown(LookupError):
    """No topic of that code is loaded in the bound organization; `known` lists those that are."""

    def __init__(self, code: str, known: Iterable[str]) -> None:
        self.code = code
        self.known = tuple(known)
        super().__init__(f"no topic {code!r}; known: {', '.join(self.known) or 'none'}")


class PlaceholderMissing(ValueError):
    """Values a topic needs were not handed in; `names` lists them. An empty text is a value."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(sorted(names))
        super().__init__(f"missing values: {', '.join(self.names)}")


class LinkRefused(ValueError):
    """The link of a message is no path on the organization's own site."""


class MessageNotFound(LookupError):
    """No message of that uuid in the bound organization."""


class InvalidCursor(ValueError):
    """A cursor is not one this list gave out."""
