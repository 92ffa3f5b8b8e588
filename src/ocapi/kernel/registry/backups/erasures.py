"""The list of persons who were erased: it outlives a restore, and holds nobody's name or number.

Each row is a keyed hash of a person's uuid. After a restore the newest list on the target is done again, so
that nobody comes back from an older state.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from ocapi.kernel.registry.models import ErasureRow
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.extensions import erasers
from ocapi.lib import codec, ids

TABLE = "registry_erasure"
SALT = "registry.erasure"


class ErasureBook:
    """Notes erasures in the organization they are done in; fills the extension point of tenants."""

    name = "registry"

    def note(self, *, person: UUID, now: datetime) -> None:
        """Note, in the transaction of the erasure, that a person was erased."""
        _note(_hash_of(person), now=now)


def _hash_of(person: UUID) -> str:
    return tenants.keyed_hash(str(person), salt=SALT).hex()


def _note(person_hash: str, *, now: datetime) -> None:
    ErasureRow.objects.get_or_create(
        person_hash=person_hash, defaults={"uuid": ids.new_uuid(now), "erased_at": now}
    )


def read(lines: Iterable[bytes]) -> frozenset[str]:
    """Give the hashes in lines of an exported list."""
    rows = (codec.decode_untyped(line) for line in lines)
    return frozenset(str(row["person_hash"]) for row in rows if isinstance(row, dict))


def replay(erased: frozenset[str], *, now: datetime) -> int:
    """Erase again, in the bound organization, whoever is on a list; gives how many ties were cut."""
    for person_hash in sorted(erased):
        _note(person_hash, now=now)
    if not erased:
        return 0
    return sum(
        each.erase(is_erased=lambda person: _hash_of(person) in erased, now=now) for each in erasers
    )
