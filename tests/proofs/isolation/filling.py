"""Organizations with everything in them, made through the product's doors; each text holds its owner's mark.

What the doors leave without a mark is then written by column (`columns.csv`), so that no text column stays
silent.
"""

import csv
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ocapi.kernel.tenants.data import Kind, Tenant
from ocapi.lib import actor as actors
from ocapi.lib import clock
from tests.proofs.isolation import canary
from tests.proofs.isolation.canary import Canaries

HERE = Path(__file__).parent
KINDS = {"alpha": Kind.MUNICIPALITY, "beta": Kind.MUNICIPALITY, "gamma": Kind.PSW_CENTRE}
PACKS = (
    "letters",
    "notifications",
    "case-types",
    "principles",
    "smart-city-domains",
    "public-services",
    "reference-processes",
)
FORMS = ("proef", "verzonden")  # one whose draft stays open, one that is sent
LOADER = actors.system("proof")
STAFF = ("clerk", "policy_maker", "dpo", "tenant_admin", "collective_admin", "supplier", "suspended")
VISITS = 40  # of the worker, more than there is to do


@dataclass(slots=True, kw_only=True)
class House:
    """One filled organization. own, other: identifiers by route parameter, of the first and second citizen.

    cookies: session by party. token: of a machine account with every scope; narrow: with a single one;
    clients: the ids of both accounts.
    texts: what a filter may ask for. pair: the keys of its machine accounts.
    """

    tenant: Tenant
    marks: Canaries
    own: dict[str, str] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    narrow: str = ""
    clients: tuple[str, str] = ("", "")
    texts: dict[str, str] = field(default_factory=dict)
    pair: Any = None

    @property
    def host(self) -> str:
        """Give the name it is served under."""
        return self.tenant.hosts[0]


def fill(seed: int, *, keys: Iterable[str] = KINDS, tails: tuple[str, ...] = ()) -> dict[str, House]:
    """Prepare the installation and fill these organizations; gives them by key.

    tails: what stands behind each text, for who wants hostile ones.
    """
    from django.conf import settings

    from ocapi.kernel.tenants import api as tenants
    from ocapi.modules.exchange.tests.keys import KeyPair
    from ocapi.modules.forms.tests.factories import FakeRegister, prefill_sources

    coin, now = random.Random(seed), clock.now()
    if prefill_sources.find("register") is None:
        prefill_sources.add(FakeRegister())
    tenants.prepare_platform(now=now)
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    houses, pair = {}, KeyPair()  # one pair for all: keys must not be what tells organizations apart
    for key in keys:
        made = tenants.create(key=key, kind=KINDS[key], now=now)
        houses[key] = House(tenant=made, marks=canary.made(key, coin, tails), pair=pair)
    for house in houses.values():
        with tenants.bind_tenant(house.tenant):
            _fill_one(house, now)
    return houses


def _fill_one(house: House, now: datetime) -> None:
    from ocapi.kernel.registry import api as registry

    for name in registry.list_packs():
        if name in PACKS:
            registry.load_pack(name=name, now=now)
    _settings(house, now)
    _form(now)
    people = _people(house, now)
    for owner, facts in (("first", house.own), ("second", house.other)):
        _of_citizen(house, owner, people[owner], facts, now)
    _of_staff(house, now)
    _work(now)
    _after_work(house, people)
    _mark_columns(house)


def _settings(house: House, now: datetime) -> None:
    from ocapi.kernel.registry import api as registry

    values = {
        "organization.name": house.marks.text("public", "Gemeente"),
        "organization.tagline": house.marks.text("public", "Leuze"),
    }
    for name, value in values.items():
        registry.save_setting(name=name, value=value, actor=LOADER, now=now)


