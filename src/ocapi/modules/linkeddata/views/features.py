"""OGC API Features (parts 1, 2 and 3): the objects with a place, for maps, programs and people.

The answers follow OGC 17-069r4, 18-058r1 and 19-079r2; refusals are problem+json with a Dutch text.
"""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, ColumnKind, Definition, PageOf, Row, Table
from ocapi.lib import clock, codec
from ocapi.lib.cql2.syntax import NotCql2
from ocapi.lib.geo import systems
from ocapi.lib.geo.systems import CRS84, SYSTEMS
from ocapi.lib.problem import InputRefused, Issue, Problem, bad_request
from ocapi.modules.linkeddata import api, asking, describing
from ocapi.modules.linkeddata.data import (
    Access,
    Collection,
    CollectionNotFound,
    FeatureNotFound,
    InvalidCursor,
)

JSON, GEO_JSON, HTML = "application/json", "application/geo+json", "text/html"
OPENAPI, SCHEMA, PROBLEM = (
    "application/vnd.oai.openapi+json;version=3.0",
    "application/schema+json",
    "application/problem+json",
)
PAGE_SIZE = 25
View = Callable[..., HttpResponse]


def _answering(view: View) -> View:
    """Turn refusals into problem+json for programs; people get the pages of the site."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.GET.get("f", "") not in ("", "json", "html"):
            issue = Issue(kind="invalidInput", place="query", name="f", detail=_("Choose json or html."))
            return _problem(bad_request((issue,)))
        try:
            return view(request, *args, **kwargs)
        except (InputRefused, InvalidCursor) as refused:
            return _problem(refused.problem)
        except NotCql2 as refused:
            return _problem(
                bad_request((Issue(kind="invalidInput", place="query", name="filter", detail=str(refused)),))
            )
        except (CollectionNotFound, FeatureNotFound):
            if _is_html(request):
                raise
            return _problem(
                Problem(
                    status=404, type="urn:problem-type:belgif:resourceNotFound", title="Resource not found"
                )
            )

    return answered


def _problem(problem: Problem) -> HttpResponse:
    body: dict[str, object] = {"type": problem.type, "title": problem.title, "status": problem.status}
    if problem.issues:
        body["detail"] = " ".join(each.detail for each in problem.issues)
        body["issues"] = [
            {"in": each.place, "name": each.name, "detail": each.detail} for each in problem.issues
        ]
    return HttpResponse(codec.encode_json(body), status=problem.status, content_type=PROBLEM)


@_answering
def landing(request: HttpRequest) -> HttpResponse:
    """Show what there is on the map, and where programs find it."""
    if not _is_html(request):
        return _json(describing.landing(_home(request), title=_title()))
    found = api.list_collections(actor=request.actor)  # type: ignore[attr-defined]
    table = Table(
        caption=_("Map layers"),
        columns=(
            Column(code="title", label=_("Layer")),
            Column(code="count", label=_("Objects with a place"), kind=ColumnKind.NUMBER),
        ),
        page=PageOf(
            items=tuple(
                Row(
                    cells=(
                        Cell(text=each.title, href=reverse("linkeddata:collection", args=[each.name])),
                        Cell(text=str(each.count)),
                    )
                )
                for each in found
            ),
            page_size=max(len(found), 1),
        ),
        empty_title=_("There are no map layers yet"),
        empty_text=_("A layer appears when the objects of a data service have a place."),
    )
    return ui.page(request, "linkeddata/layers.html", table=table, address=_home(request))


@_answering
def conformance(request: HttpRequest) -> HttpResponse:
    """Say to which classes of the standards this conforms."""
    return _json({"conformsTo": list(describing.CLASSES)})


@_answering
def definition(request: HttpRequest) -> HttpResponse:
    """Give the OpenAPI 3.0 document."""
    found = api.list_collections(actor=request.actor)  # type: ignore[attr-defined]
    return _json(describing.openapi(_home(request), found, title=_title()), media_type=OPENAPI)


@_answering
def collections(request: HttpRequest) -> HttpResponse:
    """List the collections."""
    if _is_html(request):
        return ui.redirect("linkeddata:layers")
    found = api.list_collections(actor=request.actor)  # type: ignore[attr-defined]
    return _json(describing.collections(_home(request), found))


@_answering
def collection(request: HttpRequest, name: str) -> HttpResponse:
    """Describe a collection; for people with its first features."""
    found = api.measure_collection(name=name, actor=request.actor)  # type: ignore[attr-defined]
    if _is_html(request):
        return _layer(request, found)
    return _json(describing.collection(_home(request), found))


@_answering
def queryables(request: HttpRequest, name: str) -> HttpResponse:
    """Say by which properties features can be asked for (JSON Schema)."""
    found = api.get_collection(name=name, actor=request.actor)  # type: ignore[attr-defined]
    return _json(describing.queryables(_home(request), found), media_type=SCHEMA)


@_answering
def items(request: HttpRequest, name: str) -> HttpResponse:
    """Give features, as many as asked for, with a link to the next."""
    if _is_html(request):
        return _layer(request, api.measure_collection(name=name, actor=request.actor))  # type: ignore[attr-defined]
    found = api.get_collection(name=name, actor=request.actor)  # type: ignore[attr-defined]
    asked = asking.read(request.GET.dict(), collection=found)
    page = api.list_features(name=name, wanted=asked.wanted, actor=request.actor)  # type: ignore[attr-defined]
    here = f"{_home(request)}/collections/{name}/items"
    kept = {key: value for key, value in request.GET.items() if key != "cursor"}
    links = [describing.link(_with(here, request.GET.dict()), "self", GEO_JSON)]
    links.append(describing.link(_with(here, {**kept, "f": "html"}), "alternate", HTML))
    if page.next_cursor:
        links.append(describing.link(_with(here, {**kept, "cursor": page.next_cursor}), "next", GEO_JSON))
    head = {"links": links, "timeStamp": clock.now().isoformat(), "numberReturned": len(page.features)}
    if not page.next_cursor and "cursor" not in request.GET:
        head["numberMatched"] = len(page.features)
    texts = page.features
    if asked.system.iri != CRS84:
        texts = tuple(describing.moved(each, asked.system) for each in texts)
    body = (
        b'{"type":"FeatureCollection",'
        + codec.encode_json(head)[1:-1]
        + b',"features":['
        + ",".join(texts).encode()
        + b"]}"
    )
    return _geo(HttpResponse(body, content_type=GEO_JSON), found, asked.system.iri)


@_answering
def item(request: HttpRequest, name: str, uuid: UUID) -> HttpResponse:
    """Give one feature; people go on to the page of the object."""
    found = api.get_collection(name=name, actor=request.actor)  # type: ignore[attr-defined]
    text = api.get_feature(name=name, uuid=uuid, actor=request.actor)  # type: ignore[attr-defined]
    if _is_html(request):
        return ui.redirect("linkeddata:document", found.term, uuid)
    unknown = set(request.GET) - {"f", "crs"}
    if unknown:
        issue = Issue(kind="unknownInput", place="query", name=min(unknown))
        raise InputRefused((issue,))
    system = asking.system_of(request.GET.dict(), "crs")
    here = f"{_home(request)}/collections/{name}"
    body = describing.with_links(
        text,
        (
            describing.link(f"{here}/items/{uuid}", "self", GEO_JSON),
            describing.link(here, "collection", JSON),
        ),
        system=system,
    )
    return _geo(HttpResponse(body, content_type=GEO_JSON), found, system.iri)


def _layer(request: HttpRequest, found: Collection) -> HttpResponse:
    asked = asking.read(
        {"limit": str(PAGE_SIZE), **{k: v for k, v in request.GET.items() if k not in ("f", "limit")}},
        collection=found,
    )
    page = api.list_features(name=found.name, wanted=asked.wanted, actor=request.actor)  # type: ignore[attr-defined]
    facts = [
        Definition(term=_("Data service"), value=found.description),
        Definition(term=_("Objects with a place"), value=str(found.count)),
        Definition(term=_("Coordinate systems"), value=", ".join(each.title for each in SYSTEMS.values())),
    ]
    if found.extent:
        west, south, east, north = (f"{each:.5f}" for each in found.extent)
        facts.append(Definition(term=_("Area"), value=f"{west}, {south} – {east}, {north}"))
    table = Table(
        caption=_("Objects"),
        columns=(
            Column(code="title", label=_("Title")),
            Column(code="place", label=_("Place (longitude, latitude)")),
        ),
        page=PageOf(
            items=tuple(_row(found, each) for each in page.features),
            page_size=PAGE_SIZE,
            next_cursor=page.next_cursor,
        ),
        empty_title=_("There are no objects with a place here"),
        empty_text=_("Objects appear here when they say where they are."),
    )
    return ui.page(
        request,
        "linkeddata/layer.html",
        layer=found,
        facts=tuple(facts),
        table=table,
        address=f"{_home(request)}/collections/{found.name}/items",
        home=_home(request),
    )


def _row(found: Collection, text: str) -> Row:
    feature = codec.decode_untyped(text.encode())
    assert isinstance(feature, dict)
    geometry, said = feature["geometry"], feature["properties"]
    assert isinstance(geometry, dict) and isinstance(said, dict)
    west, south, _east, _north = systems.envelope(geometry)
    return Row(
        cells=(
            Cell(
                text=str(said["title"] or feature["id"]),
                href=reverse("linkeddata:document", args=[found.term, feature["id"]]),
            ),
            Cell(text=f"{west:.6f}, {south:.6f}"),
        )
    )


def _geo(response: HttpResponse, found: Collection, iri: str) -> HttpResponse:
    response["Content-Crs"] = f"<{iri}>"
    return _shared(response, is_open=found.access is Access.OPEN)


def _shared(response: HttpResponse, *, is_open: bool) -> HttpResponse:
    response["Cache-Control"] = "public, max-age=0, must-revalidate" if is_open else "private, no-store"
    response["Vary"] = "Accept"
    if is_open:
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "Content-Crs"
    return response


def _json(body: dict[str, object], *, media_type: str = JSON) -> HttpResponse:
    response = HttpResponse(codec.encode_json(body), content_type=media_type)
    response["Vary"] = "Accept"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _is_html(request: HttpRequest) -> bool:
    asked = request.GET.get("f", "")
    if asked:
        return asked == "html"
    return request.get_preferred_type([GEO_JSON, JSON, HTML]) == HTML


def _home(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("linkeddata:geo"))


def _title() -> str:
    return _("Open data on the map")


def _with(address: str, parameters: dict[str, str]) -> str:
    return f"{address}?{urlencode(parameters)}" if parameters else address
