"""The token endpoint: who asks (RFC 7523), what it gets (RFC 6749, RFC 9068), and who a token speaks for."""

import hashlib
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import ids
from ocapi.lib.actor import Actor, Assurance, Capacity
from ocapi.modules.exchange import queries
from ocapi.modules.exchange.data import (
    ASSERTION_TYPE,
    TOKEN_LIFE_S,
    Application,
    GrantRefused,
    Token,
    TokenRefused,
    TooManyFailures,
)
from ocapi.modules.exchange.models import ApplicationRow, FailedAttemptRow, UsedAssertionRow
from ocapi.modules.exchange.services import jose
from ocapi.modules.exchange.services.jose import Claims, NotAToken

LEEWAY_S = 60
LONGEST_ASSERTION_S = 300
LONGEST_ID = 128
FAILURES_ALLOWED = 10
FAILURE_WINDOW = timedelta(minutes=5)
USED_EVERY = timedelta(minutes=1)


def issuer() -> str:
    """Give the name under which the bound organization issues tokens; the data plane expects the same."""
    return f"urn:uuid:{tenants.current().uuid}"


def issue(
    *, grant_type: str, client_assertion_type: str, client_assertion: str, scope: str,
    audiences: tuple[str, ...], address: str, now: datetime,
) -> Token:
    """Give an access token for a proven client; raises GrantRefused, TooManyFailures."""
    if grant_type != "client_credentials":
        raise GrantRefused("unsupported_grant_type", "use client_credentials")
    source = _source(client_assertion, address)
    _require_attempts_left(source, now)
    try:
        if client_assertion_type != ASSERTION_TYPE:
            raise GrantRefused("invalid_client", "authenticate with private_key_jwt")
        application = _authenticate(client_assertion, audiences=audiences, now=now)
    except GrantRefused:
        _count_failure(source, now)
        raise
    granted = _granted(application, scope)
    _note_use(application, now)
    issued_at = int(now.timestamp())
    name = issuer()
    claims: Claims = {
        "iss": name, "aud": name, "sub": application.client_id, "client_id": application.client_id,
        "scope": granted, "iat": issued_at, "exp": issued_at + TOKEN_LIFE_S, "jti": str(ids.new_uuid(now)),
    }
    return Token(access_token=jose.signed_by_platform(claims), scope=granted)


def actor_of(*, token: str, now: datetime, trace_id: str) -> Actor:
    """Give who a token speaks for, or raise TokenRefused; a revoked application is refused at once."""
    try:
        header, claims = jose.verified(token, jose.platform_keys())
    except NotAToken:
        raise TokenRefused("invalidAccessToken") from None
    moment = int(now.timestamp())
    issued_at, expires_at = claims.get("iat"), claims.get("exp")
    if header.get("typ") != "at+jwt" or claims.get("iss") != issuer() or claims.get("aud") != issuer():
        raise TokenRefused("invalidAccessToken")
    if type(issued_at) is not int or type(expires_at) is not int or issued_at > moment + LEEWAY_S:
        raise TokenRefused("invalidAccessToken")
    if moment > expires_at + LEEWAY_S:
        raise TokenRefused("expiredAccessToken")
    application = queries.find_active(str(claims.get("client_id", "")))
    if application is None:
        raise TokenRefused("invalidAccessToken")
    asked = frozenset(str(claims.get("scope", "")).split())
    return Actor(
        capacity=Capacity.APPLICATION, assurance=Assurance.HIGH, application=application.client_id,
        display_name=application.name, scopes=asked & frozenset(application.scopes), trace_id=trace_id,
    )


def tidy(*, now: datetime) -> int:
    """Forget spent assertions that have expired and old failed attempts; gives how many rows went."""
    spent, _ = UsedAssertionRow.objects.filter(expires_at__lt=now).delete()
    failed, _ = FailedAttemptRow.objects.filter(began_at__lt=now - FAILURE_WINDOW).delete()
    return spent + failed


