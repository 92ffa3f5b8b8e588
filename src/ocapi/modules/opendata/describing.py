"""From how the organization describes a dataset, and its rows, to what the catalogue says of it."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from ocapi.lib import clock
from ocapi.lib.dcat import lists
from ocapi.lib.dcat import vocabulary as v
from ocapi.lib.dcat.model import (
    Agent,
    Box,
    Catalog,
    Contact,
    DataService,
    Dataset,
    Distribution,
    Period,
    Texts,
)
from ocapi.modules.opendata import formats
from ocapi.modules.opendata.data import About, ColumnKind, Offer, Table

BELGIUM = "http://publications.europa.eu/resource/authority/country/BEL"
OPENAPI = "https://www.openapis.org/"
MODIFIED = "http://purl.org/dc/terms/modified"  # when a row was written, not what it speaks of


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The organization as publisher. base: prefix of its IRIs, without a slash at the end. area: IRI of its
    area, empty when it has none.
    """

    base: str
    name: str
    email: str = ""
    area: str = ""

    @property
    def agent(self) -> Agent:
        """Give the organization as the publisher of data."""
        return Agent(
            iri=f"{self.base}/#organisatie",
            name=nl(self.name),
            homepage=f"{self.base}/",
            email=self.email,
            kind=v.LOCAL_AUTHORITY,
        )

    @property
    def contact(self) -> Contact:
        """Give where questions go when a dataset names no other point."""
        return Contact(name=self.name, email=self.email, url=f"{self.base}/contact")


def nl(text: str) -> Texts:
    """Give a text in Dutch, or none."""
    return (("nl", text),) if text else ()


def catalog_of(house: House, *, modified: datetime | None) -> Catalog:
    """Give the catalogue of an organization."""
    return Catalog(
        iri=f"{house.base}/open-data/",
        identifier=f"{house.base}/open-data/",
        title=nl(f"Open data van {house.name}"),
        description=nl(f"Alle open data die {house.name} deelt of verzamelt."),
        publisher=house.agent,
        contact=house.contact,
        license=lists.CC_ZERO,
        homepage=f"{house.base}/open-data/",
        modified=modified,
        spatial=(BELGIUM,),
    )


def dataset_of(
    *,
    uuid: UUID,
    code: str,
    offer: Offer,
    about: About,
    table: Table | None,
    house: House,
    issued: datetime,
    modified: datetime,
    series: str = "",
) -> Dataset:
    """Give what the catalogue says of a dataset of our own. series: IRI of the series it is in."""
    iri, page = f"{house.base}/id/dataset/{uuid}", f"{house.base}/open-data/{code}"
    is_high = bool(about.hvd)
    legislation = (v.HVD_REGULATION,) if is_high else ()
    category = tuple(each.iri for each in lists.HVD_CATEGORIES if each.code == about.hvd)
    contact = Contact(
        name=about.contact_name or house.name,
        email=about.contact_email or house.email,
        url=house.contact.url,
    )
    return Dataset(
        iri=iri,
        identifier=iri,
        title=nl(about.title),
        description=nl(about.description),
        publisher=house.agent,
        contact=contact,
        access_rights=v.PUBLIC,
        keywords=tuple(("nl", each) for each in about.keywords),
        themes=tuple(each.iri for each in lists.THEMES if each.code == about.theme),
        frequency=next((each.iri for each in lists.FREQUENCIES if each.code == about.frequency), ""),
        spatial=(house.area, BELGIUM) if offer.is_local and house.area else (BELGIUM,),
        box=box_of(table) or _box_at(offer.position),
        temporal=period_of(table),
        language=(v.DUTCH,),
        issued=issued,
        modified=modified,
        landing_page=page,
        documentation=(f"{house.base}{offer.documentation}",) if offer.documentation else (),
        conforms_to=(offer.standard,) if offer.standard else (),
        applicable_legislation=legislation,
        hvd_categories=category,
        in_series=(series,) if series else (),
        provenance=nl(f"Uit de module {offer.source} van {house.name}."),
        quality=nl(about.quality),
        used_by=about.used_by,
        distributions=tuple(
            _distribution(form, table, iri=iri, page=page, about=about, issued=issued, modified=modified)
            for form in (formats.offered(table) if table else ())
        ),
        services=tuple(_services(offer, about, table, iri=iri, page=page, house=house, contact=contact)),
    )


