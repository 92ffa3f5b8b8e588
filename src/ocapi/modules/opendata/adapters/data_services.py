"""Offers the open data services: the properties of each object, and the interfaces where all of it stands."""

from datetime import datetime

from ocapi.lib import actor as actors
from ocapi.modules.linkeddata import api as linkeddata
from ocapi.modules.linkeddata.data import (
    Access,
    DataService,
    Scalar,
    ServiceNotFound,
    ServiceTooLarge,
    TableColumn,
)
from ocapi.modules.opendata.data import (
    SEPARATOR,
    Column,
    ColumnKind,
    Offer,
    OfferedService,
    OfferNotFound,
    Table,
    TableTooLarge,
    Value,
)
from ocapi.modules.opendata.extensions import MAX_ROWS

READER = actors.system("opendata.linkeddata")


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
        found = linkeddata.list_columns(service=of.code, actor=READER) if count <= MAX_ROWS else ()
        return Offer(
            source=self.name,
            code=of.code,
            title=of.title,
            frequency="DAILY",
            columns=tuple(map(_column, found)),
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
        try:
            found = linkeddata.read_table(service=code, limit=MAX_ROWS + 1, actor=READER)
        except ServiceTooLarge:
            raise TableTooLarge(code) from None
        return Table(
            columns=tuple(map(_column, found.columns)),
            rows=tuple(tuple(map(_cell, row)) for row in found.rows),
        )


def _column(of: TableColumn) -> Column:
    return Column(
        name=of.name,
        label=of.label,
        kind=ColumnKind(of.kind.value),
        iri=of.iri,
        description=of.description,
        within=of.within,
        is_several=of.is_several,
        is_subject=of.is_subject,
    )


def _cell(value: Scalar | tuple[str, ...]) -> Value:
    return SEPARATOR.join(value) if isinstance(value, tuple) else value


def summary(of: DataService) -> str:
    """Say in plain words what a service holds; a profile is for who builds with it, so it is not named."""
    kinds = ", ".join(each.label or each.term for each in of.classes if each.count)
    if not kinds:
        return "Deze lijst is nog leeg. Zodra er gegevens zijn, staan ze hier."
    return (
        f"In deze lijst staan gegevens over: {kinds}. "
        "Elke rij heeft een eigen adres op het web. Elke kolom is een eigenschap."
    )
