"""The open sessions of one person: shown to and ended by that person, and removed once they are over."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest

from ocapi.kernel.accounts import sessions
from ocapi.kernel.accounts.data import OpenSession, SessionNotFound, StepUpNeeded
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Change
from ocapi.kernel.tenants.extensions import hand_on
from ocapi.lib.actor import Actor, Assurance

SALT = "accounts.open_sessions"
HANDLE_DIGITS = 32
FRESH = timedelta(minutes=10)
"""How long ago the provider may have vouched for who ends sessions (OWASP ASVS 5.0.0, 7.5.2)."""
CHUNK, MOST_REMOVED = 500, 5000
log = logging.getLogger("ocapi.sign_in")


def list_of(request: HttpRequest, *, now: datetime) -> tuple[OpenSession, ...]:
    """List the open sessions of who asks: the one at hand, then the last used; empty when anonymous."""
    own = sessions.of_request(request, now=now).sign_in
    if own is None:
        return ()
    found = [
        OpenSession(
            handle=handle_of(key), capacity=kept.capacity, assurance=kept.assurance,
            started_at=kept.started_at, seen_at=kept.seen_at,
            expires_at=kept.expires_at(), is_current=key == request.session.session_key,
            is_same_browser=kept.circumstances is not None and own.circumstances is not None
            and kept.circumstances.browser == own.circumstances.browser,
        )
        for key, kept in _of(own, now=now)
    ]
    found.sort(key=lambda each: each.seen_at, reverse=True)
    return tuple(sorted(found, key=lambda each: not each.is_current))


def is_fresh(request: HttpRequest, *, now: datetime) -> bool:
    """Tell whether the provider vouched for who asks so lately that sessions may be ended."""
    own = sessions.of_request(request, now=now).sign_in
    return own is not None and now - own.started_at <= FRESH


def end(request: HttpRequest, *, handle: str, actor: Actor, now: datetime) -> None:
    """End one other session of who asks, at once.

    Raises StepUpNeeded when the provider has to be asked anew first, SessionNotFound for what is over, is the
    session at hand (that one is signed out of) or belongs to somebody else.
    """
    own = _fresh(request, now=now)
    for key, _kept in _of(own, now=now):
        if key != request.session.session_key and handle_of(key) == handle:
            with transaction.atomic():
                Session.objects.filter(session_key=key).delete()
                _tell(own.person, actor=actor, now=now)
            return
    raise SessionNotFound(handle)


def end_all_others(request: HttpRequest, *, actor: Actor, now: datetime) -> None:
    """End every other session of who asks; this one goes on under a new key. Raises StepUpNeeded."""
    own = _fresh(request, now=now)
    here = request.session.session_key
    with transaction.atomic():
        others = [key for key, _kept in _of(own, now=now) if key != here]
        Session.objects.filter(session_key__in=others).delete()
        sessions.end_others(request.session, now=now)
        _tell(own.person, actor=actor, now=now)
    sessions.forget(request)


def remove_ended(*, now: datetime) -> int:
    """Remove rows of sessions that are over, by age or by disuse; gives how many."""
    aged = Session.objects.filter(expire_date__lt=now).order_by("session_key")
    over = list(aged.values_list("session_key", flat=True)[:MOST_REMOVED])
    over += [key for key, kept in _all(now=now) if kept.ended(now) is not None][: MOST_REMOVED - len(over)]
    for start in range(0, len(over), CHUNK):
        Session.objects.filter(session_key__in=over[start : start + CHUNK]).delete()
    return len(over)


def _fresh(request: HttpRequest, *, now: datetime) -> sessions.SignIn:
    own = sessions.of_request(request, now=now).sign_in
    if own is None or not is_fresh(request, now=now):
        raise StepUpNeeded(Assurance.NONE if own is None else own.assurance)
    return own


def _of(own: sessions.SignIn, *, now: datetime) -> Iterator[tuple[str, sessions.SignIn]]:
    for key, kept in _all(now=now):
        if kept.person == own.person and kept.epoch == own.epoch and kept.ended(now) is None:
            yield key, kept


def _all(*, now: datetime) -> Iterator[tuple[str, sessions.SignIn]]:
    """Read every session that has not reached its end; what is in it cannot be asked for in SQL.

    They are few: `remove_ended` takes away each hour what was not used for half an hour.
    """
    live = Session.objects.filter(expire_date__gte=now).order_by("session_key")
    for row in live.iterator(chunk_size=CHUNK):
        kept = sessions.of_content(row.get_decoded())
        if kept is not None:
            yield row.session_key, kept


def handle_of(key: str) -> str:
    """Give the name a page has for a session: who reads it cannot take the session over."""
    return tenants.keyed_hash(key, salt=SALT).hex()[:HANDLE_DIGITS]


def _tell(person: UUID, *, actor: Actor, now: datetime) -> None:
    change = Change(
        action="accounts.session.ended_by_person", resource=f"person/{person}", about=(person,),
        fields=("session",),
    )
    hand_on(change=change, actor=actor, now=now)
    log.info("session ended by its person", extra={"actor": str(person)})
