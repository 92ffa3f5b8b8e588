"""The organization's own facts as its settings hold them, typed."""

from dataclasses import dataclass

from ocapi.kernel.ui.data import Tokens
from ocapi.lib import codec


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How to reach the organization. lines: address, one line each. opening_hours: one line per day."""

    lines: tuple[str, ...] = ()
    email: str = ""
    telephone: str = ""
    opening_hours: tuple[str, ...] = ()


def contact_of(stored: str) -> Contact:
    """Read the `organization.contact` setting; empty gives no lines."""
    return codec.decode_json(stored.encode(), Contact) if stored else Contact()


def tokens_of(stored: str) -> Tokens:
    """Read the `organization.tokens` setting; empty gives the neutral theme."""
    return codec.decode_json(stored.encode(), Tokens) if stored else Tokens()
