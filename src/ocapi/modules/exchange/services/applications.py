"""Register and revoke machine accounts."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.registry import api as registry
from ocapi.lib import ids
from ocapi.lib.actor import Actor
from ocapi.modules.exchange import queries
from ocapi.modules.exchange.data import (
    Application,
    ApplicationNotFound,
    ApplicationRefused,
    ApplicationState,
    KeysRefused,
    ScopeChoice,
)
from ocapi.modules.exchange.events import ApplicationRegistered, ApplicationRevoked
from ocapi.modules.exchange.models import ApplicationRow
from ocapi.modules.exchange.services import jose

NAME_LENGTH = 120
OWNER_LENGTH = 160
PUBLISH = "exchange.publish_snapshot"


def scopes() -> tuple[ScopeChoice, ...]:
    """Give every scope that some operation asks of machine accounts, by code."""
    opened: dict[str, list[str]] = {}
    for operation in access.list_operations():
        if operation.scope:
            opened.setdefault(operation.scope, []).append(operation.name)
    return tuple(
        ScopeChoice(code=code, title=registry.title_of_scope(code).nl, operations=tuple(opened[code]))
        for code in sorted(opened)
    )


def register(
    *, name: str, owner: str, jwks: str, wanted: Iterable[str], actor: Actor, now: datetime
) -> Application:
    """Make a machine account; raises ApplicationRefused with every problem at once."""
    wanted = tuple(sorted(set(wanted)))
    problems = list(_text_problems(name, owner))
    known = {choice.code for choice in scopes()}
    if not wanted:
        problems.append(("scopes", "required"))
    elif not set(wanted) <= known:
        problems.append(("scopes", "unknown"))
    keys = ()
    try:
        keys = jose.read_keys(jwks)
    except KeysRefused as refused:
        problems.append(("keys", refused.code))
    if problems:
        raise ApplicationRefused(tuple(problems))
    uuid = ids.new_uuid(now)
    row = ApplicationRow.objects.create(
        uuid=uuid, client_id=f"app-{uuid}", name=name.strip(), owner=owner.strip(),
        keys=[{"kid": key.kid, "x": key.x, "y": key.y} for key in keys], scopes=list(wanted),
        state=ApplicationState.ACTIVE.value, created_at=now,
    )
    outbox.publish(
        ApplicationRegistered(application=uuid, client_id=row.client_id, scopes=wanted), actor=actor, now=now
    )
    audit.changed(
        actor=actor, operation="exchange.register_application", resource=f"application/{uuid}", now=now,
        fields=("name", "owner", "keys", "scopes"),
    )
    ask_publication(now=now)
    return queries.application(row)


def _text_problems(name: str, owner: str) -> Iterable[tuple[str, str]]:
    if not name.strip():
        yield ("name", "required")
    elif len(name.strip()) > NAME_LENGTH:
        yield ("name", "tooLong")
    if len(owner.strip()) > OWNER_LENGTH:
        yield ("owner", "tooLong")


def revoke(*, uuid: UUID, actor: Actor, now: datetime) -> Application:
    """End a machine account for good; again changes nothing. Raises ApplicationNotFound."""
    row = ApplicationRow.objects.select_for_update().filter(uuid=uuid).first()
    if row is None:
        raise ApplicationNotFound(str(uuid))
    if row.state == ApplicationState.REVOKED.value:
        return queries.application(row)
    row.state, row.revoked_at = ApplicationState.REVOKED.value, now
    row.save(update_fields=["state", "revoked_at"])
    outbox.publish(ApplicationRevoked(application=uuid, client_id=row.client_id), actor=actor, now=now)
    audit.changed(
        actor=actor, operation="exchange.revoke_application", resource=f"application/{uuid}", now=now,
        fields=("state",),
    )
    ask_publication(now=now)
    return queries.application(row)


def ask_publication(*, now: datetime) -> None:
    """Ask the worker to write the policy snapshot anew, after commit; several requests become one."""
    jobs.enqueue(job=PUBLISH, arguments={}, due_at=now, key=PUBLISH)