def _authenticate(assertion: str, *, audiences: tuple[str, ...], now: datetime) -> Application:
    try:
        named = jose.unverified_claims(assertion).get("iss")
        application = queries.find_active(named) if isinstance(named, str) else None
        if application is None:
            raise _unknown_client()
        _header, claims = jose.verified(assertion, application.keys)
    except NotAToken:
        raise _unknown_client() from None
    _require_claims(claims, application.client_id, audiences=audiences, now=now)
    _spend(claims, application.client_id, now)
    return application


def _unknown_client() -> GrantRefused:
    """Answer an unknown client, a revoked one and a wrong signature alike, so that none can be told apart."""
    return GrantRefused("invalid_client", "unknown client, or not signed by a registered key")


def _require_claims(claims: Claims, client_id: str, *, audiences: tuple[str, ...], now: datetime) -> None:
    if claims.get("sub") != client_id or claims.get("iss") != client_id:
        raise GrantRefused("invalid_client", "iss and sub must be the client id")
    given = claims.get("aud")
    if not any(each in audiences for each in (given if isinstance(given, list) else [given])):
        raise GrantRefused("invalid_client", "aud must be the token endpoint or the issuer")
    moment = now.timestamp()
    expires_at = claims.get("exp")
    if type(expires_at) is not int or expires_at + LEEWAY_S < moment:
        raise GrantRefused("invalid_client", "exp is missing or past")
    if expires_at > moment + LONGEST_ASSERTION_S + LEEWAY_S:
        raise GrantRefused("invalid_client", f"exp may be at most {LONGEST_ASSERTION_S} s ahead")
    for name in ("iat", "nbf"):
        value = claims.get(name, 0)
        if type(value) is not int or value > moment + LEEWAY_S:
            raise GrantRefused("invalid_client", f"{name} lies ahead")


def _spend(claims: Claims, client_id: str, now: datetime) -> None:
    jti, expires_at = claims.get("jti"), claims["exp"]
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_ID or type(expires_at) is not int:
        raise GrantRefused("invalid_client", f"jti must be a text of 1 to {LONGEST_ID} characters")
    try:
        with transaction.atomic():
            UsedAssertionRow.objects.create(
                uuid=ids.new_uuid(now), client_id=client_id,
                jti_sha256=hashlib.sha256(jti.encode()).hexdigest(),
                expires_at=datetime.fromtimestamp(expires_at + LEEWAY_S + 1, UTC),
            )
    except IntegrityError:
        raise GrantRefused("invalid_client", "this assertion was used before") from None


def _granted(application: Application, scope: str) -> str:
    asked = set(scope.split())
    if not asked <= set(application.scopes):
        raise GrantRefused("invalid_scope", "a scope was asked that the application was not granted")
    return " ".join(sorted(asked or application.scopes))


def _note_use(application: Application, now: datetime) -> None:
    """Remember the last use, at most once a minute: a busy client would otherwise write at every token."""
    if application.last_used_at is None or now - application.last_used_at >= USED_EVERY:
        ApplicationRow.objects.filter(client_id=application.client_id).update(last_used_at=now)


def _source(assertion: str, address: str) -> str:
    try:
        named = str(jose.unverified_claims(assertion).get("iss", ""))[:LONGEST_ID]
    except NotAToken:
        named = ""
    return tenants.keyed_hash(f"{named} {address}", salt="exchange.failed_attempt").hex()


def _require_attempts_left(source: str, now: datetime) -> None:
    row = FailedAttemptRow.objects.filter(source=source, began_at__gt=now - FAILURE_WINDOW).first()
    if row is not None and row.count >= FAILURES_ALLOWED:
        left = row.began_at + FAILURE_WINDOW - now
        raise TooManyFailures(max(int(left.total_seconds()), 1))


def _count_failure(source: str, now: datetime) -> None:
    with transaction.atomic():
        row, _made = FailedAttemptRow.objects.get_or_create(
            source=source, defaults={"uuid": ids.new_uuid(now), "began_at": now, "count": 0}
        )
        if row.began_at <= now - FAILURE_WINDOW:
            FailedAttemptRow.objects.filter(id=row.id).update(began_at=now, count=1)
        else:
            FailedAttemptRow.objects.filter(id=row.id).update(count=F("count") + 1)
