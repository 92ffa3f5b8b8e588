"""What citizens and staff ask: cases, files, forms, processes, and the worker's turn."""

import contextlib
import os
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.proofs.crash.operations.register import FIELD, operation


def _citizen(key: str) -> Any:
    from ocapi.kernel.tenants.testing import a_citizen

    return a_citizen(person=uuid5(NAMESPACE_URL, key))


@operation
def case(key: str, now: datetime) -> None:
    """Receive a case with a file, by its idempotency key."""
    from ocapi.modules.cases.data import AnsweredFact
    from ocapi.modules.cases.tests.factories import a_case

    answer = AnsweredFact(section="tree", field=FIELD, label="Sleutel", value=key, source="")
    a_case(citizen=_citizen(key), now=now, answers=(answer,), idempotency_key=key)


@operation
def decision(key: str, now: datetime) -> None:
    """Start and decide the case of the same key."""
    from ocapi.kernel.tenants.testing import a_staff_member
    from ocapi.modules.cases import api
    from ocapi.modules.cases.models import AnswerRow

    clerk = a_staff_member("clerk", person=uuid5(NAMESPACE_URL, "clerk"))
    row = AnswerRow.objects.select_related("case").get(field=FIELD, value=key).case
    if row.revision == 1:
        api.start(case=row.uuid, actor=clerk, now=now, revision=1)
    api.decide(case=row.uuid, outcome="granted", motivation="De boom is ziek.", actor=clerk, now=now,
               revision=2, idempotency_key=f"d{key}")


@operation
def work(key: str, now: datetime) -> int:
    """Let the worker do what is due until nothing is."""
    from ocapi.kernel.jobs import api as jobs

    for visits in range(30):
        if not jobs.visit(now=now, budget_ms=10_000).did:
            return visits
    return -1


@operation
def failing(key: str, now: datetime) -> None:
    """Put a job in that fails."""
    from ocapi.kernel.jobs import api as jobs

    jobs.enqueue(job="proof.fail", arguments={}, due_at=now, key=key)


@operation
def handshake(key: str, now: datetime) -> None:
    """Subscribe the receiver outside to everything of cases, once."""
    from ocapi.kernel.jobs import api as jobs
    from ocapi.kernel.tenants.testing import a_staff_member

    admin = a_staff_member("tenant_admin")
    if not jobs.list_subscriptions(actor=admin):
        jobs.subscribe(url=os.environ["PROOF_RECEIVER"], patterns=("be.ocapi.cases.*",), actor=admin, now=now,
                       is_internal=True)


@operation
def file(key: str, now: datetime) -> None:
    """Take a file in; its content says which."""
    from ocapi.kernel.files import api as files

    content = b"%PDF-1.7\n" + key.encode() + b"\n%%EOF\n"
    files.receive(chunks=[content], name=f"{key}.pdf", now=now)


@operation
def form(key: str, now: datetime) -> None:
    """Fill a form in and send it; repeated, it goes on where the draft stands or gives what was sent."""
    from ocapi.modules.forms import api
    from ocapi.modules.forms.models import SubmissionRow
    from ocapi.modules.forms.tests.test_crash import RAW

    citizen = _citizen(key)
    if SubmissionRow.objects.filter(owner=citizen.person).exists():
        return
    draft = api.start(form="proef", actor=citizen, now=now)
    for section in ("who", "move"):
        draft = api.save_section(draft=draft.uuid, section=section, raw=RAW, actor=citizen, now=now,
                                 address_form="formal", revision=draft.revision).draft
    api.submit(draft=draft.uuid, actor=citizen, now=now, address_form="formal")


@operation
def process(key: str, now: datetime) -> None:
    """Take an instance through a timer, a message and a task to its end; repeated, it goes on."""
    from ocapi.modules.processes import api, data
    from ocapi.modules.processes.models import InstanceRow
    from ocapi.modules.processes.tests import factories

    if not InstanceRow.objects.filter(business_key=key).exists():
        factories.started(key="proof", business_key=key)
    api.fire_timers(now=factories.NOW + timedelta(days=2))
    with contextlib.suppress(data.MessageUnmatched):  # repeated: it was taken up the first time
        api.correlate_message(name="paid", key=key, variables={}, actor=factories.SYSTEM, now=now)
    for task in factories.tasks():
        if task.reference == key:
            api.complete_task(task=task.uuid, variables={}, actor=factories.CLERK, now=now)


@operation
def migration(key: str, now: datetime) -> None:
    """Move a waiting instance to the second version of its process."""
    from ocapi.modules.processes import api, data
    from ocapi.modules.processes.models import DefinitionRow, InstanceRow
    from ocapi.modules.processes.tests import factories

    if not InstanceRow.objects.filter(business_key=key).exists():
        factories.started(key="moving", business_key=key)
    versions = DefinitionRow.objects.filter(key="moving").order_by("id")
    if versions.count() == 1:
        factories.deployed('<userTask id="a" name="v2"/>', "s>a", "a>e", key="moving")
    old, new = versions.values_list("uuid", flat=True)[:2]
    api.migrate_instances(plan=data.MigrationPlan(source=old, target=new, nodes={}), actor=factories.ADMIN,
                          now=now)
