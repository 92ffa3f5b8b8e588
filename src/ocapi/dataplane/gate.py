"""The gate: from a bearer token to a tenant and scopes, by the policy snapshot alone.

A token is a JWT of type `at+jwt` signed ES256 by the installation's key (its `kid`); `iss` and `aud` are both
`urn:uuid:<uuid of the organization>`, `client_id` names the application, `scope` is a text with spaces, `iat`
and `exp` are at most 300 s apart. The algorithm comes from here, never from the token.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from starlette.requests import Request

from ocapi.dataplane import pages, places
from ocapi.dataplane.pages import Answer
from ocapi.dataplane.snapshot import Policy
from ocapi.lib import clock, codec
from ocapi.lib.snapshot import Snapshot, TenantPart

ALGORITHMS = ["ES256"]
LONGEST_LIFE_S = 300
LEEWAY_S = 60
KEPT_VERDICTS = 10_000
LARGEST_TOKEN = 4096


class Refused(Exception):
    """The caller may not go on. kind: last part of the BelGIF problem type."""

    def __init__(self, status: int, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who passed: the application, its organization's part of the snapshot, and what it may do now."""

    client_id: str
    part: TenantPart
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    caller: Caller
    ends_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claims:
    issuer: str
    audience: tuple[str, ...]
    client_id: str
    scopes: frozenset[str]
    issued_at: int
    expires_at: int
    not_before: int


