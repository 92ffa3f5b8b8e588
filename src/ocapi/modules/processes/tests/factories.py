"""Processes and what happens to them, for tests."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib.actor import Actor, Assurance, Capacity
from ocapi.lib.tests.bpmn_models import process
from ocapi.lib.tests.bpmn_run import flow
from ocapi.modules.processes import api
from ocapi.modules.processes.data import Definition, Instance, Task, Variables
from ocapi.modules.processes.extensions import ConnectorFailed, connectors

CLERK = a_staff_member("clerk")
ADMIN = a_staff_member("tenant_admin")
SYSTEM = Actor(
    capacity=Capacity.APPLICATION, assurance=Assurance.HIGH, application="peer",
    scopes=frozenset({"processes:instances:write", "processes:definitions:write"}),
)
KEY = "VLA-2026-000001-1"


class Flaky:
    """A connector that fails as often as told; it remembers the keys under which it was called."""

    name = "flaky"
    inputs: Mapping[str, str] = {"amount": "number"}
    outputs: Mapping[str, str] = {"receipt": "string"}
    timeout_seconds = 1
    retries = 2

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.failures: list[Exception] = []
        self.answer: Variables = {"receipt": "r-1"}

    def call(self, *, values: Variables, key: str, timeout_seconds: int, now: datetime) -> Variables:
        self.keys.append(key)
        if self.failures:
            raise self.failures.pop(0)
        return self.answer

    def check_config(self) -> str:
        return ""


def flaky() -> Flaky:
    """Give the connector `flaky`, as new."""
    found = connectors.find("flaky")
    if found is None:
        connectors.add(Flaky())
        found = connectors.get("flaky")
    assert isinstance(found, Flaky)
    found.keys, found.failures, found.answer = [], [], {"receipt": "r-1"}
    return found


def failing(*, error: str = "", is_final: bool = False) -> ConnectorFailed:
    return ConnectorFailed("timeout", error=error, is_final=is_final)


def coupled(node: str, connector: str, *names: str, name: str = "") -> str:
    """Give a service task that hands variables to a connector under their own names."""
    given = "".join(
        f"<dataInputAssociation><assignment><from>{each}</from><to>{each}</to></assignment>"
        "</dataInputAssociation>" for each in names
    )
    return (f'<serviceTask id="{node}" name="{name}" implementation="urn:ocapi:connector:{connector}">{given}'
            "</serviceTask>")


def drawn(body: str, *flows: str, shared: str = "", key: str = "p") -> bytes:
    """Give the file of a process of these nodes and flows, from `s` to `e`."""
    return process(f'<startEvent id="s"/><endEvent id="e"/>{body}{flow(*flows)}', shared=shared, key=key)


def deployed(body: str, *flows: str, shared: str = "", key: str = "p") -> Definition:
    """Deploy a process of these nodes and flows, from `s` to `e`."""
    return api.deploy(raw=drawn(body, *flows, shared=shared, key=key), actor=ADMIN, now=NOW)[0]


def started(*, key: str = "p", business_key: str = KEY, **variables: object) -> Instance:
    """Start an instance."""
    return api.start(
        process=key, business_key=business_key, variables=variables,  # type: ignore[arg-type]
        actor=CLERK, now=NOW,
    )


def tasks(**filters: object) -> tuple[Task, ...]:
    """Give the open tasks."""
    return api.list_tasks(actor=CLERK, page_size=100, **filters).items  # type: ignore[arg-type]


def done(node: str, *, now: datetime = NOW, **variables: object) -> None:
    """Complete the first open task at a node."""
    task = next(each for each in tasks() if each.node == node)
    api.complete_task(task=task.uuid, variables=variables, actor=CLERK, now=now)  # type: ignore[arg-type]


def seen(instance: UUID) -> Instance:
    """Give an instance."""
    return api.get_instance(instance=instance, actor=CLERK, now=NOW)


def worked(*, later: timedelta = timedelta(0)) -> None:
    """Let the worker do what is due, until nothing is."""
    for _each in range(20):
        if not jobs.visit(now=NOW + later, budget_ms=5_000).did:
            return
