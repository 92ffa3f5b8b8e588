"""`ocapi demo load`: official profiles of an operator's folder as data services of the demo, with real data.

Each profile is made a service in Aalter and Vlavirgem, filled, shared as open data, and followed by its feed
into the collective. A profile whose shapes check nothing is told so, and our own takes its place.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ocapi.lib import clock
from ocapi.lib.ldes.following import Fetched
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import of_triples
from ocapi.main import demo_open, demo_sources, demo_staff
from ocapi.main.demo_data import DemoOrganization, DemoPerson
from ocapi.main.demo_linked import ORGANIZATIONS, DemoObject

if TYPE_CHECKING:
    from ocapi.modules.linkeddata.data import ProfileRefused, RegisteredThing

CHECK_NOTHING = "shapesCheckNothing"
COLLECTIVE = "koepel"
REGISTER = "oslo/standards-register.json"
TURTLE = "text/turtle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An official profile that the demo runs. own: the code of our own profile, for one that is refused."""

    profile: str
    title: str
    read: Callable[[Path, Path], Iterator[DemoObject]]
    own: str


PLAN = (
    Planned(
        profile="organisatie-basis",
        title="Publieke organisaties (OSLO)",
        read=demo_sources.organizations,
        own="bestuurseenheden",
    ),
    Planned(
        profile="adresregister",
        title="Adressen van besturen (OSLO)",
        read=demo_sources.addresses,
        own="adressen",
    ),
    Planned(
        profile="dienstencataloog",
        title="Publieke dienstverlening (OSLO)",
        read=demo_sources.public_services,
        own="openbare-diensten",
    ),
    Planned(
        profile="inname-openbaar-domein",
        title="Innames openbaar domein (OSLO)",
        read=demo_sources.occupations,
        own="innames",
    ),
    Planned(
        profile="observaties-en-metingen",
        title="Fietstellingen (OSLO)",
        read=demo_sources.observations,
        own="observaties",
    ),
    Planned(
        profile="besluit-publicatie",
        title="Gepubliceerde besluiten (OSLO)",
        read=demo_sources.decisions,
        own="besluiten",
    ),
    Planned(
        profile="omgevingsvergunning",
        title="Dossiers omgevingsvergunning (OSLO)",
        read=demo_sources.permits,
        own="omgevingsvergunningen",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a service holds after loading. title: for people."""

    code: str
    title: str
    objects: int
    changed: int
    places: int


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `load`."""
    parser.add_argument("--profiles", type=Path, required=True, metavar="DIR", help="folder with profiles")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder with published data")


def load(
    options: argparse.Namespace,
    organizations: tuple[DemoOrganization, ...],
    people: tuple[DemoPerson, ...],
    content: Path,
) -> int:
    """Load every planned profile and print what each service holds; 1 when one could not be loaded."""
    from ocapi.kernel.tenants import api as tenants

    failed = 0
    for facts in organizations:
        if facts.key not in ORGANIZATIONS:
            continue
        print(facts.name)
        for planned in PLAN:
            try:
                with tenants.bind(facts.key):
                    held = fill(planned, options.profiles, options.data, content, now=clock.now())
                    pages, root = _feed(held.code)
                replica, taken, refused = _replicate(planned, held, facts, options.profiles, root, pages)
            except (OSError, ValueError, LookupError) as stopped:
                failed = 1
                said = f"{type(stopped).__name__}: {stopped}"
                print(f"  {planned.profile}: not loaded, {said}", file=sys.stderr)
                continue
            places = f", {held.places} with a place" if held.places else ""
            print(
                f"  {held.code}: {held.objects} objects ({held.changed} new or changed){places};"
                f" {COLLECTIVE} holds {replica} of them ({taken} taken, {refused} refused)"
            )
        with tenants.bind(facts.key):
            shared = _shared(facts, people, now=clock.now())
            standards = _register(options.data / REGISTER, now=clock.now())
        tenants.close_connections()
        print(f"  {shared} data services more in the catalogue of open data, {standards} standards known")
    return failed


def fill(planned: Planned, profiles: Path, data: Path, content: Path, *, now: datetime) -> Held:
    """Make the service of a profile in the bound organization and fill it."""
    from ocapi.modules.linkeddata import api

    code = make(planned, profiles, code=planned.profile, title=planned.title, now=now)
    things = map(_thing, planned.read(data, content))
    changed, _same = api.load_register(service=code, things=things, actor=api.LOADER, now=now)
    places = sum(each.count for each in api.list_collections(service=code, actor=api.LOADER))
    found = api.get_service(service=code, actor=api.LOADER)
    objects = sum(each.count for each in found.classes)
    return Held(code=code, title=found.title, objects=objects, changed=changed, places=places)


def make(planned: Planned, profiles: Path, *, code: str, title: str, now: datetime) -> str:
    """Make a service of the official profile, or of our own when its shapes check nothing; gives its code."""
    from ocapi.modules.linkeddata import api
    from ocapi.modules.linkeddata.data import Access, ProfileRefused, ServiceExists

    folder = profiles / planned.profile
    try:
        api.create_service(
            folder=folder, code=code, title=title, may_read=Access.OPEN, actor=api.LOADER, now=now
        )
    except ServiceExists:
        return code
    except ProfileRefused as refused:
        is_own = code == planned.profile
        if is_own:
            print(f"  {planned.profile}: refused, {_words(refused)}; our own {planned.own} takes its place")
        api.create_shipped(code=planned.own, under="" if is_own else code, title=title, now=now)
        return planned.own if is_own else code
    return code


def _words(refused: "ProfileRefused") -> str:
    """Say why a profile is refused: that its shapes check nothing when they do, else the first of all."""
    found = {code: detail for code, _where, detail in reversed(refused.findings)}
    if CHECK_NOTHING in found:
        return f"its shapes check nothing ({found[CHECK_NOTHING]})"
    code, where, detail = refused.findings[0]
    return f"{code} {where} {detail} and {len(refused.findings) - 1} more"


def _thing(of: DemoObject) -> "RegisteredThing":
    from ocapi.modules.linkeddata.data import RegisteredThing

    return RegisteredThing(key=of.key, term=of.term, body=of.says)


def _feed(code: str) -> tuple[dict[str, bytes], str]:
    """Give the pages of a feed of the bound organization by address, and that of its root."""
    from ocapi.modules.linkeddata import api
    from ocapi.modules.linkeddata.data import ObjectNotFound

    root = f"{api.base()}/data/{code}/feed"
    pages = {root: api.get_feed(service=code, media_type=TURTLE, actor=api.LOADER).content}
    number = 1
    while True:
        try:
            page = api.get_feed_page(service=code, number=number, media_type=TURTLE, actor=api.LOADER)
        except ObjectNotFound:
            return pages, root
        pages[f"{root}/{number}"] = page.content
        number += 1


def _replicate(
    planned: Planned,
    held: Held,
    facts: DemoOrganization,
    profiles: Path,
    root: str,
    pages: dict[str, bytes],
) -> tuple[int, int, int]:
    """Follow the feed into the collective; gives how many objects it holds, took and refused."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.modules.linkeddata import api

    def fetch(address: str, _tag: str) -> Fetched:
        parsed = turtle.parse(pages[address], format=turtle.Format.TURTLE, base_iri=address)
        return Fetched(graph=of_triples(parsed))

    with tenants.bind(COLLECTIVE):
        code = make(
            planned,
            profiles,
            code=f"{held.code}-van-{facts.key}",
            title=f"{held.title} van {facts.name}",
            now=clock.now(),
        )
        done = api.follow_feed(service=code, address=root, fetch=fetch, actor=api.LOADER, now=clock.now())
        found = api.get_service(service=code, actor=api.LOADER)
        return sum(each.count for each in found.classes), done.taken, len(done.refused)


def _register(path: Path, *, now: datetime) -> int:
    """Load the register of standards when the folder holds it; gives how many standards are known."""
    from ocapi.modules.linkeddata import api

    if path.is_file():
        api.import_standards(path=path, now=now)
    return api.list_standards(page_size=1, actor=api.LOADER).total


def _shared(facts: DemoOrganization, people: tuple[DemoPerson, ...], *, now: datetime) -> int:
    for each in demo_staff.acting(facts, people, roles=("tenant_admin",))[:1]:
        return demo_open.share(actor=each, now=now)
    return 0
