"""What others fill: sinks that receive each change of tenants, accounts and access in its own transaction."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from ocapi.kernel.tenants.data import Change, Rewrapped
from ocapi.kernel.tenants.sealed import ColumnVault, RowVault, as_is, instead
from ocapi.lib.actor import Actor
from ocapi.lib.registry import Registry


class ChangeSink(Protocol):
    """Receives a change inside the transaction that makes it; audit and outbox each register one."""

    name: str

    def record(self, *, change: Change, actor: Actor, now: datetime) -> None:
        """Write what this sink keeps of the change; an exception undoes the change."""


class Vault(Protocol):
    """A place where values stand that `tenants.encrypt` sealed; `name` is their context.

    Whoever seals fills one in, so that a key rotation reaches every value; a test compares the two.
    """

    @property
    def name(self) -> str:
        """Give the context the values are sealed under."""

    def count_left(self, *, kid: str) -> int:
        """Tell how many values of the bound organization are not sealed under that key."""

    def rewrap(self, *, kid: str, after: str, limit: int) -> Rewrapped:
        """Seal up to `limit` values anew under the newest key, whose id is `kid`, in one transaction."""


vaults: Registry[Vault] = Registry(Vault)
change_sinks: Registry[ChangeSink] = Registry(ChangeSink)

class ErasureBook(Protocol):
    """Keeps the list of erased persons that a restore does again."""

    name: str

    def note(self, *, person: UUID, now: datetime) -> None:
        """Note an erasure, inside the transaction that does it."""


class Eraser(Protocol):
    """Erases persons again who came back with an older state; whoever erases registers one."""

    name: str

    def erase(self, *, is_erased: Callable[[UUID], bool], now: datetime) -> int:
        """Erase, in the bound organization, every person for whom `is_erased` says so; gives the ties cut."""


erasure_books: Registry[ErasureBook] = Registry(ErasureBook)
erasers: Registry[Eraser] = Registry(Eraser)


class SealedFiles(Protocol):
    """Values in files that `lib.sealed` sealed under the installation's secret; whoever writes them fills it.

    folder: of the organization. owner: its uuid.
    """

    name: str

    def count_left(self, *, folder: Path, owner: UUID) -> int:
        """Tell how many values are not sealed under the present secret."""

    def seal_anew(self, *, folder: Path, owner: UUID) -> int:
        """Seal every value under the present secret; gives how many were not."""


sealed_files: Registry[SealedFiles] = Registry(SealedFiles)


def note_erasure(*, person: UUID, now: datetime) -> None:
    """Hand an erasure to every list of erasures; call it inside the transaction that erases."""
    for book in erasure_books:
        book.note(person=person, now=now)


REQUIRED_SINKS = ("audit", "outbox")


class SinkMissing(RuntimeError):
    """Start-up found no audit or no outbox behind the change sinks."""


def require_sinks() -> None:
    """Refuse to start when changes of the lower kernel apps would leave no trace."""
    missing = [name for name in REQUIRED_SINKS if change_sinks.find(name) is None]
    if missing:
        raise SinkMissing(f"no change sink named {', '.join(missing)}")


def hand_on(*, change: Change, actor: Actor, now: datetime) -> None:
    """Hand a change to every sink; call it inside the transaction of the change."""
    for sink in change_sinks:
        sink.record(change=change, actor=actor, now=now)


def add_vault(vault: Vault) -> None:
    """Register a place of sealed values; a second call for the same one changes nothing."""
    if vaults.find(vault.name) is None:
        vaults.add(vault)


__all__ = [
    "ChangeSink", "ColumnVault", "RowVault", "SinkMissing", "Vault", "add_vault", "as_is", "change_sinks",
    "hand_on", "instead", "require_sinks", "sealed_files", "vaults",
]
