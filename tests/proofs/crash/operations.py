"""What the product is asked to do, in the process to be killed; each operation carries the client's key.

An operation that its client may repeat gives the same result the second time. `stored` tells what is there.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

KEY = "crash"
NEWCOMER = "newcomer"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FIELD = "proof_key"
Operation = Callable[[str, datetime], Any]
OPERATIONS: dict[str, Operation] = {}


def operation(function: Operation) -> Operation:
    """Let a client ask for it by its name."""
    OPERATIONS[function.__name__] = function
    return function


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
def reading(key: str, now: datetime) -> None:
    """Append readings as the data plane does: acknowledged when durable."""
    from ocapi.lib import codec, seglog

    writer = seglog.Writer(_inbox(), segment_bytes=400)
    writer.append([codec.encode_json({"stream": "p", "id": key, "at": now.isoformat(), "value": 1})])
    writer.append([codec.encode_json({"stream": "p", "id": key, "at": now.isoformat(), "value": 1})])
    writer.close()


@operation
def tear(key: str, now: datetime) -> None:
    """Leave what a power cut leaves: half a frame at the end of the log."""
    with sorted(_inbox().iterdir())[-1].open("ab") as segment:
        segment.write(b"half a fra")


def _inbox() -> Path:
    from ocapi.kernel.tenants import api as tenants

    return tenants.folder() / "inbox"


@operation
def rollup(key: str, now: datetime) -> int:
    """Add what came in to the hours."""
    from ocapi.modules.capture import api
    from ocapi.modules.capture.data import StreamFacts

    facts = StreamFacts(code="p", title="Proef", unit="1", place="", source="", license="", quality="")
    api.load_hours(facts=facts, figures=(), now=now)
    return api.roll_up()


@operation
def entity(key: str, now: datetime) -> None:
    """Change an entity as the data plane does, and save the state at once; repeated, it is put again."""
    import asyncio

    from ocapi.dataplane.context import changes
    from ocapi.dataplane.context.store import ENTITY
    from ocapi.dataplane.context.vocabulary import CORE_TERMS

    async def put() -> None:
        with _entities() as store:
            new = changes.created({"id": f"urn:x:{key}", "type": "Proef", "n": 1}, terms=CORE_TERMS,
                                  now=now.isoformat())
            await store.put_entity(store.newest(ENTITY, new.id), new)
            await store.settle()

    asyncio.run(put())


@operation
def compaction(key: str, now: datetime) -> int:
    """Put readings into files."""
    from ocapi.modules.capture import api

    return api.compact(now=now)


def _compacted() -> list[str]:
    """Name the entities whose readings stand in the files of the list."""
    from ocapi.dataplane.context import history
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib.columns import readings

    files, _sequence = history.read_manifest(tenants.folder() / "capture" / "parquet")
    return sorted({row["entity"].removeprefix("urn:x:") for row in readings.read(files)})


@contextlib.contextmanager
def _entities() -> Iterator[Any]:
    """Open the entities of the organization, with a state saved after every change."""
    from concurrent.futures import ThreadPoolExecutor

    from ocapi.dataplane.context.store import Store
    from ocapi.kernel.tenants import api as tenants

    with ThreadPoolExecutor(1) as threads:
        store = Store(tenants.folder() / "capture" / "log", threads, save_every=1)
        try:
            yield store
        finally:
            store.close()


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


@operation
def consultation(key: str, now: datetime) -> None:
    """Log that somebody was looked at."""
    from ocapi.kernel.audit import api as audit
    from ocapi.lib import actor

    audit.consulted(actor=actor.system("proof"), operation="cases.read", about=(uuid5(NAMESPACE_URL, key),),
                    fields=("name",), resource=f"proof/{key}", now=now)


@operation
def seal(key: str, now: datetime) -> None:
    """Put leaves in their place and sign a head."""
    from ocapi.kernel.audit import api as audit

    audit.seal(now=now)


@operation
def forgetting(key: str, now: datetime) -> None:
    """Cut the ties of the person of that key."""
    from ocapi.kernel.audit import api as audit
    from ocapi.lib import actor

    audit.forget_person(person=uuid5(NAMESPACE_URL, key), actor=actor.system("proof"), now=now)


@operation
def organization(key: str, now: datetime) -> None:
    """Make an organization, unless it was made."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import KeyTaken, Kind

    with tenants.unbound():
        try:
            tenants.create(key=key, kind=Kind.MUNICIPALITY, now=now)
        except KeyTaken:
            return


@operation
def farewell(key: str, now: datetime) -> None:
    """Remove an organization, unless it is gone."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import UnknownTenant

    with tenants.unbound():
        try:
            tenants.delete(key=key)
        except UnknownTenant:
            return


@operation
def planned(key: str, now: datetime) -> None:
    """Plan that the second organization takes the place of the first; again changes nothing."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants

    with tenants.unbound():
        day = now.date() + timedelta(days=9)
        registry.plan_succession(old="new0", new="new1", on=day, by="uid 1", now=now)


