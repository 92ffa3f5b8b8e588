"""From a dataset to what its page shows: facts, files, preview, report, and schema.org for search engines."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ocapi.kernel.ui.data import (
    Cell,
    Column,
    ColumnKind,
    Definition,
    NavigationItem,
    Option,
    PageOf,
    Row,
    Table,
)
from ocapi.lib import clock, written
from ocapi.lib.dcat import lists
from ocapi.lib.dcat import vocabulary as v
from ocapi.lib.dcat.model import Distribution, Texts, text_of
from ocapi.modules.opendata import data as opendata
from ocapi.modules.opendata import facets, formats
from ocapi.modules.opendata.data import FacetValue, Issued, Published, Value

LONGEST_CELL, LONGEST_PLACE, LONGEST_LINK = 157, 40, 28  # characters in a preview
PREVIEW_ROWS = 10
DESCRIPTION_TYPES = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
NUMBERS = frozenset(
    {
        opendata.ColumnKind.INTEGER,
        opendata.ColumnKind.DECIMAL,
        opendata.ColumnKind.LATITUDE,
        opendata.ColumnKind.LONGITUDE,
    }
)


def facet_labels() -> dict[str, str]:
    """Give the headings of the facets."""
    return {
        "theme": _("Theme"),
        "format": _("File format"),
        "publisher": _("Publisher"),
        "license": _("License"),
        "hvd": _("High-value data"),
        "origin": _("Source"),
        "keyword": _("Keyword"),
    }


def facet_value(name: str, each: FacetValue) -> str:
    """Give a value of a facet as people read it."""
    return _("Our own data") if (name, each.value) == ("origin", "own") else each.label


def title(found: Published) -> str:
    """Give the title for a Dutch reader."""
    return text_of(found.dataset.title)


def paragraphs(texts: Texts) -> tuple[str, ...]:
    """Give a text in paragraphs."""
    return tuple(each.strip() for each in text_of(texts).split("\n") if each.strip())


def machine_links() -> tuple[NavigationItem, ...]:
    """Give where machines find the whole catalogue."""
    return (
        NavigationItem(label="Turtle", href=reverse("opendata:catalog-page", args=["ttl"])),
        NavigationItem(label="JSON-LD", href=reverse("opendata:catalog-page", args=["jsonld"])),
        NavigationItem(label="RDF/XML", href=reverse("opendata:catalog-page", args=["rdf"])),
        NavigationItem(label=_("Changes (LDES)"), href=reverse("opendata:feed")),
        NavigationItem(label=_("CKAN API"), href=reverse("opendata:ckan-3", args=["package_search"])),
    )


def descriptions(found: Published) -> tuple[NavigationItem, ...]:
    """Give where machines find what is said of this dataset."""
    here = reverse("opendata:dataset", args=[found.code])
    return tuple(
        NavigationItem(label=label, href=f"{here}?formaat={quote(code)}")
        for code, label in (("ttl", "Turtle"), ("jsonld", "JSON-LD"), ("rdf", "RDF/XML"))
    )


def themes(found: Published) -> tuple[NavigationItem, ...]:
    """Give the themes of a dataset, each a way to more of it."""
    counted = facets.of(found.dataset, origin="", origin_label="")
    return tuple(
        NavigationItem(label=each.label, href=f"{reverse('opendata:catalog')}?thema={quote(each.value)}")
        for each in counted
        if each.name == "theme"
    )


def keywords(found: Published) -> tuple[str, ...]:
    """Give the keywords of a dataset."""
    return tuple(dict.fromkeys(text for _language, text in found.dataset.keywords))[:20]


def facts(found: Published) -> tuple[Definition, ...]:
    """Give what people ask first: from whom, how fresh, what is allowed."""
    of = found.dataset
    rows = [
        Definition(
            term=_("Publisher"),
            value=text_of(of.publisher.name) if of.publisher else _("Unknown"),
            href=of.publisher.homepage if of.publisher else "",
        ),
        Definition(term=_("Last changed"), value=_day(found.modified_at)),
        Definition(term=_("In the catalogue since"), value=_day(found.issued_at)),
    ]
    if of.frequency:
        rows.append(Definition(term=_("Renewed"), value=lists.label(of.frequency)))
    if found.license:
        rows.append(Definition(term=_("License"), value=lists.label(found.license), href=found.license))
    if of.temporal:
        start, end = (
            written.in_digits(each) if each else "…" for each in (of.temporal.start, of.temporal.end)
        )
        rows.append(Definition(term=_("Period"), value=f"{start} – {end}"))
    if of.spatial:
        rows.append(
            Definition(
                term=_("Area"),
                value=", ".join(_area(found, each) for each in of.spatial[:3]),
            )
        )
    if of.access_rights:
        rows.append(Definition(term=_("Who may use it"), value=_rights(of.access_rights)))
    if of.is_high_value:
        rows.append(
            Definition(
                term=_("High-value data"), value=", ".join(lists.label(each) for each in of.hvd_categories)
            )
        )
    if found.table is not None:
        rows.append(Definition(term=_("Rows"), value=number(len(found.table.rows))))
    if of.version:
        rows.append(Definition(term=_("Version"), value=of.version))
    if found.origin:
        rows.append(Definition(term=_("Comes from"), value=found.origin, href=found.origin_address))
    rows.append(Definition(term=_("Name on the web"), value=of.iri, href=of.iri if "://" in of.iri else ""))
    return tuple(rows)


def _area(found: Published, iri: str) -> str:
    if iri.endswith("/BEL"):
        return _("Belgium")
    is_own = not found.origin and iri.startswith(v.REFNIS)
    publisher = found.dataset.publisher
    return text_of(publisher.name) if is_own and publisher else lists.label(iri)


def _rights(iri: str) -> str:
    return {
        "PUBLIC": _("Everybody"),
        "RESTRICTED": _("Under conditions"),
        "NON_PUBLIC": _("Not public"),
    }.get(iri.rpartition("/")[2], lists.label(iri))


def files(found: Published) -> tuple[dict[str, str], ...]:
    """Give the files with format, size and where they are."""
    return tuple(_file(each) for each in found.dataset.distributions)


def _file(each: Distribution) -> dict[str, str]:
    code = lists.format_of(format=each.format, media_type=each.media_type)
    label = next((one.nl for one in lists.FORMATS if one.code == code), code.replace("_", " "))
    return {
        "title": text_of(each.title) or label or each.access_url,
        "format": label,
        "size": size(each.size_bytes) if each.size_bytes is not None else "",
        "href": each.download_url or each.access_url,
        "is_download": "1" if each.download_url else "",
        "license": lists.label(each.license) if each.license else _("No license given"),
        "description": text_of(each.description),
    }


def size(amount: int) -> str:
    """Write a number of bytes as people read it."""
    if amount < 1_000:
        return f"{amount} B"
    for unit in ("kB", "MB"):
        amount = max(1, round(amount / 1_000))
        if amount < 1_000:
            return f"{amount} {unit}"
    return f"{amount / 1_000:.1f} GB".replace(".", ",")


def services(found: Published) -> tuple[dict[str, str], ...]:
    """Give the interfaces with their address and description."""
    return tuple(
        {
            "title": text_of(each.title) or each.iri,
            "description": text_of(each.description),
            "href": each.endpoint_url,
            "documentation": each.endpoint_description,
        }
        for each in found.dataset.services
    )


def preview(found: Published) -> Table | None:
    """Give the first rows; None for a dataset whose rows are elsewhere."""
    return table_of(found.table, caption=_("First rows")) if found.table is not None else None


def table_of(table: opendata.Table, *, caption: str, limit: int = PREVIEW_ROWS) -> Table:
    """Give the first rows of a table as a component draws them."""
    return Table(
        caption=caption,
        columns=tuple(
            Column(
                code=each.name,
                label=each.label,
                kind=ColumnKind.NUMBER if each.kind in NUMBERS else ColumnKind.TEXT,
            )
            for each in table.columns
        ),
        page=PageOf(
            items=tuple(Row(cells=tuple(map(_cell, row, table.columns))) for row in table.rows[:limit]),
            page_size=limit,
        ),
        empty_title=_("There are no rows"),
        empty_text=_("The rows appear here once there are some."),
    )


def _cell(value: Value, column: opendata.Column) -> Cell:
    text = shown(value)
    is_address = column.kind is opendata.ColumnKind.LINK and text.startswith(("https://", "http://"))
    if is_address and not column.is_several:
        return Cell(text=_end_of(text), href=text)
    longest = LONGEST_PLACE if column.kind is opendata.ColumnKind.GEOMETRY else LONGEST_CELL
    return Cell(text=text if len(text) <= longest else f"{text[:longest]}…")


def _end_of(address: str) -> str:
    """Give the telling end of a web address: `Adres/bdf4740b…`."""
    end = "/".join(address.rstrip("/").partition("://")[2].split("/")[-2:])
    return end if len(end) <= LONGEST_LINK else f"{end[:LONGEST_LINK]}…"


def shown(value: Value) -> str:
    """Write a value as people read it; nothing is a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return number(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}".replace(".", ",")
    if hasattr(value, "hour"):
        return written.moment(value)  # type: ignore[arg-type]
    return written.in_digits(value) if hasattr(value, "year") else str(value)  # type: ignore[arg-type]


