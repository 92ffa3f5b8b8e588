"""The members of an installation by name and address, as the operator wrote them into the settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

from ocapi.lib.members.ring import Ring

MOST = 64
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


class BadMembers(ValueError):
    """The settings name no sound membership; the message says what to write."""


@dataclass(frozen=True)
class Membership:
    """Who takes readings in. own: the name of this process, empty for one that only collects (the worker).

    addresses: base URL by name. drained: members that get nothing new and hand over what they hold.
    away_until: by name, until when on the monotonic clock this process asks one no more.
    """

    own: str
    addresses: Mapping[str, str]
    drained: frozenset[str] = field(default=frozenset())
    away_until: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def ring(self) -> Ring:
        """Give the ring of those that are to take something in."""
        return Ring(name for name in self.addresses if name not in self.drained)

    def owner_of_entities(self, tenant: str) -> str:
        """Give the member that is to hold an organization's entities."""
        return self.ring.owner(tenant)

    def owner_of_stream(self, tenant: str, code: str) -> str:
        """Give the member that is to take in the readings of a stream."""
        return self.ring.owner(f"{tenant}/{code}")

    def others(self) -> dict[str, str]:
        """Give the addresses of the others."""
        return {name: address for name, address in self.addresses.items() if name != self.own}


def read(members: str, *, own: str = "", drained: str = "") -> Membership | None:
    """Read `a=http://10.0.0.1:8000 b=…`; None when nobody is named. Raises BadMembers."""
    if not members.split():
        if own or drained.split():
            raise BadMembers("name all members, as a=http://10.0.0.1:8000 b=http://10.0.0.2:8000")
        return None
    found: dict[str, str] = {}
    for part in members.split():
        name, _, address = part.partition("=")
        if not _NAME.fullmatch(name) or name in found:
            raise BadMembers(f"{name[:40]!r}: a name has small letters, digits and dashes, and stands once")
        found[name] = _address(address)
    if len(found) > MOST or len(set(found.values())) < len(found):
        raise BadMembers(f"at most {MOST} members, each with an address of its own")
    gone = frozenset(drained.split())
    if own and own not in found or not gone <= set(found):
        raise BadMembers(f"{', '.join(sorted({own, *gone} - set(found) - {''}))}: not among the members")
    if gone == set(found):
        raise BadMembers("one member at least is not drained")
    return Membership(own=own, addresses=found, drained=gone)


def _address(given: str) -> str:
    try:
        parts = urlsplit(given)
        is_sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound or parts.path.strip("/") or parts.query or parts.username:
        raise BadMembers(f"{given[:80]!r}: write an address as http://10.0.0.1:8000")
    return given.rstrip("/")