def _form(now: datetime) -> None:
    from ocapi.kernel.tenants.testing import a_staff_member
    from ocapi.modules.forms import api as forms
    from ocapi.modules.forms.data import Field, FieldType, SetField
    from ocapi.modules.forms.tests.factories import loaded

    for code in FORMS:
        loaded(now=now, code=code, service="kapvergunning", case_type="kapvergunning")
    cell = Field(code="family_name", type=FieldType.TEXT, label="Naam", required=True)
    rows = Field(code="team", type=FieldType.REPEAT, label="Ploeg", required=False, fields=(cell,))
    forms.edit_design(
        form=FORMS[0], edit=SetField(section="who", field=rows), revision=0, actor=a_staff_member("clerk"),
        now=now,
    )


def _people(house: House, now: datetime) -> dict[str, Any]:
    from django.contrib.sessions.backends.db import SessionStore

    from ocapi.kernel.accounts import api as accounts
    from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in
    from ocapi.lib.actor import Capacity, Subject

    def person(owner: str) -> Any:
        return a_person(
            now=now,
            given_name=house.marks.text(owner, "Noor"),
            family_name=house.marks.text(owner, "Peeters"),
        )

    def session(party: str, **more: Any) -> None:
        house.cookies[party] = signed_in(SessionStore(), **more).session_key or ""

    people = {"first": person("first"), "second": person("second"), "helper": person("inner")}
    session("citizen_self", person=people["first"].uuid)
    session("citizen_other", person=people["second"].uuid)
    power = accounts.grant_power_of_attorney(
        grantor=Subject(kind="person", uuid=people["first"].uuid),
        representative=Subject(kind="person", uuid=people["helper"].uuid),
        services=("*",),
        expires_at=now + timedelta(days=2),
        actor=ACTOR,
        now=now,
    )
    back = accounts.grant_power_of_attorney(
        grantor=Subject(kind="person", uuid=people["second"].uuid),
        representative=Subject(kind="person", uuid=person("inner").uuid),
        services=("*",),
        expires_at=now + timedelta(days=2),
        actor=ACTOR,
        now=now,
    )
    house.own["power"], house.other["power"] = str(power.uuid), str(back.uuid)
    session("represented", person=people["helper"].uuid, power=power.uuid)
    for role in STAFF:
        member = person("inner")
        held = accounts.grant_role(person=member.uuid, code=role, actor=ACTOR, now=now)
        session(role, person=member.uuid, capacity=Capacity.STAFF)
        if role == "policy_maker":
            house.own |= {"person": str(member.uuid), "role": str(held.uuid)}
    return people


def _of_citizen(house: House, owner: str, person: Any, facts: dict[str, str], now: datetime) -> None:
    from ocapi.kernel.files import api as files
    from ocapi.kernel.tenants.testing import a_citizen, a_staff_member
    from ocapi.modules.cases.data import AnsweredFact
    from ocapi.modules.cases.tests.factories import PDF, a_case, in_status
    from ocapi.modules.forms import api as forms
    from ocapi.modules.forms.tests.test_crash import RAW

    def text(words: str) -> str:
        return house.marks.text(owner, words)

    citizen = a_citizen(person=person.uuid, display_name=text("Noor"))
    clerk = a_staff_member("clerk", display_name=house.marks.text("inner", "Bram"))
    answers = (
        AnsweredFact(
            section="tree", field="species", label=text("Boom"), value=text("Een eik"), source=text("bron")
        ),
    )
    facts["file"] = str(files.keep(content=PDF, name=f"{text('plan')} bijlage.pdf", now=now).uuid)
    case = a_case(
        citizen=citizen,
        now=now,
        answers=answers,
        attachments=(_uuid(facts["file"]),),
        idempotency_key=f"key-{owner}",
    )
    case = in_status(case, "start", clerk=clerk, now=now)
    case = _asked(case, text, clerk, now)
    case = _decided(case, text, clerk, now)
    facts["case"] = facts["case_id"] = str(case.uuid)
    house.texts[f"reference {owner}"] = case.reference
    raw = {**RAW, "occupied": ["true"], "occupant": [text("")[:20]], "family_name": [text("Peeters")]}
    for form in reversed(FORMS):
        draft = forms.start(form=form, actor=citizen, now=now)
        for section in ("who", "move"):
            draft = forms.save_section(
                draft=draft.uuid,
                section=section,
                raw=raw,
                actor=citizen,
                now=now,
                address_form="formal",
                revision=draft.revision,
            ).draft
        if form != FORMS[0]:
            forms.submit(draft=draft.uuid, actor=citizen, now=now, address_form="formal")
    facts |= {
        "draft": str(draft.uuid),
        "form": FORMS[0],
        "section": "who",
        "field": "family_name",
        "repeat": "team",
        "applicant": str(person.uuid),
    }


