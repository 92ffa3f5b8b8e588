"""What is stored, told key by key, and what follows from it."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from tests.proofs.crash.operations.carrying import whole_archives, whole_backups, whole_organization
from tests.proofs.crash.operations.filling import whole_fillings
from tests.proofs.crash.operations.keys import keyed_hash
from tests.proofs.crash.operations.organizations import successions
from tests.proofs.crash.operations.register import FIELD, home, operation
from tests.proofs.crash.operations.sensing import compacted, inbox, opened_entities


@operation
def stored(key: str, now: datetime) -> dict[str, list[str]]:
    """Tell which keys are there, one by one, and what follows from them."""
    from ocapi.kernel.accounts.models import NationalNumberRow
    from ocapi.kernel.audit.models import LeafRow
    from ocapi.kernel.files.models import FileRow
    from ocapi.kernel.files.store import blob_path
    from ocapi.kernel.outbox.models import EventRow
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import seglog
    from ocapi.lib.inbox import readings_of
    from ocapi.modules.capture.models import DayRow, SeenRow
    from ocapi.modules.cases.models import AnswerRow
    from ocapi.modules.forms.models import SubmissionRow
    from ocapi.modules.processes.models import InstanceRow

    progress = tenants.rotation_progress()
    cases = {str(row.case.uuid): row for row in AnswerRow.objects.filter(field=FIELD).select_related("case")}
    facts = EventRow.objects.filter(type__startswith="be.ocapi.cases.case.").values_list("subject", "type")
    leaves = LeafRow.objects.filter(operation__in=("cases.create", "cases.decide"))
    files = FileRow.objects.filter(name__endswith=".pdf", name__startswith="file")
    blobs = {row: hashlib.sha256(blob_path(row.sha256).read_bytes()).hexdigest() for row in files}
    whole = [row for row, sha256 in blobs.items() if sha256 == row.sha256]
    records = [
        each.id for record in seglog.read(inbox()) for each in readings_of(record.payload)
    ]
    with opened_entities() as store:
        entities = [each.id.removeprefix("urn:x:") for each in store.entities()]
    fillings = whole_fillings()
    return {
        "filled": [each for each in fillings if not each.startswith("g")],
        "followed": [each for each in fillings if each.startswith("g")],
        "entity": entities,
        "compacted": compacted(),
        "case": [row.value for row in cases.values()],
        "decision": [row.value for row in cases.values() if row.case.outcome],
        "file": [row.name.removesuffix(".pdf") for row in whole],
        "reading": list(dict.fromkeys(records)),
        "rolled": [each for each in SeenRow.objects.values_list("message", flat=True)
                   if not each.startswith("load ")],
        "seen": [str(SeenRow.objects.count())],
        "in_days": [str(sum(DayRow.objects.values_list("n", flat=True)))],
        "form": _by_person("form", SubmissionRow.objects.values_list("owner", flat=True)),
        "process": list(InstanceRow.objects.filter(state="completed").values_list("business_key", flat=True)),
        "consultation": [resource.removeprefix("proof/") for resource in LeafRow.objects.filter(
            resource__startswith="proof/").values_list("resource", flat=True)],
        "exported": whole_archives(),
        "imported": whole_organization("guest"),
        "kept": whole_backups(),
        "restored": whole_organization("lost"),
        "sealing": [tenants.decrypt(bytes(row), context="accounts.national_number")
                    for row in NationalNumberRow.objects.values_list("ciphertext", flat=True)],
        "found_elsewhere": [
            each.read_text() for each in home().glob("lookup") if each.read_text() != keyed_hash()
        ],
        "not_rotated": [*progress.data_keys[1:], *(name for name, count in progress.left.items() if count)],
        "succession": successions(),
        "organization": [each.key for each in tenants.list_tenants() if each.key.startswith("new")],
        "fact": [
            f"{cases[subject].value} {kind.split('.')[4]}" for subject, kind in facts if subject in cases
        ],
        "leaf": [f"{cases[resource.partition('/')[2]].value} {name}" for resource, name in leaves.values_list(
            "resource", "operation") if resource.partition("/")[2] in cases],
    }


def _by_person(kind: str, persons: Any) -> list[str]:
    known = {uuid5(NAMESPACE_URL, f"{kind}{number}"): f"{kind}{number}" for number in range(20)}
    return [known[UUID(str(person))] for person in persons if UUID(str(person)) in known]
