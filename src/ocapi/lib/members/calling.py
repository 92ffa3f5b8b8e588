"""Asks other members, from a process without an event loop: the worker, which collects what they took in."""

import math
from urllib.parse import urlsplit

from ocapi.lib import clock, egress
from ocapi.lib.members import signing
from ocapi.lib.members.membership import Membership
from ocapi.lib.members.signing import Signer

MOST_BYTES = 1 << 30
SECONDS = 30.0
CONNECT_S = 2.0  # members stand on one network
AWAY_S = 30.0  # how long one that did not answer is not asked again: each organization asks each member


class Away(Exception):
    """A member does not answer, or not as one."""


class Calls:
    """Signed calls to the members; one that is away is not asked again for a while."""

    def __init__(self, membership: Membership, signer: Signer) -> None:
        self.membership = membership
        self._signer = signer

    def ask(self, member: str, target: str, *, method: str = "GET") -> egress.Answer:
        """Give the answer of a member, whatever its status; raises Away."""
        address = self.membership.addresses.get(member)
        if address is None:
            raise Away(f"{member} is no member any more")
        if clock.monotonic() < self.membership.away_until.get(member, 0.0):
            raise Away(f"{member}: did not answer a moment ago")
        call = signing.Call(method=method, target=target, body_sha256=signing.digest(b""))
        headers = {signing.HEADER: self._signer.sign(call, to=member, now=clock.now())}
        try:
            return egress.send(
                method=method, url=address + target, headers=headers, body=b"",
                allowed=egress.AllowedDestinations(destinations=(_destination(address),)),
                limits=egress.Limits(
                    connect_seconds=CONNECT_S, total_seconds=SECONDS, max_bytes=MOST_BYTES
                ),
            )
        except (egress.EgressFailed, egress.DestinationRefused) as failure:
            self.membership.away_until[member] = clock.monotonic() + AWAY_S
            raise Away(f"{member}: {failure.reason.value}") from None

    def expect(self, member: str, target: str, *, method: str = "GET") -> egress.Answer:
        """Give the answer of a member that did as it was asked; raises Away."""
        answer = self.ask(member, target, method=method)
        if answer.status != 200:
            raise Away(f"{member}: status {answer.status}")
        return answer


def number(answer: egress.Answer, name: str) -> int:
    """Read a number from a header; raises Away."""
    given = answer.headers.get(name, "")
    if not given.isascii() or not given.isdigit() or math.log10(int(given) + 1) > 18:
        raise Away(f"the answer lacks {name}")
    return int(given)


def _destination(address: str) -> egress.Destination:
    parts = urlsplit(address)
    is_plain = parts.scheme == "http"
    port = parts.port or (80 if is_plain else 443)
    return egress.Destination(
        host=parts.hostname or "", ports=frozenset({port}), plain=is_plain, internal=True
    )