def number(value: int) -> str:
    """Write a whole number with dots between thousands."""
    return f"{value:,}".replace(",", ".")


def columns(found: Published) -> tuple[dict[str, str], ...]:
    """Give the columns as label, name in files, kind in words, description and what they stand for."""
    kinds = {
        opendata.ColumnKind.INTEGER: _("whole number"),
        opendata.ColumnKind.DECIMAL: _("number"),
        opendata.ColumnKind.DAY: _("day"),
        opendata.ColumnKind.INSTANT: _("instant"),
        opendata.ColumnKind.BOOLEAN: _("yes or no"),
        opendata.ColumnKind.LINK: _("web address"),
        opendata.ColumnKind.LONGITUDE: _("longitude in degrees"),
        opendata.ColumnKind.LATITUDE: _("latitude in degrees"),
        opendata.ColumnKind.GEOMETRY: _("place as well-known text"),
    }
    held = found.table.columns if found.table else ()
    several = _("several values, with | between them")
    return tuple(
        {
            "label": each.label,
            "name": each.name,
            "kind": several if each.is_several else kinds.get(each.kind, _("text")),
            "description": each.description,
            "meaning": each.iri,
        }
        for each in held
    )


def report(found: Published) -> dict[str, Any]:
    """Give what the check against the standards found."""
    wrong = sum(each.severity == "violation" for each in found.issues)
    doubts = len(found.issues) - wrong
    if not found.issues:
        text = _("This description follows DCAT-AP 3 and DCAT-AP-VL.")
    elif wrong:
        text = ngettext(
            "This description breaks %(count)s rule of DCAT-AP.",
            "This description breaks %(count)s rules of DCAT-AP.",
            wrong,
        ) % {"count": wrong}
    else:
        text = ngettext(
            "This description follows the standard, with %(count)s remark.",
            "This description follows the standard, with %(count)s remarks.",
            doubts,
        ) % {"count": doubts}
    tone = "error" if wrong else "warning" if doubts else "success"
    return {"text": text, "tone": tone, "issues": tuple(map(_issue, found.issues))}


