"""A staff member's own second factor: a one-time code (TOTP, RFC 6238) that raises the level to substantial.

It may be set up only while the identity provider vouches for at least that level: a stolen password alone can
then never enroll a factor of its own.
"""

import hashlib
import logging
from datetime import datetime
from urllib.parse import quote

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest

from ocapi.kernel.accounts import sessions
from ocapi.kernel.accounts.data import STAFF_MINIMUM, CapacityRefused, CodeRefused, StepUpNeeded, TooManyTries
from ocapi.kernel.accounts.models import User
from ocapi.kernel.tenants.data import Change
from ocapi.kernel.tenants.extensions import hand_on
from ocapi.lib.actor import Actor, Assurance

log = logging.getLogger("ocapi.sign_in")

SECRET_SLOT = "second_factor_secret"
MAX_TRIES, TRY_WINDOW_S = 10, 60  # wrong codes per person and minute (reliability.md 5.3)


def _user(actor: Actor) -> User:
    user = User.objects.filter(person__uuid=actor.person).first() if actor.person else None
    if user is None:
        raise CapacityRefused
    return user


def is_set_up(actor: Actor) -> bool:
    """Tell whether the person has a second factor of its own."""
    return bool(Authenticator.objects.filter(user=_user(actor), type=Authenticator.Type.TOTP).exists())


def offer(request: HttpRequest, actor: Actor, *, issuer: str) -> tuple[str, str]:
    """Give secret and otpauth address to set a factor up with; the same ones until it is confirmed."""
    if actor.assurance < STAFF_MINIMUM:
        raise StepUpNeeded(STAFF_MINIMUM)
    secret = request.session.get(SECRET_SLOT) or totp.generate_totp_secret()
    request.session[SECRET_SLOT] = secret
    account = hashlib.sha256(str(actor.person).encode()).hexdigest()[:8]
    return secret, f"otpauth://totp/{quote(issuer)}:{account}?secret={quote(secret)}&issuer={quote(issuer)}"


def confirm(request: HttpRequest, actor: Actor, *, code: str, now: datetime) -> None:
    """Set the factor up with a first right code, in the place of an earlier one.

    It ends the person's other sessions: who holds one of those may be why a new factor is set up. Raises
    CodeRefused, StepUpNeeded, TooManyTries.
    """
    if actor.assurance < STAFF_MINIMUM:
        raise StepUpNeeded(STAFF_MINIMUM)
    secret = request.session.get(SECRET_SLOT, "")
    _count_try(actor)
    if not secret or not totp.validate_totp_code(secret, code):
        raise _refused(actor)
    user = _user(actor)
    with transaction.atomic():
        Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
        Authenticator.objects.create(
            user=user, type=Authenticator.Type.TOTP, data={"secret": get_adapter().encrypt(secret)},
        )
        del request.session[SECRET_SLOT]
        sessions.end_others(request.session, now=now)
        _changed("set_up", actor, now=now)
    sessions.forget(request)


def verify(request: HttpRequest, actor: Actor, *, code: str, now: datetime) -> None:
    """Raise this session to substantial with a right, unused code; raises CodeRefused, TooManyTries."""
    authenticator = Authenticator.objects.filter(user=_user(actor), type=Authenticator.Type.TOTP).first()
    _count_try(actor)
    if authenticator is None or not totp.TOTP(authenticator).validate_code(code):
        raise _refused(actor)
    authenticator.record_usage()
    log.info("second factor taken", extra={"actor": str(actor.person)})
    sessions.raise_assurance(request.session, to=Assurance.SUBSTANTIAL, now=now)
    sessions.forget(request)
    _changed("used", actor, now=now)


def _count_try(actor: Actor) -> None:
    slot = f"accounts.second_factor.tries:{actor.person}"
    cache.add(slot, 0, timeout=TRY_WINDOW_S)
    try:
        tries = cache.incr(slot)
    except ValueError:  # the window ended between the two calls
        tries = 1
    if tries > MAX_TRIES:
        log.warning("second factor refused", extra={"actor": str(actor.person), "reason": "tooManyTries"})
        raise TooManyTries(TRY_WINDOW_S)


def _refused(actor: Actor) -> CodeRefused:
    log.warning("second factor refused", extra={"actor": str(actor.person), "reason": "wrongCode"})
    return CodeRefused()


def _changed(verb: str, actor: Actor, *, now: datetime) -> None:
    about = (actor.person,) if actor.person else ()
    change = Change(action=f"accounts.second_factor.{verb}", resource=f"person/{actor.person}", about=about)
    hand_on(change=change, actor=actor, now=now)
