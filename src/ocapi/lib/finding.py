"""What a lint says: one thing that is wrong, where, and whether it stops the work."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong in what was read.

    code: what, lowerCamelCase, never translated. where: name of the shape, term or file; empty for the whole.
    detail: English, for whoever mends it. is_fatal: what was read can't be used.
    """

    code: str
    where: str
    detail: str = ""
    is_fatal: bool = False
