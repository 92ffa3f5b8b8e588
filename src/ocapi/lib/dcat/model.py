"""What a catalogue says of a dataset, in plain values: the same whether it is ours or was harvested."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

Texts: TypeAlias = tuple[tuple[str, str], ...]
"""A text per language: pairs of language tag (empty when none was given) and text."""

PREFERRED = ("nl", "nl-be", "", "en", "fr")


def text_of(texts: Texts) -> str:
    """Give the text for a Dutch reader: Dutch first, then without language, English, French, any."""
    for wanted in PREFERRED:
        for language, text in texts:
            if language == wanted:
                return text
    return texts[0][1] if texts else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Who publishes. iri: empty when it has none; then the name alone tells who it is."""

    name: Texts
    iri: str = ""
    homepage: str = ""
    email: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Where questions go: a service point, never a person. email: without `mailto:`."""

    name: str = ""
    email: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The time the data is about, both days included; None is open."""

    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in degrees (CRS84): west, south, east, north."""

    west: float
    south: float
    east: float
    north: float

    @property
    def wkt(self) -> str:
        """Write the rectangle as well-known text, longitude first."""
        w, s, e, n = self.west, self.south, self.east, self.north
        return f"POLYGON(({w} {s},{e} {s},{e} {n},{w} {n},{w} {s}))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One form in which the data can be had.

    format: IRI of a file type. media_type: IANA, such as `text/csv`. license, availability: IRIs.
    sha256: in hexadecimal digits.
    """

    iri: str
    access_url: str
    identifier: str = ""
    title: Texts = ()
    description: Texts = ()
    download_url: str = ""
    format: str = ""
    media_type: str = ""
    license: str = ""
    size_bytes: int | None = None
    sha256: str = ""
    issued: datetime | None = None
    modified: datetime | None = None
    availability: str = ""
    applicable_legislation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataService:
    """An interface through which the data can be asked. endpoint_description: of its OpenAPI document."""

    iri: str
    title: Texts
    endpoint_url: str
    identifier: str = ""
    description: Texts = ()
    endpoint_description: str = ""
    documentation: str = ""
    license: str = ""
    access_rights: str = ""
    conforms_to: tuple[str, ...] = ()
    applicable_legislation: tuple[str, ...] = ()
    hvd_categories: tuple[str, ...] = ()
    contact: Contact | None = None
    publisher: Agent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A dataset, or a series of datasets when `is_series`.

    keywords: as texts. themes, hvd_categories, frequency, spatial, access_rights, language: IRIs.
    in_series: IRIs of the series it is part of. quality: what is known of its quality, in words.
    used_by: name and address of what uses it.
    """

    iri: str
    title: Texts
    description: Texts
    identifier: str = ""
    publisher: Agent | None = None
    contact: Contact | None = None
    access_rights: str = ""
    keywords: Texts = ()
    themes: tuple[str, ...] = ()
    frequency: str = ""
    spatial: tuple[str, ...] = ()
    box: Box | None = None
    temporal: Period | None = None
    language: tuple[str, ...] = ()
    issued: datetime | None = None
    modified: datetime | None = None
    landing_page: str = ""
    documentation: tuple[str, ...] = ()
    conforms_to: tuple[str, ...] = ()
    applicable_legislation: tuple[str, ...] = ()
    hvd_categories: tuple[str, ...] = ()
    in_series: tuple[str, ...] = ()
    provenance: Texts = ()
    quality: Texts = ()
    version: str = ""
    is_series: bool = False
    used_by: tuple[tuple[str, str], ...] = ()
    distributions: tuple[Distribution, ...] = ()
    services: tuple[DataService, ...] = ()

    @property
    def is_high_value(self) -> bool:
        """Tell whether it falls under the regulation on high-value datasets."""
        return bool(self.hvd_categories)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """A catalogue and where its pages are; license: of the descriptions themselves."""

    iri: str
    identifier: str
    title: Texts
    description: Texts
    publisher: Agent
    contact: Contact
    license: str
    homepage: str
    modified: datetime | None = None
    spatial: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogRecord:
    """When a description came into the catalogue and last changed. source: IRI of where it was harvested."""

    iri: str
    identifier: str
    topic: str
    modified: datetime
    issued: datetime | None = None
    source: str = ""
    conforms_to: str = "https://data.vlaanderen.be/doc/applicatieprofiel/DCAT-AP-VL/"
