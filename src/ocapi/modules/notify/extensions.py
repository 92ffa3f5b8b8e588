"""What notify lets others fill: channels that carry a message to a person outside the inbox."""

from typing import Protocol
from uuid import UUID

from ocapi.lib.registry import Registry
from ocapi.modules.notify.data import Outcome, Parcel


class Channel(Protocol):
    """Carries messages by one means; the worker calls it, never a request."""

    name: str

    def find_address(self, *, person: UUID) -> str:
        """Give where this channel reaches the person, empty when it can't."""

    def deliver(self, *, parcel: Parcel) -> Outcome:
        """Hand the parcel over once and tell what became of it, without the database; in bounded time.

        Raises TemporarilyRefused when nothing went out and trying later makes sense.
        """

    def check_config(self) -> str:
        """Give an empty text when the channel works here, else what is missing and how to repair it."""


channels: Registry[Channel] = Registry(Channel)