@operation
def agreed(key: str, now: datetime) -> None:
    """Confirm that plan; again changes nothing."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants

    with tenants.unbound():
        registry.confirm_succession(old="new0", by="uid 2", now=now)


@operation
def taken_back(key: str, now: datetime) -> None:
    """Take that plan back, unless it was."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import SuccessionFault, SuccessionRefused

    with tenants.unbound():
        try:
            registry.undo_succession(old="new0", now=now)
        except SuccessionRefused as refusal:
            if refusal.fault is not SuccessionFault.NO_PLAN:
                raise


def _successions() -> list[str]:
    """Give what holds of the two organizations, and whether the log of each tells of it."""
    from ocapi.kernel.audit.models import LeafRow
    from ocapi.kernel.tenants import api as tenants

    here = {each.key: each for each in tenants.list_tenants()}
    held = tenants.find_succession(here["new0"]) if "new0" in here else None
    if held is None:
        return []
    wanted = {"planned", *(("confirmed",) if held.confirmed_at else ())}
    for key in ("new0", "new1"):
        with tenants.unbound(), tenants.bind(key):
            rows = LeafRow.objects.filter(operation__startswith="tenants.succession.")
            told = {each.rpartition(".")[2] for each in rows.values_list("operation", flat=True)}
            if missing := wanted - told:
                return [f"{key} does not tell that it was {', '.join(sorted(missing))}"]
    return ["agreed"] if held.confirmed_at else ["planned"]


@operation
def upgrade(key: str, now: datetime) -> int:
    """Bring every organization up to this release."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants

    with tenants.unbound():
        done = registry.migrate_all()
        assert not done.parked, done.parked
        return len(done.applied)


@operation
def exported(key: str, now: datetime) -> None:
    """Write everything into an archive, unless it is there."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.registry.carrying.data import ArchiveRefused, Reason
    from ocapi.kernel.tenants import api as tenants

    with tenants.unbound():
        try:
            registry.export_tenant(key=KEY, target=_home() / "archives" / key, now=now)
        except ArchiveRefused as refusal:
            if refusal.reason is not Reason.EXISTS:
                raise


@operation
def imported(key: str, now: datetime) -> None:
    """Make the guest from its archive, unless it is here."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import KeyTaken

    with tenants.unbound():
        try:
            registry.import_tenant(source=_home() / "guest.tar", now=now)
        except KeyTaken:
            return


@operation
def kept(key: str, now: datetime) -> None:
    """Add the present state to a backup."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants

    with tenants.unbound():
        registry.back_up(key=KEY, target=_target("kept"), now=now)


@operation
def restored(key: str, now: datetime) -> None:
    """Put the lost organization back, unless it is here."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import KeyTaken

    target = _target(key)
    (uuid,) = target.list_names("records")
    with tenants.unbound():
        try:
            registry.restore(target=target, uuid=uuid, now=now)
        except KeyTaken:
            return


def _target(name: str) -> Any:
    from ocapi.kernel.registry.backups.targets import FolderTarget

    return FolderTarget(_home() / "targets" / name)


def _whole_backups() -> list[str]:
    """Give one name per record that proves whole, oldest first; a broken target is called so."""
    from ocapi.kernel.registry.backups import records, restoring
    from ocapi.kernel.registry.carrying import scratch, silent
    from ocapi.kernel.registry.carrying.data import ArchiveRefused

    target, count = _target("kept"), 0
    try:
        for uuid in target.list_names("records"):
            for each in records.newest_first(target, uuid):
                with scratch.folder() as folder:
                    restoring.assemble(target, each, folder, silent)
                count += 1
    except ArchiveRefused as refusal:
        return [f"broken: {refusal}"]
    return ["kept1", "kept2"][:count]


def _home() -> Path:
    from django.conf import settings

    return Path(settings.OCAPI.data)


def _whole_archives() -> list[str]:
    """Give the archives that prove whole; one that is there and does not is called broken."""
    from ocapi.kernel.registry.carrying import checking, scratch, silent
    from ocapi.kernel.registry.carrying.data import ArchiveRefused

    found = []
    for path in sorted((_home() / "archives").iterdir()):
        if path.name.startswith("."):
            continue  # a leftover of a crash means nothing
        try:
            with scratch.folder() as folder:
                checking.unpack(path, folder, tell=silent)
                checking.check(folder, tell=silent)
            found.append(path.name)
        except ArchiveRefused as refusal:
            found.append(f"{path.name} broken: {refusal}")
    return found


def _whole(key: str) -> list[str]:
    """Give the key of an organization that holds what it was made with, when it is here."""
    from ocapi.kernel.accounts.models import PersonRow
    from ocapi.kernel.audit import api as audit
    from ocapi.kernel.files import api as files
    from ocapi.kernel.tenants import api as tenants

    found = []
    with tenants.unbound():
        for tenant in tenants.list_tenants():
            if tenant.key != key:
                continue
            with tenants.bind_tenant(tenant):
                head = audit.latest_head()
                blobs = [hashlib.sha256(path.read_bytes()).hexdigest() == sha256
                         for sha256, _size, path in files.list_blobs()]
                is_whole = (
                    audit.recomputed_root(size=head.size) == head.root and blobs == [True]
                    and PersonRow.objects.count() == 1
                )
            found.append(key if is_whole else f"{key} in parts")
    return found


@operation
def sealing(key: str, now: datetime) -> None:
    """Keep a value sealed, where national numbers stand; it is the client's key."""
    from django.db import transaction

    from ocapi.kernel.accounts import persons
    from ocapi.kernel.accounts.models import NationalNumberRow, PersonRow
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import ids

    if NationalNumberRow.objects.filter(lookup=key.encode()).exists():
        return
    with transaction.atomic():
        person = PersonRow.objects.create(
            uuid=uuid5(NAMESPACE_URL, key), given_name="", family_name="", created_at=now
        )
        NationalNumberRow.objects.create(
            uuid=ids.new_uuid(now), person=person, lookup=key.encode(),
            ciphertext=tenants.encrypt(key, context=persons.CONTEXT),
        )


