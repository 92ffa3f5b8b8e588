"""Desk pages of the regional catalogue: imported concepts and instances, searched and shown whole."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, ColumnKind, Definition, NavigationItem, PageOf, Row, Table
from ocapi.lib import clock, written
from ocapi.modules.services import api
from ocapi.modules.services.data import CatalogEntry, EntryKind, EntryPage, InvalidCursor

QUERY_LENGTH = 120


def catalog(request: HttpRequest) -> HttpResponse:
    """List imported concepts and instances, by title, with search."""
    kind = next((each for each in EntryKind if each.value == request.GET.get("soort")), None)
    text = " ".join(request.GET.get("q", "").split())[:QUERY_LENGTH]
    try:
        page = api.list_catalog(
            actor=request.actor,
            kind=kind,
            text=text,
            cursor=request.GET.get("cursor", ""),  # type: ignore[attr-defined]
        )
    except InvalidCursor:
        return ui.redirect("services:catalog")
    own = api.list_services(address_form=request.address_form)  # type: ignore[attr-defined]
    return ui.page(
        request,
        "services/catalog.html",
        tabs=_tabs(kind),
        text=text,
        kind=kind.value if kind else "",
        table=_entries_table(page),
        own=own if kind is None and not text and "cursor" not in request.GET else (),
    )


def entry(request: HttpRequest, entry: UUID) -> HttpResponse:
    """Show one concept or instance with all it says and the statements it came from."""
    found = api.get_entry(entry=entry, actor=request.actor)  # type: ignore[attr-defined]
    facts = (
        Definition(term=_("Kind"), value=_kind_label(found.kind)),
        Definition(term=_("Address in the catalogue"), value=found.iri),
        *((Definition(term=_("Version of"), value=found.version_of),) if found.version_of else ()),
        *((Definition(term=_("Product number"), value=found.product_id),) if found.product_id else ()),
        Definition(term=_("Imported on"), value=written.in_digits(clock.local_day(found.imported_at))),
    )
    may_make = found.kind is EntryKind.CONCEPT and access.may(request.actor, "services.write_instance")  # type: ignore[attr-defined]
    return ui.page(request, "services/entry.html", entry=found, facts=facts, may_make=may_make)


def _tabs(kind: EntryKind | None) -> tuple[NavigationItem, ...]:
    here = reverse("services:catalog")
    return (
        NavigationItem(label=_("Everything"), href=here, current=kind is None),
        NavigationItem(label=_("Concepts"), href=f"{here}?soort=concept", current=kind is EntryKind.CONCEPT),
        NavigationItem(
            label=_("Instances"), href=f"{here}?soort=instance", current=kind is EntryKind.INSTANCE
        ),
    )


def _kind_label(kind: EntryKind) -> str:
    return _("Concept") if kind is EntryKind.CONCEPT else _("Instance")


def _entries_table(page: EntryPage) -> Table:
    return Table(
        caption=_("Imported from the regional catalogue"),
        columns=(
            Column(code="title", label=_("Title")),
            Column(code="kind", label=_("Kind")),
            Column(code="number", label=_("Product number")),
            Column(code="imported", label=_("Imported on"), kind=ColumnKind.DATE),
        ),
        page=PageOf(
            items=tuple(_row(each) for each in page.items), page_size=25, next_cursor=page.next_cursor
        ),
        empty_title=_("Nothing found"),
        empty_text=_("Import a file with: ocapi content import FILE --as lpdc-concepts"),
    )


def _row(each: CatalogEntry) -> Row:
    tone = "info" if each.kind is EntryKind.CONCEPT else "success"
    return Row(
        cells=(
            Cell(text=each.title, href=reverse("services:entry", args=[each.uuid])),
            Cell(text=_kind_label(each.kind), tone=tone),
            Cell(text=each.product_id),
            Cell(text=written.in_digits(clock.local_day(each.imported_at))),
        )
    )
