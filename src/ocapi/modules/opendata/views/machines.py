"""The catalogue for machines: pages of DCAT, the feed, files, rows and their description, the sitemap."""

from http import HTTPStatus
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from ocapi.lib import codec
from ocapi.lib.rdf.writing import Written
from ocapi.modules.opendata import api, checking, formats
from ocapi.modules.opendata.data import (
    DatasetGone,
    DatasetNotFound,
    FeedPage,
    FileNotFound,
    PageNotFound,
)
from ocapi.modules.opendata.views import describing_rows
from ocapi.modules.opendata.views.answers import gone, json_problem, not_found, sent

EXTENSIONS = {"ttl": "text/turtle", "jsonld": "application/ld+json", "rdf": "application/rdf+xml"}
FEED_TYPES = (
    "text/turtle",
    *(each.value for each in Written if each != "text/turtle"),
    "application/ld+json",
)
FULL_SECONDS = 604_800  # a week: a full page of the feed never changes
OPEN_SECONDS = 5
MAX_ROWS = 1_000
SITEMAP_SIZE = 50_000  # addresses of one file (sitemaps.org)


@require_safe
def catalog(request: HttpRequest, extension: str) -> HttpResponse:
    """Give a page of the catalogue; `?page=` counts from 1."""
    number = request.GET.get("page", "1")
    if extension not in EXTENSIONS or not number.isdecimal():
        return not_found(request)
    try:
        found = api.get_catalog_page(
            number=int(number[:9]),
            media_type=EXTENSIONS[extension],
            actor=request.actor,  # type: ignore[attr-defined]
        )
    except PageNotFound:
        return not_found(request)
    return _page(request, found, EXTENSIONS[extension])


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Give the root of the feed of the catalogue (LDES)."""
    kind = request.get_preferred_type(list(FEED_TYPES)) or "text/turtle"
    found = api.get_feed(media_type=kind, actor=request.actor)  # type: ignore[attr-defined]
    return _page(request, found, kind, varies=True)


@require_safe
def feed_page(request: HttpRequest, number: str) -> HttpResponse:
    """Give a page of the feed; a full one never changes."""
    kind = request.get_preferred_type(list(FEED_TYPES)) or "text/turtle"
    if not number.isdecimal():
        return not_found(request)
    try:
        found = api.get_feed_page(
            number=int(number[:12]),
            media_type=kind,
            actor=request.actor,  # type: ignore[attr-defined]
        )
    except PageNotFound:
        return not_found(request)
    return _page(request, found, kind, varies=True)


def _page(request: HttpRequest, found: FeedPage, kind: str, *, varies: bool = False) -> HttpResponse:
    lasting = f"max-age={FULL_SECONDS}, immutable" if found.is_full else f"max-age={OPEN_SECONDS}"
    response = sent(request, found.content, media_type=kind, tag=found.tag, lasting=lasting)
    if varies:
        response["Vary"] = "Accept"
    return response


@require_safe
def shapes(request: HttpRequest) -> HttpResponse:
    """Give the shapes by which each description is checked."""
    raw = checking.SHAPES.read_bytes()
    return sent(request, raw, media_type="text/turtle", tag=str(len(raw)), lasting="max-age=300")


@require_safe
def download(request: HttpRequest, code: str, extension: str) -> HttpResponse:
    """Give the rows of a dataset as a file; 410 when it was withdrawn."""
    try:
        file = api.get_file(code=code, extension=extension, actor=request.actor)  # type: ignore[attr-defined]
    except DatasetGone as left:
        return gone(request, left)
    except (DatasetNotFound, FileNotFound):
        return not_found(request)
    response = sent(
        request, file.content, media_type=file.media_type, tag=file.tag, lasting="max-age=0, must-revalidate"
    )
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


@require_safe
def rows(request: HttpRequest, code: str) -> HttpResponse:
    """Give rows as JSON: any column is a filter, `page` and `pageSize` walk through them."""
    asked = {name: request.GET[name] for name in request.GET if name not in ("page", "pageSize")}
    numbers = [request.GET.get("page", "1"), request.GET.get("pageSize", "100")]
    if not all(each.isdecimal() and int(each[:9]) > 0 for each in numbers):
        return json_problem(request, HTTPStatus.BAD_REQUEST, "page and pageSize are whole numbers from 1 on")
    page, size = int(numbers[0][:9]), min(int(numbers[1][:9]), MAX_ROWS)
    try:
        table, total = api.rows_of(
            code=code,
            filters=asked.items(),
            start=(page - 1) * size,
            size=size,
            actor=request.actor,  # type: ignore[attr-defined]
        )
    except DatasetGone as left:
        return gone(request, left)
    except (DatasetNotFound, FileNotFound):
        return not_found(request)
    except KeyError as unknown:
        return json_problem(request, HTTPStatus.BAD_REQUEST, f"there is no column {unknown.args[0]!r:.80}")
    here = request.build_absolute_uri(request.path)
    query = request.GET.copy()
    links = {}
    for name, number in (("next", page + 1), ("prev", page - 1)):
        if number > 0 and (number - 1) * size < total:
            query["page"] = str(number)
            links[name] = f"{here}?{query.urlencode()}"
    body = codec.encode_json({"items": list(formats.records(table)), "total": total, **links})
    return sent(request, body, media_type="application/json", tag="", lasting="max-age=60")


@require_safe
def openapi(request: HttpRequest, code: str) -> HttpResponse:
    """Give the description of the rows of a dataset as OpenAPI 3.0."""
    try:
        found = api.get_published(code=code, actor=request.actor)  # type: ignore[attr-defined]
    except DatasetGone as left:
        return gone(request, left)
    if found.table is None:
        return not_found(request)
    server = request.build_absolute_uri(reverse("opendata:dataset", args=[code]))
    text = describing_rows.openapi(found, server=server)
    return sent(request, text, media_type="application/yaml", tag=found.digest[:32], lasting="max-age=300")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Give the address of every page of the catalogue with its last change (sitemaps.org 0.9)."""
    base = request.build_absolute_uri(reverse("opendata:catalog"))
    lines = [f"<url><loc>{escape(base)}</loc></url>"]
    lines += [
        f"<url><loc>{escape(base)}{code}</loc><lastmod>{at.isoformat(timespec='seconds')}</lastmod></url>"
        for code, at in api.list_changed(size=SITEMAP_SIZE - 1, actor=request.actor)  # type: ignore[attr-defined]
    ]
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        + "\n".join(lines)
        + "\n</urlset>\n"
    )
    return sent(request, body.encode(), media_type="application/xml", tag="", lasting="max-age=300")
