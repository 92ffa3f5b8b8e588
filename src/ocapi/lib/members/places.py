"""Who holds the entities of an organization: one file per organization that only the worker writes.

An epoch counts up with each change of hands. A member holds what names it, in the epoch its own disk says;
so that two members never hold the same, whatever their settings say.
"""

from pathlib import Path

import msgspec

from ocapi.lib import codec, durable

NAME = "place.json"


class Place(msgspec.Struct, frozen=True):
    """Who holds an organization's entities, since which epoch."""

    member: str
    epoch: int


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What a member's own disk says of the log beside it. isReleased: it takes nothing in any more."""

    epoch: int
    isReleased: bool = False  # noqa: N815 - as the file has it


def read(capture: Path) -> Place | None:
    """Give who holds the entities by the organization's folder of capture; None when nobody does yet."""
    try:
        return codec.decode_json(durable.read_file(capture / NAME), Place)
    except FileNotFoundError:
        return None


def write(capture: Path, place: Place) -> None:
    """Say who holds the entities from now on; durable when this returns."""
    durable.make_directory(capture)
    durable.write_file(capture / NAME, codec.encode_json(place))


def held(log: Path) -> Held | None:
    """Give what stands beside a log on a member's disk; None when there is no such log."""
    try:
        return codec.decode_json(durable.read_file(log / NAME), Held)
    except FileNotFoundError:
        return None


def hold(log: Path, what: Held) -> None:
    """Write beside a log what it is; durable when this returns."""
    durable.write_file(log / NAME, codec.encode_json(what))
