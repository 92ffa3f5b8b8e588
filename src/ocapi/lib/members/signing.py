"""How members know each other: each call carries a sum over all of it, under a key of the installation.

The key follows from the installation's secret, which every member holds, for this purpose alone. The sum
covers who calls whom, when, the method, the whole address and the body, so that a call can be neither made
up, changed, sent to another member nor kept for later. It adds no right: what a client may is judged by the
policy of the member that answers.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HEADER = "ocapi-member"
LATEST_S = 30  # between the clocks of two members, and on the way
_FORM = re.compile(r"v1 from=([a-z0-9-]{0,31}) to=([a-z0-9-]{1,31}) at=([0-9]{1,12}) sum=([0-9a-f]{64})")


class NotSigned(Exception):
    """A call does not come from a member, is for another one, or is too old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is signed. target: path and query as they are sent."""

    method: str
    target: str
    body_sha256: str


class Signer:
    """Signs for one member under the first secret and believes each."""

    def __init__(self, own: str, secrets: Iterable[str]) -> None:
        self._own = own
        self._keys = tuple(_key(each.encode()) for each in secrets if each)
        if not self._keys:
            raise ValueError("members need the secret of the installation")

    def __repr__(self) -> str:
        return f"Signer({self._own!r}, …)"

    def sign(self, call: Call, *, to: str, now: datetime) -> str:
        """Give the header of a call to another member."""
        at = int(now.timestamp())
        return f"v1 from={self._own} to={to} at={at} sum={_sum(self._keys[0], self._own, to, at, call)}"

    def verify(self, header: str, call: Call, *, now: datetime) -> str:
        """Give the name of who calls; raises NotSigned."""
        found = _FORM.fullmatch(header)
        if found is None or found[2] != self._own or abs(now.timestamp() - int(found[3])) > LATEST_S:
            raise NotSigned
        for key in self._keys:
            if hmac.compare_digest(_sum(key, found[1], found[2], int(found[3]), call), found[4]):
                return found[1]
        raise NotSigned


def digest(body: bytes) -> str:
    """Give the sum of a body."""
    return hashlib.sha256(body).hexdigest()


def _sum(key: bytes, sender: str, receiver: str, at: int, call: Call) -> str:
    text = "\n".join((sender, receiver, str(at), call.method, call.target, call.body_sha256))
    return hmac.new(key, text.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def _key(secret: bytes) -> bytes:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=b"ocapi-members", info=b"calls between members")
    return derived.derive(secret)