def _asked(case: Any, text: Any, clerk: Any, now: datetime) -> Any:
    from ocapi.modules.cases import api as cases

    case = cases.ask_information(
        case=case.uuid, question=text("Welke boom"), actor=clerk, now=now, revision=case.revision
    )
    return cases.answer_information(
        case=case.uuid, text=text("De boom"), attachments=(), actor=clerk, now=now
    )


def _decided(case: Any, text: Any, clerk: Any, now: datetime) -> Any:
    from ocapi.modules.cases import api as cases

    return cases.decide(
        case=case.uuid,
        outcome="granted",
        motivation=text("De boom is ziek"),
        actor=clerk,
        now=now,
        revision=case.revision,
    )


def _of_staff(house: House, now: datetime) -> None:
    from ocapi.kernel.jobs import api as jobs
    from ocapi.kernel.search import api as search
    from ocapi.kernel.tenants.testing import a_staff_member
    from ocapi.lib import ids
    from ocapi.modules.capture import api as capture
    from ocapi.modules.capture.data import StreamFacts
    from ocapi.modules.exchange import api as exchange
    from ocapi.modules.insight.models import PeerRow

    def text(words: str = "", owner: str = "inner") -> str:
        return house.marks.text(owner, words)

    admin = a_staff_member("tenant_admin")

    def application(*scopes: str) -> Any:
        return exchange.register_application(
            name=text("Parkeren"),
            owner=text("Parkeerbedrijf"),
            jwks=json.dumps(house.pair.jwk),
            scopes=scopes,
            actor=admin,
            now=now,
        )

    made = application(*(each.code for each in exchange.list_scopes()))
    house.own["application"] = str(made.uuid)
    house.clients = (made.client_id, application("audit:proofs:read").client_id)
    take_tokens(house, now)
    hook = jobs.subscribe(
        url=f"https://{house.marks.mark}.example/in",
        patterns=("be.ocapi.cases.*",),
        actor=admin,
        now=now,
    )
    house.own |= {"subscription": str(hook.uuid), "subscriptionId": str(hook.uuid)}
    house.own["stream"] = f"tel-{house.marks.mark}"
    capture.load_hours(
        facts=StreamFacts(
            code=house.own["stream"],
            title=text("Tellus"),
            unit="1",
            place=text("Markt"),
            source=text("Bron"),
            license=text("Vrij"),
            quality=text("Goed"),
        ),
        figures=(),
        now=now,
    )
    search.index(
        kind="page",
        uuid=ids.new_uuid(now),
        url="/x",
        title=text("Zwembad", "public"),
        summary=text("Zwemmen", "public"),
        body=text("Water", "public"),
        now=now,
    )
    house.own |= {"code": "kapvergunning", "entry": _catalog_entry(house, now), "name": "tokens.css"}
    PeerRow.objects.create(
        uuid=ids.new_uuid(now),
        source=f"https://{house.marks.mark}.example",
        name=text("Buur"),
        until=now.date(),
    )
    _process(house, now)
    _linked_data(house, now)
    _council(house, now)
    _open_data(house, now)
    _indicators(house, now)


