"""The door of exchange: machine accounts and their tokens, authentic sources, and the policy snapshot."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.access.data import Scope
from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.tenants import api as tenants
from ocapi.lib.actor import Actor, Subject
from ocapi.modules.exchange import queries
from ocapi.modules.exchange.data import Application, RegisterAnswer, RegisterPerson, ScopeChoice, Token
from ocapi.modules.exchange.services import applications, jose, register, snapshots, tokens


def register_application(
    *, name: str, jwks: str, scopes: Iterable[str], actor: Actor, now: datetime, owner: str = ""
) -> Application:
    """Register a machine account with its public keys (JWK or JWK set as text) and the scopes it may ask.

    Raises NotAllowed, ApplicationRefused with every problem by field.
    """
    access.require(actor, "exchange.register_application")
    with transaction.atomic():
        return applications.register(name=name, owner=owner, jwks=jwks, wanted=scopes, actor=actor, now=now)


def list_applications(*, actor: Actor) -> tuple[Application, ...]:
    """Give every machine account, active ones first. Raises NotAllowed."""
    access.require(actor, "exchange.list_applications")
    return queries.list_applications()


def get_application(*, application: UUID, actor: Actor) -> Application:
    """Give a machine account. Raises NotAllowed, ApplicationNotFound."""
    access.require(actor, "exchange.list_applications")
    return queries.get_application(application)


def revoke_application(*, application: UUID, actor: Actor, now: datetime) -> Application:
    """End a machine account for good: at once in web, within 5 s in the data plane.

    Again changes nothing. Raises NotAllowed, ApplicationNotFound.
    """
    access.require(actor, "exchange.revoke_application")
    with transaction.atomic():
        return applications.revoke(uuid=application, actor=actor, now=now)


def list_scopes() -> tuple[ScopeChoice, ...]:
    """Give every scope that can be granted, with the operations it opens."""
    return applications.scopes()


def issue_token(
    *, client_assertion: str, client_assertion_type: str, grant_type: str, scope: str, now: datetime,
    audiences: tuple[str, ...] = (), address: str = "",
) -> Token:
    """Give an access token for a client that proves itself by a signed assertion (RFC 7523, ES256).

    audiences: what `aud` may be besides the issuer. address: of the caller, to count failures.
    Raises GrantRefused, TooManyFailures.
    """
    return tokens.issue(
        grant_type=grant_type, client_assertion_type=client_assertion_type, client_assertion=client_assertion,
        scope=scope, audiences=(tokens.issuer(), *audiences), address=address, now=now,
    )


def actor_of_token(*, token: str, now: datetime, trace_id: str = "") -> Actor:
    """Give the machine account a token speaks for, with the scopes it still holds. Raises TokenRefused."""
    return tokens.actor_of(token=token, now=now, trace_id=trace_id)


def public_keys() -> tuple[dict[str, str], ...]:
    """Give, as JWKs, the keys under which access tokens and this organization's webhooks are signed."""
    webhooks = tuple(key.public_jwk for key in tenants.signing_keys())
    return (*(jose.jwk_of(key) for key in jose.platform_keys()), *webhooks)


def issuer() -> str:
    """Give the `iss` and `aud` of the bound organization's access tokens."""
    return tokens.issuer()


def publish_snapshot(*, now: datetime) -> bool:
    """Write the policy snapshot when it changed or ages; tells whether it did. For the worker only."""
    return snapshots.publish(now=now)


def ask_for_snapshot(*, now: datetime) -> None:
    """Let the worker write the policy snapshot at once, after who is served changed elsewhere."""
    jobs.enqueue(job="exchange.publish_snapshot", arguments={}, due_at=now, key="recurring")


def tidy(*, now: datetime) -> int:
    """Forget spent assertions and old failed attempts; gives how many rows went."""
    return tokens.tidy(now=now)


def consult_national_register(
    *, person: UUID, fields: tuple[str, ...], purpose: str, reference: str, actor: Actor, now: datetime
) -> RegisterAnswer:
    """Ask the national register for fields of a person, such as `person.given_name` or `person.address`.

    A field gives itself and what stands below it: `person.address.street_name` and its neighbors. The
    consultation leaf is written before the answer returns; a source out of reach is `sourceDown`.
    Raises NotAllowed.
    """
    whose = Scope(subjects=frozenset({Subject(kind="person", uuid=person)}))
    access.require(actor, register.OPERATION, whose)
    with transaction.atomic():
        return register.consult(
            person=person, fields=fields, purpose=purpose, reference=reference, actor=actor, now=now
        )


def load_register_persons(records: Iterable[RegisterPerson], *, now: datetime) -> int:
    """Load invented persons into the stand-in; gives how many. Raises DemoOnly, InvalidIdentifier."""
    with transaction.atomic():
        return register.load_persons(records, now=now)


def find_stub_person(*, national_number: str) -> dict[str, str] | None:
    """Give what the stand-in knows of a person, by path; only for the source that consults it with a leaf."""
    return queries.find_stub_person(national_number)


def count_stub_persons() -> int:
    """Tell how many persons the stand-in knows."""
    return register.count_persons()
