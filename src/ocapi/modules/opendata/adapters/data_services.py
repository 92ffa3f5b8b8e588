"""Offers the open data services: what each object is called, and the interfaces where all of it stands."""

from datetime import datetime

from ocapi.lib import actor as actors
from ocapi.modules.linkeddata import api as linkeddata
from ocapi.modules.linkeddata.data import Access, DataService, ServiceNotFound
from ocapi.modules.opendata.data import Column, ColumnKind, Offer, OfferedService, OfferNotFound, Table, Value
from ocapi.modules.opendata.extensions import MAX_ROWS

READER = actors.system("opendata.linkeddata")
PAGE = 500
COLUMNS = (
    Column(
        name="iri", label="Naam op het web", kind=ColumnKind.LINK, iri="http://purl.org/dc/terms/identifier"
    ),
    Column(name="soort", label="Soort"),
    Column(name="titel", label="Titel", iri="http://www.w3.org/2000/01/rdf-schema#label"),
    Column(
        name="gewijzigd",
        label="Gewijzigd op",
        kind=ColumnKind.INSTANT,
        iri="http://purl.org/dc/terms/modified",
    ),
    Column(name="geeindigd", label="Geëindigd op", kind=ColumnKind.DAY),
)


class DataServices:
    """Each data service that everybody may read; one about persons or for staff is never offered."""

    name = "linkeddata"

    def list_offers(self, *, now: datetime) -> tuple[Offer, ...]:
        """Give one offer per open service; one with very many objects by its interfaces alone."""
        return tuple(
            self._offer(each) for each in linkeddata.list_services(actor=READER) if each.access is Access.OPEN
        )

    def _offer(self, of: DataService) -> Offer:
        here = f"/data/{of.code}"
        count = sum(each.count for each in of.classes)
        return Offer(
            source=self.name,
            code=of.code,
            title=of.title,
            frequency="DAILY",
            columns=COLUMNS if count <= MAX_ROWS else (),
            description=summary(of),
            keywords=("linked data", of.title.lower()),
            documentation=f"{here}/openapi.yaml",
            services=(
                OfferedService(
                    code="rest",
                    title=f"REST-API van {of.title}",
                    endpoint=f"/api/linkeddata/v1/services/{of.code}",
                    description="Objecten opvragen per klasse, met filters en per pagina.",
                    conforms_to=("https://www.openapis.org/",),
                ),
                OfferedService(
                    code="ldes",
                    title=f"Wijzigingen van {of.title} (LDES)",
                    endpoint=f"{here}/feed",
                    description="Elke versie van elk object, om een kopie bij te houden.",
                    conforms_to=("https://w3id.org/ldes/specification",),
                ),
            ),
        )

    def read(self, *, code: str, now: datetime) -> Table:
        """Give an object per row, those that are there now."""
        try:
            service = linkeddata.get_service(service=code, actor=READER)
        except ServiceNotFound:
            raise OfferNotFound(code) from None
        if service.access is not Access.OPEN:
            raise OfferNotFound(code)
        rows: list[tuple[Value, ...]] = []
        for each in service.classes:
            cursor, more = "", each.count > 0
            while more and len(rows) <= MAX_ROWS:
                page = linkeddata.list_objects(
                    service=code, term=each.term, cursor=cursor, page_size=PAGE, actor=READER, now=now
                )
                rows += [(one.iri, one.term, one.title, one.changed_at, one.ended_on) for one in page.items]
                cursor = page.next_cursor
                more = bool(cursor)
        return Table(columns=COLUMNS, rows=tuple(rows))


def summary(of: DataService) -> str:
    """Say in plain words what a service holds; a profile is for who builds with it, so it is not named."""
    kinds = ", ".join(each.label or each.term for each in of.classes if each.count)
    if not kinds:
        return "Deze lijst is nog leeg. Zodra er gegevens zijn, staan ze hier."
    return (
        f"In deze lijst staan gegevens over: {kinds}. "
        "Elke rij heeft een eigen adres op het web. Daar staan alle eigenschappen."
    )
