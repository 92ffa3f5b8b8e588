"""Organizations with everything in them, made through the product's doors; each text holds its owner's mark.

What the doors leave without a mark is then written by column (`columns.csv`), so that no text column stays
silent.
"""

import json
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ocapi.kernel.tenants.data import Kind
from ocapi.lib import actor as actors
from ocapi.lib import clock
from tests.proofs.isolation import canary, marking, publishing, registers
from tests.proofs.isolation.holding import House

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
UNTOUCHED = timedelta(minutes=20)
"""How far ahead sessions begin: when one was last used is written now and then, and would be with one request
of a pair that has to be answered alike.
"""
VISITS = 40  # of the worker, more than there is to do


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
    marking.mark_columns(house)


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
        made = signed_in(SessionStore(), now=clock.now() + UNTOUCHED, **more)
        house.cookies[party] = made.session_key or ""

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


def _readings_to_load(name: str, stream: str, admin: Any, now: datetime) -> str:
    """Put a file of readings where the data plane does, and have it checked; gives its uuid."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import durable, handed, ids
    from ocapi.modules.capture import api as capture
    from ocapi.modules.capture.data import LoadChoice, UploadColumns

    upload, content = ids.new_uuid(now), b"time,value\n2026-11-01T10:00:00Z,4\n"
    folder = handed.folder_of(tenants.folder() / "capture", upload)
    durable.make_directory(folder)
    durable.write_file(folder / handed.DATA, content)
    about = handed.About(name=name, size_bytes=len(content), sha256="0" * 64, arrived_at=now)
    handed.add_about(folder, about)
    choice = LoadChoice(columns=UploadColumns(time="time", value="value"), sensor=stream)
    capture.check_load(upload=upload, choice=choice, about_rows=1, actor=admin, now=now)
    return str(upload)


def _of_staff(house: House, now: datetime) -> None:
    from ocapi.kernel.jobs import api as jobs
    from ocapi.kernel.search import api as search
    from ocapi.kernel.tenants.testing import a_staff_member
    from ocapi.lib import ids
    from ocapi.modules.capture import api as capture
    from ocapi.modules.capture.data import SensorInput, StreamFacts
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
    capture.change_sensor(
        sensor=house.own["stream"],
        given=SensorInput(
            title=text("Tellus"),
            unit="1",
            place=text("Markt"),
            source=text("Bron"),
            license=text("Vrij"),
            quality=text("Goed"),
            owner=text("Eigenaar"),
            procedure=text("Lus"),
            minimum="0",
        ),
        actor=admin,
        now=now,
    )
    capture.add_calibration(
        sensor=house.own["stream"],
        day=now.date(),
        laboratory=text("Labo"),
        result=text("Afwijking"),
        actor=admin,
        now=now,
    )
    house.own["upload"] = _readings_to_load(text("metingen.csv"), house.own["stream"], admin, now)
    search.index(
        kind="page",
        uuid=ids.new_uuid(now),
        url="/x",
        title=text("Zwembad", "public"),
        summary=text("Zwemmen", "public"),
        body=text("Water", "public"),
        now=now,
    )
    house.own |= {"code": "kapvergunning", "entry": registers.catalog_entry(house, now), "name": "tokens.css"}
    PeerRow.objects.create(
        uuid=ids.new_uuid(now),
        source=f"https://{house.marks.mark}.example",
        name=text("Buur"),
        until=now.date(),
    )
    registers.process(house, now)
    registers.linked_data(house, now)
    publishing.council(house, now)
    publishing.open_data(house, now)
    publishing.indicators(house, now)


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


def _uuid(text: str) -> Any:
    from uuid import UUID

    return UUID(text)