class Gate:
    """Decides who a request is from; remembers verdicts of one snapshot generation by the token's hash."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._verdicts: OrderedDict[bytes, _Verdict] = OrderedDict()
        self._generation = 0
        self._used: dict[str, tuple[int, int]] = {}

    def admit(self, *, authorization: str, request: Request | None, scope: str) -> Caller:
        """Give the caller, or raise Refused (401, 403, 429, 503) or NoPolicy (503).

        authorization: the header. request: when its address belongs to an organization, that must be the
        token's. scope: what the operation needs.
        """
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refused(401, "noAccessToken", "send a bearer token")
        caller = self._caller(token.strip())
        asked = places.organization(request, self._policy.current().hosts) if request is not None else ""
        if asked and asked != caller.part.tenant.key:
            raise _invalid("the token is for another organization")
        if scope not in caller.scopes:
            raise Refused(403, "missingScope", f"scope {scope} is needed")
        if caller.part.tenant.state == "suspended":
            raise Refused(503, "serviceUnavailable", "this organization is not served now")
        self._count(caller)
        return caller

    def tenant_of(self, authorization: str) -> str:
        """Give the organization of a sound token, for who hands the request on; raises Refused, NoPolicy.

        Nothing is counted and no scope is asked: the member that answers does both.
        """
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refused(401, "noAccessToken", "send a bearer token")
        return self._caller(token.strip()).part.tenant.key

    def still(self, caller: Caller, scope: str) -> Caller:
        """Give who was admitted before, by the policy of now, or raise Refused or NoPolicy.

        For connections that outlive their token: whoever revokes the grant ends them.
        """
        if scope not in caller.scopes:
            raise Refused(403, "missingScope", f"scope {scope} is needed")
        return self.account(tenant=caller.part.tenant.key, client_id=caller.client_id, scope=scope)

    def account(self, *, tenant: str, client_id: str, scope: str) -> Caller:
        """Give a machine account by name, for what an organization's own policy lets in as that account."""
        part = self._policy.current().parts.get(tenant)
        grants = part.grants if part is not None else ()
        active = (each for each in grants if each.client_id == client_id and each.state == "active")
        grant = next(active, None)
        if part is None or grant is None:
            raise _invalid("the application has no grant")
        if scope not in grant.scopes:
            raise Refused(403, "missingScope", f"scope {scope} is needed")
        if part.tenant.state != "active":
            raise Refused(503, "serviceUnavailable", "this organization takes nothing in now")
        return Caller(client_id=client_id, part=part, scopes=frozenset(grant.scopes))

    def _caller(self, token: str) -> Caller:
        held = self._policy.current()
        if held.generation != self._generation:
            self._verdicts.clear()  # a revocation takes effect with the generation that carries it
            self._generation = held.generation
        now_s = int(clock.now().timestamp())
        digest = hashlib.sha256(token.encode()).digest()
        verdict = self._verdicts.get(digest)
        if verdict is None:
            verdict = self._judge(token, held, now_s)
            self._verdicts[digest] = verdict
            while len(self._verdicts) > KEPT_VERDICTS:
                self._verdicts.popitem(last=False)
        if now_s > verdict.ends_at + LEEWAY_S:
            del self._verdicts[digest]
            raise Refused(401, "expiredAccessToken", "the token has expired")
        return verdict.caller

    def _judge(self, token: str, held: Snapshot, now_s: int) -> _Verdict:
        claims = self._read(token)
        part = next((part for part in held.parts.values() if _name_of(part) == claims.issuer), None)
        if part is None or claims.issuer not in claims.audience:
            raise _invalid("issuer or audience is not an organization of this installation")
        if not 0 < claims.expires_at - claims.issued_at <= LONGEST_LIFE_S:
            raise _invalid(f"a token lives at most {LONGEST_LIFE_S} s")
        if max(claims.issued_at, claims.not_before) > now_s + LEEWAY_S:
            raise _invalid("the token is not valid yet")
        grant = next(
            (grant for grant in part.grants
             if grant.client_id == claims.client_id and grant.state == "active"), None,
        )
        if grant is None:
            raise _invalid("the application has no grant")
        caller = Caller(client_id=claims.client_id, part=part, scopes=claims.scopes & frozenset(grant.scopes))
        return _Verdict(caller=caller, ends_at=claims.expires_at)

    def _read(self, token: str) -> _Claims:
        if len(token) > LARGEST_TOKEN:
            raise _invalid("the token is too long")
        for kid, public in reversed(self._policy.keys().items()):
            pem = public.public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            try:
                found = jws.deserialize_compact(token, ECKey.import_key(pem), algorithms=ALGORITHMS)
                header = found.headers()
                content = codec.decode_signed_json(found.payload, max_bytes=LARGEST_TOKEN, max_depth=4)
            except (JoseError, ValueError):
                continue
            if header.get("typ") != "at+jwt" or header.get("kid", kid) != kid:
                raise _invalid("not an access token of this installation")
            return _claims(content)
        raise _invalid("the signature or form of the token is wrong")

    def _count(self, caller: Caller) -> None:
        minute = int(clock.monotonic() // 60)
        key = f"{caller.part.tenant.key} {caller.client_id}"
        began, used = self._used.get(key, (minute, 0))
        used = used + 1 if began == minute else 1
        self._used[key] = (minute, used)
        if used > caller.part.limits.requests_per_minute:
            raise Refused(429, "tooManyRequests", "too many requests in this minute")


def _name_of(part: TenantPart) -> str:
    return f"urn:uuid:{part.tenant.uuid}"


def _invalid(detail: str) -> Refused:
    return Refused(401, "invalidAccessToken", detail)


def _claims(content: codec.JsonValue) -> _Claims:
    if not isinstance(content, dict):
        raise _invalid("the token holds no claims")
    audience = content.get("aud")
    texts = [content.get(name) for name in ("iss", "client_id", "scope")]
    numbers = [content.get("iat"), content.get("exp"), content.get("nbf", 0)]
    if not all(isinstance(text, str) for text in texts) or not all(type(number) is int for number in numbers):
        raise _invalid("a claim is missing or of the wrong type")
    audiences = audience if isinstance(audience, list) else [audience]
    return _Claims(
        issuer=str(texts[0]), audience=tuple(item for item in audiences if isinstance(item, str)),
        client_id=str(texts[1]), scopes=frozenset(str(texts[2]).split()),
        issued_at=int(str(numbers[0])), expires_at=int(str(numbers[1])), not_before=int(str(numbers[2])),
    )


def refused(refusal: Refused, trace_id: str) -> Answer:
    """Make the answer to who may not go on, with the challenge of RFC 6750."""
    extra: tuple[tuple[str, str], ...] = ()
    if refusal.status == 401:
        error = "" if refusal.kind == "noAccessToken" else ' error="invalid_token"'
        extra = (("www-authenticate", f"Bearer{error}"),)
    elif refusal.status == 403:
        extra = (("www-authenticate", 'Bearer error="insufficient_scope"'),)
    elif refusal.status in (429, 503):
        extra = (("retry-after", "60" if refusal.status == 429 else "5"),)
    return pages.problem(refusal.status, refusal.kind, trace_id=trace_id, detail=refusal.detail, extra=extra)
