"""Keys and tokens in JOSE form: one algorithm, chosen here and never by what is read."""

import base64
import binascii
import hashlib

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec
from ocapi.modules.exchange.data import ApplicationKey, KeysRefused

ALGORITHM = "ES256"
LARGEST_KEY_SET = 16 << 10
LARGEST_TOKEN = 4096
MOST_KEYS = 5
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

Claims = dict[str, codec.JsonValue]


class NotAToken(ValueError):
    """A text is no JWT of ours: its form or its signature is wrong."""


def read_keys(text: str) -> tuple[ApplicationKey, ...]:
    """Read a JWK or JWK set of public P-256 keys; the thumbprint is the default kid. Raises KeysRefused."""
    try:
        value = codec.decode_signed_json(text.encode(), max_bytes=LARGEST_KEY_SET, max_depth=4)
    except codec.MalformedInput:
        raise KeysRefused("notJson") from None
    if not isinstance(value, dict):
        raise KeysRefused("notJson")
    members = value.get("keys") if "keys" in value else [value]
    if not isinstance(members, list) or not members:
        raise KeysRefused("noKey")
    if len(members) > MOST_KEYS:
        raise KeysRefused("tooManyKeys")
    keys = tuple(_key(member) for member in members)
    if len({key.kid for key in keys}) != len(keys):
        raise KeysRefused("sameKid")
    return keys


def _key(member: codec.JsonValue) -> ApplicationKey:
    if not isinstance(member, dict):
        raise KeysRefused("wrongKind")
    if PRIVATE_MEMBERS & set(member):
        raise KeysRefused("privateKey")
    x, y, kid = member.get("x"), member.get("y"), member.get("kid", "")
    is_fit = (
        member.get("kty") == "EC" and member.get("crv") == "P-256"
        and isinstance(x, str) and isinstance(y, str) and isinstance(kid, str)
        and len(kid) <= 100 and member.get("alg", ALGORITHM) == ALGORITHM
        and member.get("use", "sig") == "sig"
    )
    if not is_fit:
        raise KeysRefused("wrongKind")
    _require_point(str(x), str(y))
    return ApplicationKey(kid=str(kid) or _thumbprint(str(x), str(y)), x=str(x), y=str(y))


def _require_point(x: str, y: str) -> None:
    try:
        first, second = _bytes(x), _bytes(y)
        if (len(first), len(second)) != (32, 32):
            raise KeysRefused("notOnCurve")
        numbers = int.from_bytes(first, "big"), int.from_bytes(second, "big")
        ec.EllipticCurvePublicNumbers(*numbers, ec.SECP256R1()).public_key()
    except KeysRefused:
        raise
    except (ValueError, binascii.Error):
        raise KeysRefused("notOnCurve") from None


def _thumbprint(x: str, y: str) -> str:
    """Give the thumbprint of RFC 7638."""
    raw = codec.canonical_json({"crv": "P-256", "kty": "EC", "x": x, "y": y})
    return _text(hashlib.sha256(raw).digest())


def unverified_claims(token: str) -> Claims:
    """Give the claims of a JWT to find out whose keys must verify it; nothing else may be decided by them."""
    parts = token.split(".")
    if len(token) > LARGEST_TOKEN or len(parts) != 3:
        raise NotAToken("form")
    try:
        return _object(_bytes(parts[1]))
    except (codec.MalformedInput, ValueError):
        raise NotAToken("form") from None


def verified(token: str, keys: tuple[ApplicationKey, ...]) -> tuple[Claims, Claims]:
    """Give header and claims of a JWT signed ES256 by one of these keys; raises NotAToken."""
    if len(token) > LARGEST_TOKEN:
        raise NotAToken("form")
    for key in keys:
        public = ECKey.import_key({"kty": "EC", "crv": "P-256", "x": key.x, "y": key.y})
        try:
            found = jws.deserialize_compact(token, public, algorithms=[ALGORITHM])
            header: Claims = dict(found.headers())
            if header.get("kid", key.kid) == key.kid:
                return header, _object(found.payload)
        except (JoseError, ValueError):
            continue
    raise NotAToken("signature")


def signed_by_platform(claims: Claims) -> str:
    """Give an access token (RFC 9068) signed by the installation, whose key the data plane knows."""
    key = tenants.platform_signing_key()
    header = codec.encode_json({"alg": ALGORITHM, "typ": "at+jwt", "kid": key.kid})
    message = f"{_text(header)}.{_text(codec.encode_json(claims))}"
    return f"{message}.{_text(key.sign(message.encode()))}"


def platform_keys() -> tuple[ApplicationKey, ...]:
    """Give the public keys under which access tokens are signed."""
    published = (key.public_jwk for key in tenants.platform_signing_keys())
    return tuple(ApplicationKey(kid=jwk["kid"], x=jwk["x"], y=jwk["y"]) for jwk in published)


def jwk_of(key: ApplicationKey) -> dict[str, str]:
    """Write a public key as JWK (RFC 7517)."""
    public = {"kty": "EC", "crv": "P-256", "x": key.x, "y": key.y}
    return {**public, "kid": key.kid, "alg": ALGORITHM, "use": "sig"}


def _object(raw: bytes) -> Claims:
    value = codec.decode_signed_json(raw, max_bytes=LARGEST_TOKEN, max_depth=4)
    if not isinstance(value, dict):
        raise NotAToken("claims")
    return value


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