def _issue(each: Issued) -> dict[str, str]:
    is_wrong = each.severity == "violation"
    return {
        "text": each.text,
        "path": each.path,
        "label": _("Mistake") if is_wrong else _("Remark"),
        "tone": "error" if is_wrong else "warning",
    }


def console(found: Published) -> dict[str, Any] | None:
    """Give what the form to try the API needs; None for a dataset without rows here."""
    if found.table is None:
        return None
    return {
        "action": reverse("opendata:rows", args=[found.code]),
        "openapi": reverse("opendata:openapi", args=[found.code]),
        "options": tuple(Option(value=each.name, label=each.label) for each in found.table.columns),
    }


def schema_of(request: HttpRequest, found: Published) -> dict[str, Any]:
    """Give the dataset as schema.org, which search engines read out of a data block of the page."""
    of = found.dataset
    said: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": of.iri,
        "name": text_of(of.title),
        "description": text_of(of.description)[:5_000] or text_of(of.title),
        "url": request.build_absolute_uri(request.path),
        "identifier": of.identifier or of.iri,
        "keywords": list(keywords(found)),
        "dateModified": found.modified_at.isoformat(),
        "datePublished": found.issued_at.isoformat(),
        "isAccessibleForFree": True,
        "license": found.license or None,
        "creator": {"@type": "Organization", "name": text_of(of.publisher.name)} if of.publisher else None,
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "url": request.build_absolute_uri(reverse("opendata:catalog")),
        },
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": each.download_url or each.access_url,
                "encodingFormat": each.media_type or lists.format_of(format=each.format, media_type=""),
            }
            for each in of.distributions
        ],
    }
    return {key: value for key, value in said.items() if value}


def offered_forms(table: opendata.Table | None) -> str:
    """Give the names of the forms in which a table can be had."""
    return ", ".join(each.label for each in formats.offered(table)) if table else ""


def _day(at: Any) -> str:
    return written.in_words(clock.local_day(at))
