"""Signature of a webhook: a detached JWS (RFC 7515 appendix F, RFC 7797) over id, timestamp and body."""

import base64
from datetime import datetime

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec


def signed_payload(*, event_id: str, timestamp: str, body: bytes) -> bytes:
    """Give the bytes that are signed: id, timestamp (whole seconds since 1970) and body, joined by dots."""
    return f"{event_id}.{timestamp}.".encode() + body


def headers(*, event_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """Give the headers that carry id, timestamp and ES256 signature under the organization's key.

    The receiver looks up `kid` among the organization's published keys and refuses a timestamp that is
    more than five minutes off.
    """
    key = tenants.signing_key()
    timestamp = str(int(now.timestamp()))
    protected = _base64url(codec.canonical_json(
        {"alg": "ES256", "b64": False, "crit": ["b64"], "kid": key.kid}
    ))
    payload = signed_payload(event_id=event_id, timestamp=timestamp, body=body)
    signature = _base64url(key.sign(protected.encode() + b"." + payload))
    return {
        "Ocapi-Event-Id": event_id, "Ocapi-Timestamp": timestamp,
        "Ocapi-Signature": f"{protected}..{signature}",
    }


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