@operation
def rotation(key: str, now: datetime) -> None:
    """Begin to replace the keys; one that is being rotated gets no third."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import actor

    tenants.rotate_keys(actor=actor.system("proof"), now=now)


@operation
def rewrapping(key: str, now: datetime) -> None:
    """Go on with it, two values per transaction, until there is nothing to do before a later time."""
    from ocapi.kernel.tenants import rotation as rotating
    from ocapi.kernel.tenants.data import Resume
    from ocapi.lib import actor

    resume: Resume | None = Resume()
    while resume is not None and (resume.due_at is None or resume.due_at <= now):
        resume = rotating.go_on(since=resume, actor=actor.system("proof"), now=now, budget_s=0, batch=2)


@operation
def lookup(key: str, now: datetime) -> None:
    """Write down a keyed hash, by which what is sealed is found; again changes nothing."""
    if not (_home() / "lookup").exists():
        (_home() / "lookup").write_text(_keyed_hash())


def _keyed_hash() -> str:
    from ocapi.kernel.tenants import api as tenants

    return tenants.keyed_hash("crash", salt="proof").hex()


@operation
def resealing(key: str, now: datetime) -> None:
    """Wrap every key under the other secret, as an operator does who replaces it; both open meanwhile."""
    from django.conf import settings

    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.keyring import ring
    from ocapi.lib import actor

    before, after = settings.OCAPI.secret, settings.OCAPI.secret_also
    assert after, "the proof is to start the product with OCAPI_SECRET_ALSO"
    settings.OCAPI.secret, settings.OCAPI.secret_also = after, before
    try:
        tenants.replace_platform_secret(now=now)
        tenants.replace_secret(actor=actor.system("proof"), now=now)
        left = tenants.keys_under_other_secret(tenants.current()) + tenants.keys_under_other_secret(None)
        assert left == 0, f"{left} keys left"
    finally:
        settings.OCAPI.secret, settings.OCAPI.secret_also = before, after
        ring.forget(tenants.current().uuid)


@operation
def template(key: str, now: datetime) -> None:
    """Build the database that new organizations start from, in a cache of its own."""
    from django.conf import settings

    from ocapi.kernel.tenants import api as tenants

    with tenants.unbound():
        tenants.build_template(cache=Path(settings.OCAPI.data) / "cache")


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
    from ocapi.modules.capture.models import SeenRow
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
    records = [json.loads(record.payload)["id"] for record in seglog.read(_inbox())]
    with _entities() as store:
        entities = [each.id.removeprefix("urn:x:") for each in store.entities()]
    return {
        "entity": entities,
        "compacted": _compacted(),
        "case": [row.value for row in cases.values()],
        "decision": [row.value for row in cases.values() if row.case.outcome],
        "file": [row.name.removesuffix(".pdf") for row in whole],
        "reading": list(dict.fromkeys(records)),
        "rolled": list(SeenRow.objects.values_list("message", flat=True)),
        "form": _by_person("form", SubmissionRow.objects.values_list("owner", flat=True)),
        "process": list(InstanceRow.objects.filter(state="completed").values_list("business_key", flat=True)),
        "consultation": [resource.removeprefix("proof/") for resource in LeafRow.objects.filter(
            resource__startswith="proof/").values_list("resource", flat=True)],
        "exported": _whole_archives(),
        "imported": _whole("guest"),
        "kept": _whole_backups(),
        "restored": _whole("lost"),
        "sealing": [tenants.decrypt(bytes(row), context="accounts.national_number")
                    for row in NationalNumberRow.objects.values_list("ciphertext", flat=True)],
        "found_elsewhere": [
            each.read_text() for each in _home().glob("lookup") if each.read_text() != _keyed_hash()
        ],
        "not_rotated": [*progress.data_keys[1:], *(name for name, count in progress.left.items() if count)],
        "succession": _successions(),
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


@operation
def export(key: str, now: datetime) -> str:
    """Write the log where the independent verifier reads it; gives the folder, empty without a head."""
    from django.conf import settings

    from ocapi.kernel.audit import api as audit
    from ocapi.kernel.audit.data import NoHead

    folder = Path(settings.OCAPI.data) / "exported"
    try:
        audit.export_log(folder=folder)
    except NoHead:
        return ""
    return str(folder)
