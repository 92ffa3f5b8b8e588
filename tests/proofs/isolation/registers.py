"""What staff keep: services, processes, decisions and the linked data of an organization."""

from datetime import datetime
from pathlib import Path
from typing import Any

from ocapi.lib import actor as actors
from tests.proofs.isolation.holding import House


def catalog_entry(house: House, now: datetime) -> str:
    """Make a concept of elsewhere and the organization's own service of it; gives the concept's uuid."""

    from ocapi.lib import ids
    from ocapi.modules.services.models import CatalogRow

    text = house.marks.text
    row = CatalogRow.objects.create(
        uuid=ids.new_uuid(now),
        kind="concept",
        iri=f"https://{house.marks.mark}.example/id",
        version_of="",
        product_id="1",
        title=text("inner", "Product"),
        search_text=text("inner", "product"),
        generated_at="",
        facts={},
        raw=text("inner", "ruw"),
        sha256="0" * 64,
        imported_at=now,
    )
    house.own["local"] = _service_instance(house, row, now)
    return str(row.uuid)


def _service_instance(house: House, concept: Any, now: datetime) -> str:
    from ocapi.lib import ids
    from ocapi.modules.services import feed, localizing
    from ocapi.modules.services.data import InstanceText, Said
    from ocapi.modules.services.models import InstanceRow, InstanceSnapshotRow

    text = house.marks.text("inner", "Product")
    told = localizing.stored(InstanceText(title=Said(informal=text), description=Said(informal=text)))
    row = InstanceRow.objects.create(
        uuid=ids.new_uuid(now), concept=concept.iri, snapshot=concept.iri, product_id="1", code="eigen",
        state="draft", review="", title=text, text=told, reviewed="", meaning="0" * 64, generated_at="",
        version=1, changed_at=now,
    )
    InstanceSnapshotRow.objects.create(
        uuid=ids.new_uuid(now), instance=row, version=1, text=told, digest="0" * 64, is_archived=False,
        published_at=now, number=1,
        member=feed.member_of(row, version=1, is_archived=False, created_at=now, at=now),
    )
    return str(row.uuid)


def process(house: House, now: datetime) -> None:
    """Deploy a process and start it, with a task and an incident."""

    from xml.sax.saxutils import quoteattr

    from ocapi.lib import ids
    from ocapi.modules.processes import api
    from ocapi.modules.processes.data import MigrationPlan, WorkGroup
    from ocapi.modules.processes.models import (
        CorrectionRow,
        IncidentRow,
        InstanceRow,
        RelocationRow,
        TaskRow,
        TokenRow,
        VariableRow,
    )
    from ocapi.modules.processes.tests import factories as processes

    text = house.marks.text("inner")
    made = processes.deployed(f'<userTask id="a" name={quoteattr(text)}/>', "s>a", "a>e", key="proof")
    started = processes.started(key="proof", business_key=text, note=text)
    group = WorkGroup(process="proof", process_name="", group="Politie", title=text)
    api.save_group(group=group, actor=processes.ADMIN, now=now)
    _designs(house, text, now)
    _request(house, text, now)
    incident = IncidentRow.objects.create(
        uuid=ids.new_uuid(now),
        instance=InstanceRow.objects.get(uuid=started.uuid),
        token=1,
        node="a",
        reason="connectorFailed",
        detail=text,
        raised_at=now,
    )
    token = TokenRow.objects.get(instance__uuid=started.uuid, node="a").number
    wish = RelocationRow.objects.create(
        uuid=ids.new_uuid(now), instance=InstanceRow.objects.get(uuid=started.uuid), token=token, source="a",
        target="e", reason=text, asked_by=ids.new_uuid(now), asked_at=now,
    )
    note = VariableRow.objects.get(instance__uuid=started.uuid, name="note")
    wanted = CorrectionRow.objects.create(
        uuid=ids.new_uuid(now), instance=InstanceRow.objects.get(uuid=started.uuid), scope=1, name="note",
        before=note.value, value=note.value.replace(text, f"{text}."), reason=text,
        asked_by=ids.new_uuid(now), asked_at=now,
    )
    newer = processes.deployed(f'<userTask id="b" name={quoteattr(text)}/>', "s>b", "b>e", key="proof")
    plan = MigrationPlan(source=made.uuid, target=newer.uuid)
    migration = api.ask_migration(plan=plan, actor=processes.ADMIN, now=now)
    api.go_on_migrating(migration=migration, now=now)
    task = str(TaskRow.objects.get(instance__uuid=started.uuid).uuid)
    house.own |= {
        "definition": str(made.uuid),
        "other": str(newer.uuid),
        "instance": str(started.uuid),
        "instanceId": str(started.uuid),
        "task": task,
        "taskId": task,
        "incident": str(incident.uuid),
        "incidentId": str(incident.uuid),
        "relocation": str(wish.uuid),
        "relocationId": str(wish.uuid),
        "correction": str(wanted.uuid),
        "correctionId": str(wanted.uuid),
        "variableName": "note",
        "migration": str(migration),
        "migrationId": str(migration),
    }


