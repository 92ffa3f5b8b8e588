"""Steps of the proof of two machines, run inside the product's settings: `prepare COUNT`, `stored`, `export`.

The last line each prints is JSON.
"""

import collections
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.performance.product import KEY

TAKES_AT_MOST_S = 4  # a job of this proof; a living worker that is slower loses its fence, and nothing else
DECIDED = "be.ocapi.cases.case.decided.v1"


def prepare(count: int) -> dict[str, Any]:
    """Make an organization with `count` cases in hand, a clerk who is signed in, and a subscriber outside."""
    from django.conf import settings

    from ocapi.kernel.accounts.middleware import cookie_name
    from ocapi.kernel.jobs import api as jobs
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.testing import a_citizen, a_staff_member
    from ocapi.lib import clock
    from ocapi.modules.cases import api as cases
    from ocapi.modules.cases.tests.factories import a_case
    from tests.performance import prepare as filling

    filling.fill()
    session = filling.clerk()["cookie"]
    now, made = clock.now(), []
    clerk, admin = a_staff_member("clerk"), a_staff_member("tenant_admin")
    with tenants.bind(KEY):
        jobs.subscribe(url=os.environ["PROOF_RECEIVER"], patterns=("be.ocapi.cases.*",), actor=admin, now=now,
                       is_internal=True)
        while jobs.visit(now=clock.now(), budget_ms=10_000).did:
            pass  # the subscriber agrees; what came before it is not sent
        assert [each.state.value for each in jobs.list_subscriptions(actor=admin)] == ["active"]
        for _number in range(count):
            uuid = a_case(citizen=a_citizen(), now=now).uuid
            made.append([str(uuid), cases.start(case=uuid, actor=clerk, now=now, revision=1).revision])
    tenants.close_connections()
    csrf = cookie_name(settings.CSRF_COOKIE_NAME, key=KEY, is_secure=False, is_path_prefixed=False)
    return {"session": session, "csrf": csrf, "cases": made}


def export() -> dict[str, str]:
    """Write the log where the independent verifier reads it; gives the folder."""
    from django.conf import settings

    from ocapi.kernel.audit import api as audit
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import clock

    folder = f"{settings.OCAPI.data}/exported"
    with tenants.bind(KEY):
        audit.seal(now=clock.now())
        audit.export_log(folder=Path(folder))
    tenants.close_connections()
    return {"folder": folder}


def stored() -> dict[str, Any]:
    """Tell what every decided case left behind, by case, and how much work there still is; then let the
    leases of the dead end.
    """
    from ocapi.kernel.audit.models import LeafRow
    from ocapi.kernel.jobs.data import DeliveryState
    from ocapi.kernel.jobs.models import DeliveryRow, JobRow
    from ocapi.kernel.outbox.models import EventRow
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import clock
    from ocapi.modules.cases.models import CaseRow
    from ocapi.modules.documents.models import DocumentRow

    with tenants.bind(KEY):
        facts = EventRow.objects.filter(type=DECIDED).values_list("subject", flat=True)
        leaves = LeafRow.objects.filter(operation="cases.decide").values_list("resource", flat=True)
        decided = CaseRow.objects.exclude(outcome="").values_list("uuid", flat=True)
        letters = [f"{template} {reference}" for template, reference in DocumentRow.objects.filter(
            pdf__isnull=False).values_list("template", "reference")]
        waits = DeliveryRow.objects.exclude(state=DeliveryState.DELIVERED.value).count()
        told = {
            "decided": sorted(str(uuid) for uuid in decided),
            "facts": dict(collections.Counter(facts)),
            "leaves": dict(collections.Counter(resource.partition("/")[2] for resource in leaves)),
            "letters": dict(collections.Counter(letters)),
            "letters_not_made": DocumentRow.objects.filter(pdf__isnull=True).count(),
            "waiting": waits + JobRow.objects.exclude(state="waiting", due_at__gt=clock.now()).count(),
            "dead": list(JobRow.objects.filter(state="dead").values_list("name", "error_text")),
        }
        _end_leases_of_the_dead()
    tenants.close_connections()
    return told


def _end_leases_of_the_dead() -> None:
    """Let the time pass that a lease still lasts, for leases so old that only the dead can hold them."""
    from datetime import timedelta

    from ocapi.kernel.jobs.models import DeliveryRow, JobRow
    from ocapi.kernel.jobs.queue import LEASE
    from ocapi.lib import clock

    now = clock.now()
    old = now + LEASE - timedelta(seconds=TAKES_AT_MOST_S)
    for row in (JobRow, DeliveryRow):
        row.objects.filter(lease_until__gt=now, lease_until__lt=old).update(lease_until=now)


if __name__ == "__main__":
    import django

    django.setup()
    asked: dict[str, Any] = {"stored": stored, "export": export}
    print(json.dumps(prepare(int(sys.argv[2])) if sys.argv[1] == "prepare" else asked[sys.argv[1]]()))
