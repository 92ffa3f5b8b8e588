"""Builders with speaking defaults. Covers nothing itself."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

from ocapi.lib import actor as actors
from ocapi.lib import clock
from ocapi.lib.actor import Actor, Assurance, Capacity
from ocapi.lib.dcat import lists
from ocapi.lib.dcat import vocabulary as v
from ocapi.lib.dcat.model import Agent, Contact, Dataset, Distribution
from ocapi.modules.opendata.data import (
    About,
    Column,
    ColumnKind,
    Ground,
    Offer,
    OfferNotFound,
    Table,
)
from ocapi.modules.opendata.fetching import Fetched, SourceUnavailable

SYSTEM = actors.system("test")
ANYBODY = Actor(capacity=Capacity.ANONYMOUS)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def staff(*roles: str) -> Actor:
    """Give a member of staff with roles, each time another person."""
    return Actor(
        capacity=Capacity.STAFF,
        assurance=Assurance.SUBSTANTIAL,
        person=uuid4(),
        roles=frozenset(roles or ("policy_maker",)),
    )


COUNTERS = (
    Column(name="naam", label="Naam"),
    Column(name="lengtegraad", label="Lengtegraad", kind=ColumnKind.LONGITUDE),
    Column(name="breedtegraad", label="Breedtegraad", kind=ColumnKind.LATITUDE),
    Column(name="geplaatst", label="Geplaatst op", kind=ColumnKind.DAY),
    Column(name="per_dag", label="Fietsers per dag", kind=ColumnKind.INTEGER),
)
COUNTER_ROWS = (
    ("Coupure", Decimal("3.7101"), Decimal("51.0513"), date(2024, 5, 1), 4120),
    ("Marktplein", Decimal("3.7255"), Decimal("51.0442"), date(2025, 2, 1), 980),
    ("Stationsstraat", None, None, date(2025, 9, 1), None),
)


def a_table(columns=COUNTERS, rows=COUNTER_ROWS) -> Table:
    """Give a table of bicycle counters."""
    return Table(columns=tuple(columns), rows=tuple(rows))


def an_offer(code: str = "fietstellers", **changes) -> Offer:
    """Give an offer of bicycle counters."""
    said = {
        "source": "test",
        "code": code,
        "title": "Fietstellers",
        "description": "Waar we fietsers tellen.",
        "columns": COUNTERS,
        "keywords": ("fiets", "tellen"),
        "theme": "TRAN",
    }
    return Offer(**{**said, **changes})


def an_about(**changes) -> About:
    """Give a description of bicycle counters."""
    said = {
        "title": "Fietstellers in de gemeente",
        "description": "Waar en hoeveel fietsers we tellen.",
        "keywords": ("fiets", "verkeer"),
        "theme": "TRAN",
        "frequency": "DAILY",
        "license": lists.FREE_REUSE,
        "quality": "Eén teller mist zijn plaats.",
    }
    return About(**{**said, **changes})


class Offering:
    """A source of offers that a test fills."""

    name = "test"

    def __init__(self) -> None:
        self.offers = [an_offer()]
        self.tables = {"fietstellers": a_table()}

    def add(self, code: str, table: Table, **changes) -> None:
        """Offer another table."""
        self.offers.append(an_offer(code, columns=table.columns, **changes))
        self.tables[code] = table

    def list_offers(self, *, now):
        """Give the offers."""
        return tuple(self.offers)

    def read(self, *, code, now):
        """Give the rows."""
        if code not in self.tables:
            raise OfferNotFound(code)
        return self.tables[code]


def published(*, code: str = "fietstellers", actor: Actor | None = None, now=None, **about) -> str:
    """Make an offer public; gives the code of the dataset."""
    from ocapi.modules.opendata import api

    made, _decided = api.propose(
        source="test",
        code=code,
        about=an_about(**about),
        ground=Ground.REUSE,
        motive="Vraag van burgers.",
        actor=actor or staff(),
        now=now or clock.now(),
    )
    return made


def a_dataset(iri: str = "https://data.elders.be/id/1", **changes) -> Dataset:
    """Give a dataset of a catalogue elsewhere."""
    said = {
        "iri": iri,
        "title": (("nl", f"Bomen {iri[-6:]}"),),
        "description": (("nl", "Alle bomen."),),
        "identifier": iri,
        "publisher": Agent(name=(("nl", "Gemeente Elders"),), iri="https://elders.be/"),
        "contact": Contact(name="Elders", email="data@example.org"),
        "access_rights": v.PUBLIC,
        "keywords": (("nl", "bomen"),),
        "themes": (f"{v.EU}data-theme/ENVI",),
        "modified": NOON,
        "distributions": (
            Distribution(
                iri=f"{iri}#csv",
                identifier=f"{iri}#csv",
                access_url=f"{iri}/data",
                download_url=f"{iri}/data.csv",
                format=f"{v.EU}file-type/CSV",
                media_type="text/csv",
                license=lists.CC_ZERO,
            ),
        ),
    }
    return Dataset(**{**said, **changes})


class Elsewhere:
    """A catalogue elsewhere: pages by address, and what was asked."""

    def __init__(self, pages: dict[str, tuple[bytes, str]] | None = None) -> None:
        self.pages = pages or {}
        self.asked: list[str] = []

    def __call__(self, address: str) -> Fetched:
        self.asked.append(address)
        if address not in self.pages:
            raise SourceUnavailable("status", f"404 {address}")
        content, kind = self.pages[address]
        return Fetched(content=content, media_type=kind, address=address)
