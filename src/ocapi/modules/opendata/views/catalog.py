"""Pages of the catalogue for people: search with facets, and a dataset with all there is to know."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import NavigationItem, Option
from ocapi.lib import clock, written
from ocapi.modules.opendata import api, facets
from ocapi.modules.opendata.data import Asked, CatalogPage, DatasetGone, Entry
from ocapi.modules.opendata.views import drawing, showing
from ocapi.modules.opendata.views.answers import HTML, gone, sent

PAGE_SIZE = 20
MAX_PAGES = 500
SHOWN_VALUES = 8  # of one facet before "more"
MACHINE_TYPES = ("text/turtle", "application/ld+json", "application/rdf+xml")
ADDRESS_NAMES = {
    "theme": "thema",
    "format": "formaat",
    "publisher": "uitgever",
    "license": "licentie",
    "hvd": "hoogwaardig",
    "origin": "bron",
    "keyword": "trefwoord",
}
"""Names of facets as they stand in addresses for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetBox:
    """A facet as the page shows it: its first values, and the others behind "more"."""

    code: str
    label: str
    first: tuple[NavigationItem, ...]
    more: tuple[NavigationItem, ...]
    is_open: bool


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List datasets; search is forgiving, facets narrow and can be taken away one by one."""
    asked = _asked(request.GET)
    found = api.search_catalog(asked=asked, actor=request.actor)  # type: ignore[attr-defined]
    boxes = _boxes(asked, found)
    number = asked.start // PAGE_SIZE + 1
    return ui.page(
        request,
        "opendata/catalog.html",
        text=asked.text,
        found=found,
        boxes=boxes,
        items=tuple(_item(each) for each in found.items),
        chosen=_chosen(asked, found),
        sort_options=_sorts(asked),
        hidden=tuple((ADDRESS_NAMES[name], value) for name, value in asked.filters if name in ADDRESS_NAMES),
        everything_href=reverse("opendata:catalog"),
        is_narrowed=bool(asked.text or asked.filters),
        previous_href=_address(asked, page=number - 1) if number > 1 else "",
        next_href=_address(asked, page=number + 1) if found.total > number * PAGE_SIZE else "",
        number=number,
        pages=max(1, -(-found.total // PAGE_SIZE)),
        machine_links=showing.machine_links(),
        suggestion_href=_address(asked, text=found.suggestion) if found.suggestion else "",
    )


def _asked(query: QueryDict) -> Asked:
    page = query.get("pagina", "1")
    number = int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 6 else 1
    filters = tuple(
        (name, value[:400])
        for name, address in ADDRESS_NAMES.items()
        for value in query.getlist(address)[:20]
        if value and "\0" not in value  # PostgreSQL knows no such text
    )
    sort = query.get("sorteer", "")
    return Asked(
        text=" ".join(query.get("q", "").replace("\0", " ").split())[:120],
        filters=filters,
        sort=sort if sort in ("relevance", "title", "-modified", "-issued") else "",
        start=(min(max(number, 1), MAX_PAGES) - 1) * PAGE_SIZE,
        size=PAGE_SIZE,
    )


def _address(
    asked: Asked,
    *,
    text: str | None = None,
    page: int = 1,
    without: tuple[str, str] | None = None,
    plus: tuple[str, str] | None = None,
) -> str:
    pairs = [("q", asked.text if text is None else text)]
    pairs += [(ADDRESS_NAMES[name], value) for name, value in asked.filters if (name, value) != without]
    pairs += [(ADDRESS_NAMES[plus[0]], plus[1])] if plus else []
    pairs += [("sorteer", asked.sort), ("pagina", str(page) if page > 1 else "")]
    query = urlencode([pair for pair in pairs if pair[1]])
    return f"{reverse('opendata:catalog')}?{query}" if query else reverse("opendata:catalog")


def _boxes(asked: Asked, found: CatalogPage) -> tuple[FacetBox, ...]:
    labels = showing.facet_labels()
    boxes = []
    for name in facets.NAMES:
        values = found.facets.get(name, ())
        items = tuple(
            NavigationItem(
                label=showing.facet_value(name, each),
                count=str(each.count),
                current=(name, each.value) in asked.filters,
                href=_address(asked, without=(name, each.value))
                if (name, each.value) in asked.filters
                else _address(asked, plus=(name, each.value)),
            )
            for each in values
        )
        if len(items) > 1 or any(each.current for each in items):
            boxes.append(
                FacetBox(
                    code=name,
                    label=labels[name],
                    first=items[:SHOWN_VALUES],
                    more=items[SHOWN_VALUES:40],
                    is_open=any(each.current for each in items[SHOWN_VALUES:]),
                )
            )
    return tuple(boxes)


def _chosen(asked: Asked, found: CatalogPage) -> tuple[NavigationItem, ...]:
    labels = showing.facet_labels()
    return tuple(
        NavigationItem(
            label=f"{labels[name]}: {_label(name, value, found)}", href=_address(asked, without=(name, value))
        )
        for name, value in asked.filters
    )


def _label(name: str, value: str, found: CatalogPage) -> str:
    held = next((each for each in found.facets.get(name, ()) if each.value == value), None)
    return showing.facet_value(name, held) if held else value


def _sorts(asked: Asked) -> tuple[tuple[Option, bool], ...]:
    options = [
        Option(value="-modified", label=_("Newest change first")),
        Option(value="title", label=_("Title")),
        Option(value="-issued", label=_("Newest first")),
    ]
    if asked.text:
        options.insert(0, Option(value="relevance", label=_("Best match")))
    now = asked.sort or ("relevance" if asked.text else "-modified")
    return tuple((each, each.value == now) for each in options)


def _item(each: Entry) -> dict[str, object]:
    return {
        "title": each.title,
        "href": reverse("opendata:dataset", args=[each.code]),
        "summary": each.summary,
        "publisher": each.publisher,
        "changed": written.in_words(clock.local_day(each.modified_at)),
        "formats": each.formats[:6],
        "themes": each.themes[:3],
        "origin": each.origin,
        "is_high_value": each.is_high_value,
    }


@require_safe
def dataset(request: HttpRequest, code: str) -> HttpResponse:
    """Show a dataset, or give what is said of it as linked data when that is asked for."""
    actor = request.actor  # type: ignore[attr-defined]
    kind = request.get_preferred_type([HTML, *MACHINE_TYPES]) or HTML
    if request.GET.get("formaat") in showing.DESCRIPTION_TYPES:
        kind = showing.DESCRIPTION_TYPES[request.GET["formaat"]]
    try:
        if kind != HTML:
            said = api.get_description(code=code, media_type=kind, actor=actor)
            response = sent(request, said.content, media_type=kind, tag=said.tag, lasting="max-age=60")
            response["Vary"] = "Accept"
            return response
        found = api.get_published(code=code, actor=actor)
    except DatasetGone as left:
        return gone(request, left)
    preview = showing.preview(found)
    series: tuple[dict[str, object], ...] = ()
    if found.dataset.is_series:
        series = tuple(_item(each) for each in api.list_members(code=code, actor=actor))
    response = ui.page(
        request,
        "opendata/dataset.html",
        found=found,
        title=showing.title(found),
        description=showing.paragraphs(found.dataset.description),
        facts=showing.facts(found),
        contact=found.dataset.contact,
        files=showing.files(found),
        services=showing.services(found),
        preview=preview,
        chart=drawing.chart_of(found),
        map=drawing.map_of(found.table) if found.table else None,
        report=showing.report(found),
        keywords=showing.keywords(found),
        columns=showing.columns(found),
        quality=showing.paragraphs(found.dataset.quality),
        members=series,
        used_by=found.dataset.used_by,
        descriptions=showing.descriptions(found),
        schema=showing.schema_of(request, found),
        console=showing.console(found),
        themes=showing.themes(found),
    )
    response["Link"] = f'<{found.dataset.iri}>; rel="describes"'
    response["Vary"] = "Accept"
    return response
