"""`ocapi demo`: the organizations, people and past requests a visitor of the demo meets;
invented, synthetic.
"""

import argparse
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from ocapi.lib import clock, durable
from ocapi.main import demo_figures, demo_linked, demo_official, demo_open, demo_staff
from ocapi.main.demo_data import LOADER, DemoOrganization, DemoPerson, Organizations, People, memberships

DAYS = {"monday": "maandag", "tuesday": "dinsdag", "wednesday": "woensdag", "thursday": "donderdag",
        "friday": "vrijdag", "saturday": "zaterdag", "sunday": "zondag"}
KINDS = {"municipality": "municipality", "psw_centre": "pswCentre", "collective": "collective",
         "supplier": "supplier"}
ROLES = {"integrator": "tenant_admin"}  # in a small organization whoever couples systems administers them too
PROCESSES = 2
ANNOUNCEMENT = """Klik op Aanmelden en kies een testpersoon, bij Aalter bijvoorbeeld:
  Fien Boomgaard    inwoner: vraag een kapvergunning aan
  Lotte Kasseide    medewerker: behandel ze in de werklijst
  Greet Lindendal   beleidsmaker: bekijk de cijfers, vergelijk gemeenten
  Sam Koppelveld    integrator: maak een machine-account onder Koppelingen
Alle personen zijn verzonnen.
"""


