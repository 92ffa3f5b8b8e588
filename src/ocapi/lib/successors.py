"""How the installation's signing key hands over: each new one is signed for by the one before it.

The data plane pins a key when it starts and believes nobody but that key, also on who comes after it.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from ocapi.lib import codec, durable

NAME = "platform.successors"
Keys = dict[str, ec.EllipticCurvePublicKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """One hand-over. kid, x, y: the new key as in a JWK (RFC 7517); by: id of the key that signed for it.

    signature: r || s of ES256 over the canonical JSON (RFC 8785) of kid, x and y, in base64url.
    """

    kid: str
    x: str
    y: str
    by: str
    signature: str

    @property
    def signed_bytes(self) -> bytes:
        """Give the bytes the older key signs."""
        return codec.canonical_json({"kid": self.kid, "x": self.x, "y": self.y})

    def verified(self, by: ec.EllipticCurvePublicKey) -> ec.EllipticCurvePublicKey:
        """Give the new key; raises InvalidSignature when `by` did not sign for it, ValueError for no key."""
        raw = _bytes(self.signature)
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        by.verify(utils.encode_dss_signature(r, s), self.signed_bytes, ec.ECDSA(SHA256()))
        return public_key(self.x, self.y)


def signed(*, kid: str, x: str, y: str, by: str, key: ec.EllipticCurvePrivateKey) -> Successor:
    """Sign for a new key with the private one whose id is `by`."""
    unsigned = Successor(kid=kid, x=x, y=y, by=by, signature="")
    r, s = utils.decode_dss_signature(key.sign(unsigned.signed_bytes, ec.ECDSA(SHA256())))
    text = base64.urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).rstrip(b"=").decode()
    return Successor(kid=kid, x=x, y=y, by=by, signature=text)


def write(directory: Path, handed: Sequence[Successor]) -> None:
    """Write the hand-overs that hold now, oldest first; nothing is written when none is and none was."""
    if handed or (directory / NAME).exists():
        durable.write_file(directory / NAME, codec.encode_json(tuple(handed)))


def follow(directory: Path, known: Keys) -> Keys:
    """Give the keys to believe: `known` by id, and after them those that a believed key signed for."""
    try:
        handed = codec.decode_json(durable.read_file(directory / NAME), tuple[Successor, ...])
    except (FileNotFoundError, codec.MalformedInput):
        return known
    believed = dict(known)
    for each in handed:
        if each.by in believed and each.kid not in believed:
            try:
                believed[each.kid] = each.verified(believed[each.by])
            except (InvalidSignature, ValueError):
                continue
    return believed


def public_key(x: str, y: str) -> ec.EllipticCurvePublicKey:
    """Give the P-256 key with these coordinates in base64url; raises ValueError for a point off the curve."""
    east, north = (int.from_bytes(_bytes(text), "big") for text in (x, y))
    return ec.EllipticCurvePublicNumbers(east, north, ec.SECP256R1()).public_key()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
