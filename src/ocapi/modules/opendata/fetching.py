"""Fetches pages of a catalogue elsewhere: one approved host, size and time bounded."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import urlsplit

from django.conf import settings

from ocapi.lib import egress

LIMITS = egress.Limits(connect_seconds=5.0, total_seconds=60.0, max_bytes=32 << 20)
ACCEPT = "text/turtle, application/ld+json;q=0.9, application/rdf+xml;q=0.8, application/json;q=0.7"
OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
OK = 200


class SourceUnavailable(RuntimeError):
    """A page did not come or can't be read. reason: code for the desk; detail: what stood in the way."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A page as it came. address: where from, after redirects."""

    content: bytes
    media_type: str
    address: str


Fetch: TypeAlias = Callable[[str], Fetched]


def without_nul(fetch: Fetch) -> Fetch:
    """Give what fetches pages without the character NUL, written out or escaped: no text may hold it."""
    def read(address: str) -> Fetched:
        found = fetch(address)
        return replace(found, content=found.content.replace(b"\0", b"").replace(b"\\u0000", b""))

    return read


def is_own_machine(address: str) -> bool:
    """Tell whether an address stands on this machine, which only a demo allows: to try harvests at home."""
    try:
        return bool(settings.OCAPI.is_demo) and urlsplit(address).hostname in OWN_MACHINE
    except ValueError:
        return False


def fetcher(start: str) -> Fetch:
    """Give what fetches pages from the host of `start` and no other."""
    parts = urlsplit(start)
    inside = is_own_machine(start)
    port = parts.port or egress.DEFAULT_PORTS.get(parts.scheme, 443)
    host = egress.Destination(
        host=parts.hostname or "",
        ports=frozenset({port}),
        internal=inside,
        plain=inside and parts.scheme == "http",
    )
    allowed = egress.AllowedDestinations(destinations=(host,))

    def fetch(address: str) -> Fetched:
        try:
            answer = egress.send(
                method="GET",
                url=address,
                headers={"Accept": ACCEPT},
                body=b"",
                allowed=allowed,
                limits=LIMITS,
            )
        except egress.EgressFailed as failure:
            raise SourceUnavailable(failure.reason.value, address) from None
        except egress.DestinationRefused as refused:
            raise SourceUnavailable("refused", f"{refused.reason.value} {address}") from None
        if answer.status != OK:
            raise SourceUnavailable("status", f"{answer.status} {address}")
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Fetched(content=answer.body, media_type=kind, address=answer.url)

    return fetch
