"""Runs the demo's data services: the shipped profiles, filled with what the product knows or invents."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from ocapi.lib import codec
from ocapi.main.demo_data import LOADER

ORGANIZATIONS = frozenset({"aalter", "vlavirgem"})
SERVICES = ("adressen", "openbare-diensten", "innames", "observaties", "besluiten", "omgevingsvergunningen")
COUNTER = (103_720, 194_180)  # Lambert 72, beside the canal in Ghent
COUNTS = "https://data.vlaanderen.be/id/concept/Verkeerskenmerktype/aantal"
DAYS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoObject:
    """One object of a demo service. says: JSON-LD without context."""

    key: str
    term: str
    says: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoObjects:
    """A file of `content/demo/objects`."""

    service: str
    objects: tuple[DemoObject, ...]


def fill(content: Path, *, now: datetime) -> int:
    """Make the services of the bound organization and fill them; gives how many objects were made."""
    from ocapi.modules.linkeddata import api as linkeddata
    from ocapi.modules.linkeddata.data import RegisteredThing

    made, _same = linkeddata.load_public_bodies(actor=linkeddata.LOADER, now=now)
    for code in SERVICES:
        linkeddata.create_shipped(code=code, now=now)
        things = [
            RegisteredThing(key=each.key, term=each.term, body=each.says) for each in _objects(content, code)
        ]
        changed, _same = linkeddata.load_register(
            service=code, things=things, actor=linkeddata.LOADER, now=now
        )
        made += changed
    return made


def publish_services(*, now: datetime) -> int:
    """Publish the products of the bound organization in its feed of services; gives how many."""
    from ocapi.modules.services import api as services

    published, _stayed = services.publish_products(actor=LOADER, now=now)
    return published


def _objects(content: Path, code: str) -> Iterator[DemoObject]:
    if code == "openbare-diensten":
        yield from _public_services(content / "public-services" / "services")
    elif code == "observaties":
        yield from _observations(content / "bike-counts" / "coupure-links-2022.csv")
    else:
        raw = (content / "demo" / "objects" / f"{code}.yaml").read_bytes()
        yield from codec.decode_yaml(raw, DemoObjects).objects


def _public_services(folder: Path) -> Iterator[DemoObject]:
    """Give the products of the reference municipality as public services."""
    for path in sorted(folder.glob("*.yaml")):
        read: Any = codec.decode_yaml(path.read_bytes(), object)
        described = read["description"]
        yield DemoObject(
            key=f"dienst-{read['code']}",
            term="OpenbareDienst",
            says={
                "naam": read["title"],
                "beschrijving": described["formal"] if isinstance(described, dict) else described,
                "trefwoord": list(read.get("themes", ())),
            },
        )


def _observations(path: Path) -> Iterator[DemoObject]:
    """Give the bicycles that passed a counter, by day."""
    totals: dict[date, int] = {}
    for line in path.read_text().splitlines():
        moment, _, rest = line.partition(";")
        hours = [int(each) for each in rest.split(",") if each.isdecimal()]
        if len(hours) == 24:
            totals[date.fromisoformat(moment)] = sum(hours)
    east, north = COUNTER
    for day, count in sorted(totals.items())[:DAYS]:
        yield DemoObject(
            key=f"fietsen-{day.isoformat()}",
            term="Observatie",
            says={
                "naam": f"Fietsen Coupure Links op {day:%d/%m/%Y}",
                "kenmerk": COUNTS,
                "resultaat": count,
                "tijdstip": f"{(day + timedelta(days=1)).isoformat()}T00:00:00+01:00",
                "plaats": {
                    "@type": "Positie",
                    "wkt": f"<http://www.opengis.net/def/crs/EPSG/0/31370> POINT({east} {north})",
                    "methode": "plaats van de teller",
                },
            },
        )