def _indicators(house: House, now: datetime) -> None:
    """Load rows, compute an indicator of them, and keep a note and a question."""
    from ocapi.lib import ids
    from ocapi.lib.columns.tables import ColumnType
    from ocapi.modules.insight import api, models
    from ocapi.modules.insight.data import indicators as data

    def text(words: str, owner: str = "public") -> str:
        return house.marks.text(owner, words)

    columns = (
        data.TableColumn(name="part", type=ColumnType.TEXT, title="Deel"),
        data.TableColumn(name="period", type=ColumnType.DATE, title="Dag"),
        data.TableColumn(name="counted", type=ColumnType.INTEGER, title="Aantal"),
    )
    source = data.Source(publisher="Eigen", dataset="Eigen", license="Geen")
    declared = data.Dataset(
        code="parts", title=data.Words(nl="Delen", en="Parts"), columns=columns, source=source,
        period="period",
    )
    api.load_datasets(datasets=[declared], now=now)
    api.add_rows(
        dataset="parts", rows=[(text("Deel"), now.date(), 7)], source_name=text("Bestand"), now=now
    )
    formula = "select period, part as slice, sum(counted) as value from parts group by period, part"
    indicator = data.Indicator(
        code="parts", version=1, title=data.Words(nl="Delen", en="Parts"), domains=("mobility",),
        views=(data.View.SOCIAL,), kind=data.Kind.OUTPUT, unit="1", sql=formula, method="Som",
        owner="Mobiliteit", slices="Deel",
    )
    api.load_indicators(indicators=[indicator], now=now)
    assert api.compute_indicators(now=now).ready == 1
    models.NoteRow.objects.create(
        uuid=ids.new_uuid(now), indicator="parts", period=now.date(), text=text("Brug dicht", "inner"),
        written_at=now,
    )
    models.QueryRow.objects.create(
        uuid=ids.new_uuid(now), title=text("Vraag", "inner"), sql="select 1 as x", saved_at=now
    )
    _dashboards(house, now)


def _dashboards(house: House, now: datetime) -> None:
    """Keep a dashboard that everybody sees and one for colleagues, each with a newer draft."""
    from ocapi.lib import ids
    from ocapi.modules.insight import models
    from ocapi.modules.insight.data.dashboards import Audience, Layout, Tile
    from ocapi.modules.insight.services import dashboards

    for audience, owner in ((Audience.PUBLIC, "public"), (Audience.INSIDE, "inner")):
        shown, draft = (
            Layout(title=house.marks.text(of, "Bord"), tiles=(Tile(indicator="parts"),))
            for of in (owner, "inner")
        )
        models.DashboardRow.objects.create(
            uuid=ids.new_uuid(now), code=f"bord-{audience}", draft=dashboards.written(draft),
            published=dashboards.written(shown), audience=audience, role="", origin="own", saved_at=now,
            published_at=now,
        )


def take_tokens(house: House, now: datetime) -> None:
    """Give the machine accounts of the bound organization tokens that last from now on."""
    house.token, house.narrow = (_token(house, client, now) for client in house.clients)


def _token(house: House, client: str, now: datetime) -> str:
    from ocapi.lib import ids
    from ocapi.modules.exchange import api as exchange
    from ocapi.modules.exchange.data import ASSERTION_TYPE

    endpoint, moment = f"https://{house.host}/oauth/token", int(now.timestamp())
    claims = {
        "iss": client,
        "sub": client,
        "aud": endpoint,
        "iat": moment,
        "exp": moment + 120,
        "jti": ids.token(8),
    }
    return exchange.issue_token(
        grant_type="client_credentials",
        client_assertion_type=ASSERTION_TYPE,
        scope="",
        client_assertion=house.pair.signed(claims),
        audiences=(endpoint,),
        address="192.0.2.1",
        now=now,
    ).access_token


