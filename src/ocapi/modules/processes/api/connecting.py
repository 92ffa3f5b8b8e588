"""Connect processes: systems outside, events for others, forms of tasks."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.kernel.jobs.extensions import Outside
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.registry import api as registry
from ocapi.lib import actor as actors
from ocapi.lib.actor import Actor
from ocapi.lib.feel import as_json, typed
from ocapi.modules.forms.data import LoosePage
from ocapi.modules.processes import events
from ocapi.modules.processes.data import Connection, Value, Variables
from ocapi.modules.processes.services import asking, connections


def list_connections(*, actor: Actor) -> tuple[Connection, ...]:
    """Give the systems that processes may call, by code, never a secret. Raises NotAllowed."""
    access.require(actor, "processes.list_connections")
    return connections.listed()


def get_connection(*, code: str, actor: Actor) -> Connection:
    """Give one connection without its secret. Raises ConnectionNotFound, NotAllowed."""
    access.require(actor, "processes.list_connections")
    return connections.told(connections.row_of(code))


def save_connection(
    *, connection: Connection, secret: str, is_new: bool, actor: Actor, now: datetime
) -> Connection:
    """Keep a system that processes may call; nothing else can be called by the connector `rest`.

    secret: goes in `connection.header` of each call; empty keeps the one that is there, unless the address
    goes to another host. Raises ConnectionRefused with field and code, NotAllowed.
    """
    access.require(actor, "processes.edit_connection")
    with transaction.atomic():
        row = connections.save(connection, secret=secret, is_new=is_new, now=now)
        _changed(actor, row.code, ("base_url", "header", *(("secret",) if secret else ())), now)
    return connections.told(row)


def remove_connection(*, code: str, actor: Actor, now: datetime) -> None:
    """Take a connection away; calls to it become incidents. Raises ConnectionNotFound, NotAllowed."""
    access.require(actor, "processes.edit_connection")
    with transaction.atomic():
        connections.row_of(code).delete()
        _changed(actor, code, ("base_url",), now)


def ask_connection(*, code: str, actor: Actor, now: datetime) -> None:
    """Let the worker call the base address with GET and note the answer. Raises ConnectionNotFound."""
    access.require(actor, "processes.edit_connection")
    with transaction.atomic():
        connections.ask_test(code, now=now)
        _changed(actor, code, ("outcome",), now)


def run_test(*, code: str, now: datetime) -> Outside | None:
    """Try a connection, for the worker; gives what is asked of it."""
    return connections.test(code, now=now)


def prepare_call(
    *, connection: str, method: str, path: str, body: Value, key: str, timeout_seconds: int
) -> Callable[[], dict[str, Value]]:
    """Give a call of a system outside, for the connector `rest`, which gives `status` and `body`.

    It needs no database. Both raise ConnectorFailed.
    """
    return connections.prepare(
        connection, method=method, path=path, body=body, key=key, seconds=timeout_seconds
    )


def publish_message(*, name: str, reference: str, occasion: UUID, now: datetime) -> None:
    """Publish an event of a process for whoever subscribed, for the connector `event`."""
    fact = events.MessagePublished(name=name[:200], reference=reference[:200], occasion=occasion)
    with transaction.atomic():
        outbox.publish(fact, actor=actors.system("processes.call"), now=now)


def form_of(
    *, task: UUID, typed: Mapping[str, Sequence[str]] | None, actor: Actor, now: datetime
) -> LoosePage | None:
    """Give the form of an open task ready to draw, None for one without; keeps nothing.

    typed: what was posted, None to show it for the first time. `answers.facts` are the variables to complete
    the task with, once `answers.problems` is empty. Raises TaskNotFound, NotAllowed.
    """
    access.require(actor, "processes.list_tasks")
    form = registry.setting("organization.address_form")
    return asking.page_at(task, typed, address_form=form, now=now)


def list_forms(*, keys: Sequence[str]) -> tuple[str, ...]:
    """Give which of these form keys are known."""
    return tuple(key for key in keys if asking.find_form(key) is not None)


def read_values(*, text: str, now: datetime) -> Variables:
    """Read lines `name = FEEL` as variables; raises typed.LineRefused."""
    return cast("Variables", typed.read_lines(text, now=now))


def value_of_json(given: object) -> Value:
    """Give decoded JSON as the value of a variable."""
    return cast(Value, as_json.value_of(given))  # type: ignore[arg-type]


def _changed(actor: Actor, code: str, fields: tuple[str, ...], now: datetime) -> None:
    audit.changed(
        actor=actor, operation="processes.edit_connection", resource=f"processConnection/{code}", now=now,
        fields=fields,
    )