def add(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `demo` to the command line."""
    demo = groups.add_parser("demo", help="make the demo organizations, or bring them up to date")
    demo.add_argument("--fill", nargs="*", metavar="KEY", help="only fill these; used by the command itself")
    demo.set_defaults(handler=run)
    more = demo.add_subparsers(metavar="ACTION")
    load = more.add_parser("load", help="run official profiles of a folder with published data of another")
    demo_official.arguments(load)
    load.set_defaults(handler=run_load)


def run_load(options: argparse.Namespace) -> int:
    """Load official profiles into the demo that is there; a second run changes nothing. 2 outside a demo."""
    from django.conf import settings

    if not settings.OCAPI.is_demo:
        print("set OCAPI_DEMO=1: official profiles are loaded into the demo", file=sys.stderr)
        return 2
    missing = [each for each in (options.profiles, options.data) if not each.is_dir()]
    if missing:
        print(f"no folder {', '.join(map(str, missing))}", file=sys.stderr)
        return 2
    content = Path(settings.OCAPI.project) / "content"
    organizations, people = read(content / "demo")
    return demo_official.load(options, organizations, people, content)


def run(options: argparse.Namespace) -> int:
    """Make what is missing of the demo; a second run changes nothing. Refuses outside OCAPI_DEMO=1."""
    from django.conf import settings

    if not settings.OCAPI.is_demo:
        print("set OCAPI_DEMO=1: the demo invents people and an identity provider", file=sys.stderr)
        return 2
    organizations, people = read(Path(settings.OCAPI.project) / "content" / "demo")
    now = clock.now()
    if options.fill is not None:
        for facts in organizations:
            if facts.key in options.fill:
                _fill(facts, people, now=now)
        return 0

    from ocapi.kernel.registry import api as registry

    registry.migrate_all()
    for facts in organizations:
        _make(facts, now=now)
    demo_figures.agree(organizations, now=now)
    _identity_provider(organizations, people)
    durable.write_file(Path(settings.OCAPI.data) / "announcement.txt", ANNOUNCEMENT.encode())
    unfilled = [facts.key for facts in organizations if not _is_filled(facts)]
    failed = _fill_side_by_side(unfilled) if unfilled else _refresh(organizations, now=now)
    demo_figures.bring_together(organizations)
    return failed


def _fill_side_by_side(keys: list[str]) -> int:
    # Organizations share nothing, so two processes fill them; a new machine is ready in half the time.
    halves = [keys[start::PROCESSES] for start in range(PROCESSES)]
    command = [sys.executable, "-m", "ocapi.main.cli", "demo", "--fill"]
    running = [subprocess.Popen([*command, *half]) for half in halves if half]
    return max(process.wait() for process in running)


def _refresh(organizations: tuple[DemoOrganization, ...], *, now: datetime) -> int:
    from ocapi.kernel.tenants import api as tenants

    for facts in organizations:
        with tenants.bind(facts.key):
            _packs(now=now)
            if facts.kind == demo_figures.MUNICIPALITY:
                demo_figures.publish(now=now)
        tenants.close_connections()
    return 0


def _is_filled(facts: DemoOrganization) -> bool:
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants

    with tenants.bind(facts.key):
        return bool(registry.setting("organization.name"))  # written last, so a fill cut short is done again


def _make(facts: DemoOrganization, *, now: datetime) -> None:
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import Kind, UnknownTenant

    try:
        tenants.by_key(facts.key)
    except UnknownTenant:
        tenants.create(
            key=facts.key, kind=Kind(KINDS[facts.kind]), hosts=facts.hosts,
            is_reference=facts.reference, is_demo=True, now=now,
        )


def _packs(*, now: datetime) -> None:
    from ocapi.kernel.registry import api as registry

    for name in registry.list_packs():
        registry.load_pack(name=name, now=now)


def _fill(facts: DemoOrganization, people: tuple[DemoPerson, ...], *, now: datetime) -> None:
    from django.conf import settings

    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants

    started = clock.monotonic()
    with tenants.bind(facts.key):
        _packs(now=now)
        _settings(facts, now=now)
        _people(facts, people, now=now)
        _past(facts, people, now=now)
        registry.save_setting(name="organization.name", value=facts.name, actor=LOADER, now=now)
        if facts.kind == demo_figures.MUNICIPALITY:
            demo_figures.publish(now=now)
        if facts.key in demo_linked.ORGANIZATIONS:
            demo_linked.fill(Path(settings.OCAPI.project) / "content", now=now)
            demo_linked.publish_services(now=now)
            for each in demo_staff.acting(facts, people, roles=("tenant_admin",))[:1]:
                demo_open.share(actor=each, now=now)
    tenants.close_connections()
    print(f"  {facts.name} ({clock.monotonic() - started:.1f} s)", flush=True)


def read(folder: Path) -> tuple[tuple[DemoOrganization, ...], tuple[DemoPerson, ...]]:
    """Read the invented organizations and people from the pack `demo`."""
    from ocapi.lib import codec

    organizations = codec.decode_yaml((folder / "organizations.yaml").read_bytes(), Organizations)
    people = codec.decode_yaml((folder / "persons.yaml").read_bytes(), People)
    return organizations.organizations, people.persons


def _settings(facts: DemoOrganization, *, now: datetime) -> None:
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.ui.data import Tokens
    from ocapi.lib import codec
    from ocapi.web.organization import Contact

    brand, contact = facts.brand, facts.contact
    tokens = Tokens(
        brand=brand.primary,
        on_brand=brand.on_primary,
        accent=brand.accent,
        text=brand.text,
        focus=brand.focus,
        surface=brand.surface_tint,
        background=brand.surface,
        link=brand.primary_strong,
        radius_px=brand.radius_px,
    )
    opening = tuple(
        f"{DAYS[day.day].capitalize()}: "
        + (", ".join(f"{start} – {end}" for start, end in day.periods) or "gesloten")
        for day in facts.opening_hours
    )
    lines = (facts.name, *contact.address.line.split(", "))
    values = {
        "organization.address_form": facts.address_form,
        "organization.tagline": facts.tagline, "organization.tokens": codec.encode_json(tokens).decode(),
        "organization.contact": codec.encode_json(
            Contact(lines=lines, email=contact.email, telephone=contact.telephone, opening_hours=opening)
        ).decode(),
        "cases.reference_prefix": facts.case_prefix,
    }
    for name, value in values.items():
        registry.save_setting(name=name, value=value, actor=LOADER, now=now)


def _people(facts: DemoOrganization, people: tuple[DemoPerson, ...], *, now: datetime) -> None:
    from ocapi.kernel.accounts import api as accounts

    for person, membership in memberships(people, facts.key):
        known = accounts.find_person_by_national_number(person.national_number) or accounts.create_person(
            given_name=person.given_name,
            family_name=person.family_name,
            birth_date=person.birth_date.isoformat(),
            email=person.email,
            telephone=person.telephone,
            national_number=person.national_number,
            actor=LOADER,
            now=now,
        )
        if membership.capacity == "staff":
            role = ROLES.get(membership.role, membership.role)
            held = {found.code for found in accounts.list_roles(person=known.uuid)}
            if role not in held:
                accounts.grant_role(person=known.uuid, code=role, unit=membership.unit, actor=LOADER, now=now)
    if facts.kind in ("municipality", "psw_centre"):
        _register(people, facts.key, now=now)


def _register(people: tuple[DemoPerson, ...], key: str, *, now: datetime) -> None:
    from ocapi.main import demo_register

    demo_register.load([person for person, _membership in memberships(people, key)], now=now)


def _past(facts: DemoOrganization, people: tuple[DemoPerson, ...], *, now: datetime) -> None:
    from django.conf import settings

    from ocapi.main import demo_council, demo_past

    if facts.kind == "municipality":
        demo_past.live(facts, people, now=now)
        councils = demo_council.read(Path(settings.OCAPI.project) / "content" / "demo")
        demo_council.meet(facts, people, councils, now=now)


def _identity_provider(organizations: tuple[DemoOrganization, ...], people: tuple[DemoPerson, ...]) -> None:
    from django.conf import settings

    from ocapi.kernel.accounts.demo_idp import provisioning
    from ocapi.lib.actor import Capacity

    names = {each.key: each.name for each in organizations}
    test_persons = [
        provisioning.TestPerson(
            code=f"{person.key}.{each.organization}.{each.role}",
            subject=person.key,
            given_name=person.given_name,
            family_name=person.family_name,
            national_number=person.national_number,
            capacity=Capacity.STAFF if each.capacity == "staff" else Capacity.CITIZEN,
            level=each.assurance,
            tenant=each.organization,
            email=person.email,
            organization_code=each.organization if each.capacity == "staff" else "",
            organization_name=names[each.organization] if each.capacity == "staff" else "",
            roles=(ROLES.get(each.role, each.role),) if each.capacity == "staff" else (),
        )
        for person in people
        for each in person.memberships
    ]
    provisioning.write(
        folder=Path(settings.OCAPI.data) / "idp",
        uris=provisioning.redirect_uris(keys=names, port=settings.OCAPI.port), persons=test_persons,
    )
