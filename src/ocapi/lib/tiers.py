"""Up to where the inbox of an organization may be removed: the worker says so, the data plane does it.

Each path has one kind of writer: the worker knows what was added up and what is to be kept, and the log is
the data plane's. What stands in this file never goes back.
"""

from pathlib import Path

import msgspec

from ocapi.lib import codec, durable

NAME = "inbox-kept.json"  # in an organization's folder of capture


class Kept(msgspec.Struct, frozen=True):
    """Records up to this sequence stand in the hours and are kept no longer."""

    removableUpTo: int  # noqa: N815 - as the file has it


def publish(capture: Path, sequence: int) -> None:
    """Say up to where the inbox may go; durable when this returns."""
    if read(capture) < sequence:
        durable.make_directory(capture)
        durable.write_file(capture / NAME, codec.encode_json(Kept(sequence)))


def read(capture: Path) -> int:
    """Give the sequence up to which the inbox may go; 0 when nobody said so, or it can't be read."""
    try:
        return codec.decode_json(durable.read_file(capture / NAME), Kept).removableUpTo
    except (FileNotFoundError, codec.MalformedInput):
        return 0
