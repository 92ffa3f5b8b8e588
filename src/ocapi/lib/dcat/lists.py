"""Code lists of catalogues with Dutch and English labels, restated from the lists of the EU and Flanders.

Sources: EU Publications Office (data-theme, frequency, file-type, access-right, high-value-dataset-category),
data.vlaanderen.be (model licenses). A name that is not here is shown by its last part.
"""

from dataclasses import dataclass

from ocapi.lib.dcat.vocabulary import EU

HVD = "http://data.europa.eu/bna/"
FLEMISH_LICENSE = "https://data.vlaanderen.be/id/licentie/"
FREE_REUSE = f"{FLEMISH_LICENSE}modellicentie-gratis-hergebruik/v1.0"
CC_ZERO = f"{FLEMISH_LICENSE}creative-commons-zero-verklaring/v1.0"
NO_CONDITIONS = f"{FLEMISH_LICENSE}onvoorwaardelijk-hergebruik/v1.0"


@dataclass(frozen=True, slots=True)
class Entry:
    """A code of a list. code: its short name, as CKAN and addresses use it."""

    iri: str
    code: str
    nl: str
    en: str


def _of(prefix: str, *rows: tuple[str, str, str]) -> tuple[Entry, ...]:
    return tuple(Entry(f"{prefix}{code}", code, nl, en) for code, nl, en in rows)


THEMES = _of(
    f"{EU}data-theme/",
    ("AGRI", "Landbouw, visserij, bosbouw en voeding", "Agriculture, fisheries, forestry and food"),
    ("ECON", "Economie en financiën", "Economy and finance"),
    ("EDUC", "Onderwijs, cultuur en sport", "Education, culture and sport"),
    ("ENER", "Energie", "Energy"),
    ("ENVI", "Milieu", "Environment"),
    ("GOVE", "Overheid en publieke sector", "Government and public sector"),
    ("HEAL", "Gezondheid", "Health"),
    ("INTR", "Internationale vraagstukken", "International issues"),
    ("JUST", "Justitie en openbare veiligheid", "Justice, legal system and public safety"),
    ("REGI", "Regio's en steden", "Regions and cities"),
    ("SOCI", "Bevolking en samenleving", "Population and society"),
    ("TECH", "Wetenschap en technologie", "Science and technology"),
    ("TRAN", "Vervoer", "Transport"),
)
FREQUENCIES = _of(
    f"{EU}frequency/",
    ("CONT", "Doorlopend", "Continuous"),
    ("HOURLY", "Elk uur", "Hourly"),
    ("DAILY", "Elke dag", "Daily"),
    ("WEEKLY", "Elke week", "Weekly"),
    ("MONTHLY", "Elke maand", "Monthly"),
    ("QUARTERLY", "Elk kwartaal", "Quarterly"),
    ("ANNUAL", "Elk jaar", "Annual"),
    ("IRREG", "Onregelmatig", "Irregular"),
    ("NEVER", "Niet meer", "Never"),
    ("UNKNOWN", "Onbekend", "Unknown"),
)
LICENSES = (
    Entry(
        FREE_REUSE,
        "modellicentie-gratis-hergebruik",
        "Modellicentie voor gratis hergebruik",
        "Flemish model license for free reuse",
    ),
    Entry(
        CC_ZERO, "creative-commons-zero-verklaring", "Creative Commons Zero (CC0)", "Creative Commons Zero"
    ),
    Entry(
        NO_CONDITIONS,
        "onvoorwaardelijk-hergebruik",
        "Onvoorwaardelijk hergebruik",
        "Reuse without conditions",
    ),
)
FOREIGN_LICENSES = (
    Entry(f"{EU}licence/CC0", "cc-zero", "Creative Commons Zero (CC0)", "Creative Commons Zero"),
    Entry(
        f"{EU}licence/CC_BY_4_0",
        "cc-by",
        "Creative Commons Naamsvermelding 4.0",
        "Creative Commons Attribution 4.0",
    ),
    Entry(
        f"{EU}licence/CC_BYSA_4_0",
        "cc-by-sa",
        "Creative Commons Gelijk delen 4.0",
        "Creative Commons Attribution-ShareAlike 4.0",
    ),
    Entry(
        "http://creativecommons.org/publicdomain/zero/1.0/",
        "cc-zero",
        "Creative Commons Zero (CC0)",
        "Creative Commons Zero",
    ),
    Entry(
        "http://creativecommons.org/licenses/by/4.0/",
        "cc-by",
        "Creative Commons Naamsvermelding 4.0",
        "Creative Commons Attribution 4.0",
    ),
    Entry(
        "http://creativecommons.org/licenses/by-sa/4.0/",
        "cc-by-sa",
        "Creative Commons Gelijk delen 4.0",
        "Creative Commons Attribution-ShareAlike 4.0",
    ),
)
HVD_CATEGORIES = (
    Entry(f"{HVD}c_ac64a52d", "geospatial", "Geospatiale data", "Geospatial"),
    Entry(f"{HVD}c_dd313021", "environment", "Aardobservatie en milieu", "Earth observation and environment"),
    Entry(f"{HVD}c_164e0bf5", "meteorological", "Meteorologie", "Meteorological"),
    Entry(f"{HVD}c_e1da4e07", "statistics", "Statistiek", "Statistics"),
    Entry(f"{HVD}c_a9135398", "companies", "Bedrijven en eigendom", "Companies and company ownership"),
    Entry(f"{HVD}c_b79e35eb", "mobility", "Mobiliteit", "Mobility"),
)
FORMATS = _of(
    f"{EU}file-type/",
    ("CSV", "CSV", "CSV"),
    ("PARQUET", "Parquet", "Parquet"),
    ("GEOJSON", "GeoJSON", "GeoJSON"),
    ("JSON", "JSON", "JSON"),
    ("JSON_LD", "JSON-LD", "JSON-LD"),
    ("RDF_TURTLE", "Turtle", "Turtle"),
    ("RDF_XML", "RDF/XML", "RDF/XML"),
    ("XML", "XML", "XML"),
    ("XLSX", "Excel", "Excel"),
    ("PDF", "PDF", "PDF"),
    ("HTML", "HTML", "HTML"),
    ("GML", "GML", "GML"),
    ("SHP", "Shapefile", "Shapefile"),
    ("ZIP", "ZIP", "ZIP"),
    ("GPKG", "GeoPackage", "GeoPackage"),
    ("KML", "KML", "KML"),
    ("WMS_SRVC", "WMS", "WMS"),
    ("WFS_SRVC", "WFS", "WFS"),
    ("ODS", "ODS", "ODS"),
    ("XLS", "Excel", "Excel"),
)
MEDIA_TYPES = {
    "text/csv": "CSV",
    "application/vnd.apache.parquet": "PARQUET",
    "application/geo+json": "GEOJSON",
    "application/json": "JSON",
    "application/ld+json": "JSON_LD",
    "text/turtle": "RDF_TURTLE",
    "application/rdf+xml": "RDF_XML",
    "application/xml": "XML",
    "text/xml": "XML",
    "application/pdf": "PDF",
    "text/html": "HTML",
    "application/zip": "ZIP",
    "application/gml+xml": "GML",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "application/vnd.ms-excel": "XLS",
    "application/geopackage+sqlite3": "GPKG",
    "application/vnd.oasis.opendocument.spreadsheet": "ODS",
    "application/vnd.google-earth.kml+xml": "KML",
}