def series_of(*, uuid: UUID, title: str, house: House, issued: datetime, modified: datetime) -> Dataset:
    """Give a series: what datasets that belong together are part of."""
    iri = f"{house.base}/id/dataset/{uuid}"
    return Dataset(
        iri=iri,
        identifier=iri,
        title=nl(title),
        description=nl(f"Datasets over {title.lower()}."),
        publisher=house.agent,
        contact=house.contact,
        access_rights=v.PUBLIC,
        language=(v.DUTCH,),
        issued=issued,
        modified=modified,
        is_series=True,
        spatial=(BELGIUM,),
    )


def _distribution(
    form: formats.Form,
    table: Table | None,
    *,
    iri: str,
    page: str,
    about: About,
    issued: datetime,
    modified: datetime,
) -> Distribution:
    assert table is not None
    content = form.write(table, iri)
    address = f"{page}/data.{form.extension}"
    return Distribution(
        iri=f"{iri}#{form.extension}",
        identifier=f"{iri}#{form.extension}",
        access_url=page,
        download_url=address,
        title=nl(f"{about.title} ({form.label})"),
        format=form.file_type,
        media_type=form.media_type,
        license=about.license,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        issued=issued,
        modified=modified,
        availability=v.STABLE,
        applicable_legislation=(v.HVD_REGULATION,) if about.hvd else (),
    )


def _services(
    offer: Offer, about: About, table: Table | None, *, iri: str, page: str, house: House, contact: Contact
) -> list[DataService]:
    legislation = (v.HVD_REGULATION,) if about.hvd else ()
    category = tuple(each.iri for each in lists.HVD_CATEGORIES if each.code == about.hvd)
    made = []
    if table is not None:
        made.append(
            DataService(
                iri=f"{iri}#api",
                identifier=f"{iri}#api",
                title=nl(f"API van {about.title}"),
                description=nl("Vraag rijen op, met filters en per pagina."),
                endpoint_url=f"{page}/rows",
                endpoint_description=f"{page}/openapi.yaml",
                documentation=page,
                license=about.license,
                access_rights=v.PUBLIC,
                conforms_to=(OPENAPI,),
                applicable_legislation=legislation,
                hvd_categories=category,
                contact=contact,
                publisher=house.agent,
            )
        )
    for each in offer.services:
        made.append(
            DataService(
                iri=f"{iri}#{each.code}",
                identifier=f"{iri}#{each.code}",
                title=nl(each.title),
                description=nl(each.description),
                endpoint_url=f"{house.base}{each.endpoint}",
                endpoint_description=f"{house.base}{offer.documentation or each.endpoint}",
                documentation=page,
                license=about.license,
                access_rights=v.PUBLIC,
                conforms_to=each.conforms_to,
                applicable_legislation=legislation,
                hvd_categories=category,
                contact=contact,
                publisher=house.agent,
            )
        )
    return made


def box_of(table: Table | None) -> Box | None:
    """Give the rectangle around the points of a table, or None."""
    points = points_of(table) if table else []
    if not points:
        return None
    xs, ys = [each[0] for each in points], [each[1] for each in points]
    return Box(west=min(xs), south=min(ys), east=max(xs), north=max(ys))


def _box_at(position: tuple[float, float] | None) -> Box | None:
    if position is None:
        return None
    longitude, latitude = position
    return Box(west=longitude, south=latitude, east=longitude, north=latitude)


def points_of(table: Table) -> list[tuple[float, float, int]]:
    """Give longitude, latitude and place of the row, for the rows that have both."""
    if not table.has_points:
        return []
    x, y = (
        next(place for place, each in enumerate(table.columns) if each.kind is kind)
        for kind in (ColumnKind.LONGITUDE, ColumnKind.LATITUDE)
    )
    return [
        (float(row[x]), float(row[y]), number)  # type: ignore[arg-type]
        for number, row in enumerate(table.rows)
        if row[x] is not None and row[y] is not None
    ]


def period_of(table: Table | None) -> Period | None:
    """Give the first and last day in the first column with days or instants; None without one."""
    if table is None:
        return None
    for place, column in enumerate(table.columns):
        if column.kind in (ColumnKind.DAY, ColumnKind.INSTANT) and column.iri != MODIFIED:
            days = [_day(row[place]) for row in table.rows if row[place] is not None]
            return Period(start=min(days), end=max(days)) if days else None
    return None


def _day(value: object) -> date:
    assert isinstance(value, date)
    return clock.local_day(value) if isinstance(value, datetime) else value
