"""Offers the list of public services of the organization."""

from datetime import datetime

from ocapi.modules.opendata import house
from ocapi.modules.opendata.data import Column, ColumnKind, Offer, OfferNotFound, Table
from ocapi.modules.services import api as services

CODE = "dienstverlening"
COLUMNS = (
    Column(name="iri", label="Adres op het web", kind=ColumnKind.LINK, iri="http://schema.org/url"),
    Column(name="code", label="Code", iri="http://purl.org/dc/terms/identifier"),
    Column(name="titel", label="Titel", iri="http://purl.org/dc/terms/title"),
    Column(name="samenvatting", label="Samenvatting", iri="http://purl.org/dc/terms/description"),
    Column(name="domein", label="Domein"),
    Column(name="trefwoorden", label="Trefwoorden"),
)


class ServiceList:
    """Every product page, in the neutral-most words there are: those of the informal form."""

    name = "services"

    def list_offers(self, *, now: datetime) -> tuple[Offer, ...]:
        """Give the one offer, nothing while there is no service."""
        if not services.page_of_services(address_form="informal", limit=1):
            return ()
        return (
            Offer(
                source=self.name,
                code=CODE,
                title="Dienstverlening van het bestuur",
                columns=COLUMNS,
                description="Alle producten en diensten met titel, samenvatting, domein en trefwoorden.",
                keywords=("dienstverlening", "producten", "diensten"),
                theme="GOVE",
                frequency="WEEKLY",
                documentation="/diensten",
                is_local=True,
                standard="https://data.vlaanderen.be/doc/applicatieprofiel/ipdc-lpdc/",
            ),
        )

    def read(self, *, code: str, now: datetime) -> Table:
        """Give a service per row, by code."""
        if code != CODE:
            raise OfferNotFound(code)
        base = house.base()
        return Table(
            columns=COLUMNS,
            rows=tuple(
                (
                    f"{base}/dienst/{each.code}",
                    each.code,
                    each.title,
                    each.summary,
                    each.domain,
                    "; ".join(each.keywords),
                )
                for each in sorted(
                    services.list_services(address_form="informal"), key=lambda each: each.code
                )
            ),
        )