def _catalog_entry(house: House, now: datetime) -> str:
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
    from ocapi.modules.services import localizing
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
        published_at=now,
    )
    return str(row.uuid)


def _process(house: House, now: datetime) -> None:
    from xml.sax.saxutils import quoteattr

    from ocapi.lib import ids
    from ocapi.modules.processes.models import IncidentRow, InstanceRow, TaskRow
    from ocapi.modules.processes.tests import factories as processes

    text = house.marks.text("inner")
    made = processes.deployed(f'<userTask id="a" name={quoteattr(text)}/>', "s>a", "a>e", key="proof")
    started = processes.started(key="proof", business_key=text, note=text)
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
    task = str(TaskRow.objects.get(instance__uuid=started.uuid).uuid)
    house.own |= {
        "definition": str(made.uuid),
        "other": str(made.uuid),
        "instance": str(started.uuid),
        "instanceId": str(started.uuid),
        "task": task,
        "taskId": task,
        "incident": str(incident.uuid),
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
    rules.deploy(raw=fees(), actor=ADMIN, now=now)
    processes.save_connection(
        connection=Connection(code="kapvergunning", title=text, base_url="https://proof.example"), secret="",
        is_new=True, actor=ADMIN, now=now,
    )
    house.own |= {"drawing": str(drawing.uuid), "model": str(draft.uuid)}


def _linked_data(house: House, now: datetime) -> None:
    """Make a service of each kind of access with an object; the routes lead to the open one."""
    from tempfile import TemporaryDirectory

    from ocapi.modules.linkeddata import api as linkeddata
    from ocapi.modules.linkeddata.data import Access
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
    with TemporaryDirectory() as place:
        linkeddata.create_service(
            folder=places.a_folder(Path(place)), may_read=Access.OPEN, actor=system, now=now
        )
    body = places.a_place(naam=text("inner", "Markt"))
    placed = linkeddata.create_object(service="plaatsen", term="Plaats", body=body, actor=system, now=now)
    house.own["feature"] = str(placed.uuid)


def _open_data(house: House, now: datetime) -> None:
    """Share the list of services, and harvest a dataset of elsewhere; the routes lead to the shared one."""
    from ocapi.modules.opendata import api as opendata
    from ocapi.modules.opendata import queries
    from ocapi.modules.opendata.data import Ground, SourceKind
    from ocapi.modules.opendata.tests.factories import Elsewhere, a_dataset, an_about
    from ocapi.modules.opendata.tests.test_harvest import ADDRESS, page, turtle

    system, text = actors.system("proof"), house.marks.text
    about = an_about(
        title=text("public", "Diensten"), description=text("public", "Alle diensten"),
        keywords=(text("public", "dienst")[:40],), contact_email="data@example.org",
    )
    code, _decided_ = opendata.propose(
        source="services", code="dienstverlening", about=about, ground=Ground.REUSE,
        motive=text("inner", "Op vraag"), actor=system, now=now,
    )
    house.own |= {"dataset": str(queries.dataset_row(code=code).uuid), "dataset_code": code}
    source = opendata.add_source(
        title=text("public", "Elders"), address=ADDRESS, kind=SourceKind.DCAT, actor=system, now=now
    )
    seen = page([a_dataset(title=(("nl", text("public", "Bomen")),))])
    opendata.harvest(source=source, now=now, fetch=Elsewhere({ADDRESS: turtle(seen)}))
    opendata.stop_source(source=source, actor=system, now=now)
    opendata.add_source(
        title=text("public", "Elders"), address=ADDRESS, kind=SourceKind.DCAT, actor=system, now=now
    )
    opendata.harvest(source=source, now=now, fetch=Elsewhere({ADDRESS: turtle(seen)}))
    house.own["source"] = str(source)


def _council(house: House, now: datetime) -> None:
    """Hold a meeting with a public and a closed point, publish its agenda, and leave a draft beside it."""
    from ocapi.kernel.tenants.testing import a_staff_member
    from ocapi.modules.council import api as council
    from ocapi.modules.council.data import DocumentKind, Part, Presence
    from ocapi.modules.council.models import VoteRow
    from ocapi.modules.council.tests import factories

    text = house.marks.text
    first, second = (a_staff_member(display_name=text("inner", name)) for name in ("Sofie", "Dirk"))
    body, term, holders = _mandates(house, now)
    at = now + timedelta(days=10)
    place = text("public", "Zaal")
    meeting = council.plan_meeting(body=body, planned_at=at, place=place, actor=first, now=now)
    town = factories.Town(body=body, term=term, chair=holders[0], members=(holders[1], holders[2]),
                          director=holders[3], meeting=meeting)
    open_point = factories.an_item(
        town, now=now, title=text("public", "Zalen"), description=text("public", "Duurder"))
    factories.an_item(town, now=now, title=text("inner", "Tucht"), description=text("inner", "Over iemand"),
                      is_public=False, public_title=text("public", "Personeel"))

    def released(kind: DocumentKind, item: Any = None) -> Any:
        made = council.prepare_document(meeting=meeting, kind=kind, item=item, actor=first, now=now)
        council.publish_document(release=made, actor=second, now=now)
        return made

    released(DocumentKind.AGENDA)
    parts = (Part.CHAIR, Part.MEMBER, Part.MEMBER, Part.SECRETARY)
    council.record_attendance(
        meeting=meeting, revision=factories.seen(town, now=now).revision, actor=first, now=now,
        who=[(who, Presence.PRESENT, part) for who, part in zip(holders, parts, strict=True)])
    revision = factories.seen(town, now=now).revision
    council.open_meeting(meeting=meeting, at=at, revision=revision, actor=first, now=now)
    decision = factories.a_text(
        title=text("public", "Retributie"), summary=text("public", "Kort"),
        motivation=text("public", "Daarom"), plan_action=text("public", "AC-1"),
        articles=(factories.Article(number="1", text=text("public", "Artikel")),),
        grounds=(factories.LegalGround(title=text("public", "Decreet")),),
    )
    result = factories.Counted(subject=text("public", "Stemming"), way=factories.Way.NAMED,
                               choices=factories.a_named_vote(town).choices)
    factories.decided(town, open_point, now=now, text=decision, result=result)
    factories.closed(town, now=now)
    release = released(DocumentKind.EXTRACT, open_point)
    council.prepare_document(
        meeting=meeting, kind=DocumentKind.MINUTES, item=None, actor=first, now=now)
    document = council.get_publication(release=release, actor=first).release.document
    house.own |= {
        "meeting": str(meeting), "meeting_id": str(meeting), "item": str(open_point), "body": str(body),
        "period": str(term), "holder": str(holders[1]), "release": str(release), "publication": str(document),
        "publication_id": str(document), "vote": str(VoteRow.objects.get().uuid),
    }


def _mandates(house: House, now: datetime) -> tuple[Any, Any, list[Any]]:
    from datetime import date

    from ocapi.kernel.tenants.testing import a_staff_member
    from ocapi.modules.council import api as council
    from ocapi.modules.council.data import NewHolder

    text, clerk = house.marks.text, a_staff_member()
    body = council.add_body(kind="council", title=text("public", "Raad"), iri="", actor=clerk, now=now)
    term = council.add_term(body=body, starts_on=date(2025, 1, 1), ends_on=None, iri="", actor=clerk, now=now)
    return body, term, [
        council.add_holder(term=term, actor=clerk, now=now, holder=NewHolder(
            given_name=text("public", "Mira"), family_name=text("public", "Wilg"), role=role,
            faction=text("public", "Samen"), rank=text("public", "Eerste"), starts_on=date(2025, 1, 1)))
        for role in ("councilChair", "councillor", "councillor", "director")
    ]


def _work(now: datetime) -> None:
    from ocapi.kernel.jobs import api as jobs

    for _ in range(VISITS):
        if not jobs.visit(now=now + timedelta(seconds=1), budget_ms=20_000).did:
            return


def _after_work(house: House, people: dict[str, Any]) -> None:
    """Find what the worker made: letters, messages, deliveries, leaves."""
    from ocapi.kernel.audit import api as audit
    from ocapi.kernel.audit.models import LeafRow
    from ocapi.kernel.jobs.models import DeliveryRow, SubscriptionRow
    from ocapi.kernel.outbox.models import EventRow
    from ocapi.lib import ids
    from ocapi.modules.cases.models import LetterRow
    from ocapi.modules.forms.models import SubmissionRow
    from ocapi.modules.notify.models import MessageRow

    now = clock.now()
    for owner, facts in (("first", house.own), ("second", house.other)):
        facts["submission"] = str(SubmissionRow.objects.filter(owner=people[owner].uuid).first().uuid)
        facts["document"] = str(LetterRow.objects.filter(case__uuid=facts["case"]).last().document)
        messages = MessageRow.objects.filter(recipient=people[owner].uuid)
        messages.update(title=house.marks.text(owner, "Bericht"), body=house.marks.text(owner, "Dag"))
        facts["message"] = str(messages.first().uuid)
    audit.seal(now=now)
    house.own["leaf"] = str(LeafRow.objects.filter(sequence__isnull=False).first().uuid)
    SubscriptionRow.objects.update(state="active")
    row = DeliveryRow.objects.create(
        uuid=ids.new_uuid(now),
        subscription=SubscriptionRow.objects.first(),
        event=EventRow.objects.first().uuid,
        event_type="be.ocapi.cases.case.received.v1",
        subject=house.marks.text("inner"),
        sequence=1,
        state="failed",
        due_at=now,
    )
    house.own |= {"delivery": str(row.uuid), "deliveryId": str(row.uuid)}


def columns() -> Iterator[tuple[Any, Any]]:
    """Give every text or JSON column of ours with its model."""
    from django.apps import apps
    from django.db import models

    for config in apps.get_app_configs():
        if config.name.startswith("ocapi.") and config.label != "tenants":
            for model in config.get_models():
                for column in model._meta.concrete_fields:
                    if isinstance(column, models.CharField | models.TextField | models.JSONField):
                        yield model, column


def judged() -> dict[tuple[str, str], str]:
    """Give what people decided of each column: `text`, or why it can't hold any."""
    with (HERE / "columns.csv").open(newline="") as file:
        return {(row["table"], row["column"]): row["holds"] for row in csv.DictReader(file)}


def _mark_columns(house: House) -> None:
    known = judged()
    for model, column in columns():
        if known.get((model._meta.db_table, column.name)) == "text":
            for row in model.objects.all():
                old = str(getattr(row, column.name))
                if house.marks.mark not in old.lower():
                    setattr(row, column.name, _fitting(house.marks.text("inner", old), column.max_length))
                    row.save(update_fields=[column.name])


def _fitting(text: str, longest: int | None) -> str:
    return text if longest is None else text[-longest:]


def silent(house: House) -> list[str]:
    """Name the text columns that hold no mark of this organization, and those nobody judged."""
    from django.db import connection

    found, known = [], judged()
    for model, column in columns():
        table, name = model._meta.db_table, column.name
        holds = known.get((table, name))
        if holds is None:
            found.append(f"{table}.{name}: not judged")
        elif holds in ("text", "marked"):
            with connection.cursor() as cursor:
                pattern = f"%{house.marks.mark}%"
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" WHERE lower(CAST("{column.column}" AS text)) LIKE %s',
                    [pattern],
                )
                if cursor.fetchone()[0] == 0:
                    found.append(f"{table}.{name}: no mark")
    return found


def _uuid(text: str) -> Any:
    from uuid import UUID

    return UUID(text)