def _request(house: House, text: str, now: datetime) -> None:
    from ocapi.lib import ids
    from ocapi.modules.forms.models import RequestRow

    RequestRow.objects.create(
        uuid=ids.new_uuid(now), key="process:proof",
        form="proof", owner_kind="person", owner=ids.new_uuid(now), reference=text, asked_at=now,
    )


def _designs(house: House, text: str, now: datetime) -> None:
    """Make a drawing, a table and a connection that are being worked on."""
    from ocapi.lib.dmn.tests.fees import fees
    from ocapi.modules.processes import api as processes
    from ocapi.modules.processes.data import Connection
    from ocapi.modules.processes.tests.factories import ADMIN
    from ocapi.modules.rules import api as rules

    drawing = processes.create_drawing(actor=ADMIN, now=now, title=text)
    draft = rules.create_draft(actor=ADMIN, now=now, title=text, raw=fees())
    model = rules.deploy(raw=fees(), actor=ADMIN, now=now)
    processes.save_connection(
        connection=Connection(code="kapvergunning", title=text, base_url="https://proof.example"), secret="",
        is_new=True, actor=ADMIN, now=now,
    )
    house.own |= {
        "drawing": str(drawing.uuid), "model": str(draft.uuid), "modelId": str(model.uuid),
    }


def linked_data(house: House, now: datetime) -> None:
    """Make a service of each kind of access with an object; the routes lead to the open one."""
    from tempfile import TemporaryDirectory

    from ocapi.modules.linkeddata import api as linkeddata
    from ocapi.modules.linkeddata.data import Access, ViewKind
    from ocapi.modules.linkeddata.tests import places
    from ocapi.modules.linkeddata.tests.profile_files import a_folder, an_organization

    system = actors.system("proof")
    text = house.marks.text
    for access in Access:
        with TemporaryDirectory() as place:
            linkeddata.create_service(
                folder=a_folder(Path(place)), code=access.value, title=text("inner", "Dienst"),
                may_read=access, actor=system, now=now,
            )
        made = linkeddata.create_object(
            service=access.value, term="Organisatie", body=an_organization(naam=text("inner", "Hamme")),
            actor=system, now=now,
        )
        if access is Access.OPEN:
            house.own["object_id"] = str(made.uuid)
            linkeddata.add_view(service=access.value, kind=ViewKind.OBJECTS, now=now)
    with TemporaryDirectory() as place:
        linkeddata.create_service(
            folder=places.a_folder(Path(place)), may_read=Access.OPEN, actor=system, now=now
        )
    body = places.a_place(naam=text("inner", "Markt"))
    placed = linkeddata.create_object(service="plaatsen", term="Plaats", body=body, actor=system, now=now)
    house.own["feature"] = str(placed.uuid)
    _public_body(now)


def _public_body(now: datetime) -> None:
    """Put one municipality into the register, for the address that leads on from its code."""
    from datetime import date

    from ocapi.kernel.accounts import api as accounts
    from ocapi.kernel.accounts.data import (
        Identifier,
        OrganizationKind,
        OrganizationStatus,
        RegisterRecord,
    )

    code = Identifier(scheme="nis", value="44029", valid_from=date(1977, 1, 1), valid_to=None)
    body = RegisterRecord(
        key="knesselare", kind=OrganizationKind.MUNICIPALITY, status=OrganizationStatus.ACTIVE,
        identifiers=(code,),
    )
    system = actors.system("proof")
    report = accounts.load_local_authorities((body,), (), source="proof", actor=system, now=now)
    assert report.refused == ()