_KNOWN = {
    each.iri: each
    for each in (*THEMES, *FREQUENCIES, *LICENSES, *FOREIGN_LICENSES, *HVD_CATEGORIES, *FORMATS)
}


def entry(iri: str) -> Entry | None:
    """Give the entry of a name, `http` and `https` and a last slash taken as the same; None when unknown."""
    for form in (iri, iri.rstrip("/"), f"{iri}/"):
        for scheme in (form, form.replace("http://", "https://", 1), form.replace("https://", "http://", 1)):
            if scheme in _KNOWN:
                return _KNOWN[scheme]
    return None


def label(iri: str) -> str:
    """Give the Dutch label of a code, or the last part of a name that is not in a list here."""
    known = entry(iri)
    return known.nl if known else iri.rstrip("/#").rpartition("/")[2].rpartition("#")[2].replace("_", " ")


def is_open_license(iri: str) -> bool:
    """Tell whether everybody may use the data again, at most with a mention of the source."""
    known = entry(iri)
    return known is not None and (known in LICENSES or known.code in ("cc-zero", "cc-by"))


def format_of(*, format: str, media_type: str) -> str:
    """Give the code of a file type, `CSV`, by its name or media type; empty when both say nothing."""
    if format:
        return format.rstrip("/#").rpartition("/")[2].upper()[:40]
    kind = media_type.removeprefix("https://www.iana.org/assignments/media-types/")
    kind = kind.removeprefix("http://www.iana.org/assignments/media-types/").lower()
    return MEDIA_TYPES.get(kind, kind.rpartition("/")[2].upper()[:40])
