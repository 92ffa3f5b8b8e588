"""The feed of published instances for machines: strict TREE, and the dialect that LPDC reads."""

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ocapi.modules.services import api
from ocapi.modules.services.data import FeedPage

JSON_LD, TURTLE = "application/ld+json", "text/turtle"
FEED_TYPES = ("application/n-quads", "application/trig", JSON_LD, "application/n-triples", TURTLE)
FULL_SECONDS = 604_800  # a week: a full page never changes
OPEN_SECONDS = 5
PINNED_SECONDS = 300
LONGEST_NUMBER = 9


@require_safe
def lpdc(request: HttpRequest) -> HttpResponse:
    """Give a page as LPDC reads it; without a number the oldest one."""
    number = _number(request.GET.get("pageNumber", "0"))
    return _sent(request, api.get_lpdc_page(number=number, actor=request.actor), JSON_LD)  # type: ignore[attr-defined]


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """Give the root of the strict view."""
    media_type = request.get_preferred_type(list(FEED_TYPES)) or FEED_TYPES[0]
    found = api.get_feed(media_type=media_type, actor=request.actor)  # type: ignore[attr-defined]
    return _sent(request, found, media_type)


@require_safe
def page(request: HttpRequest, number: str) -> HttpResponse:
    """Give a page of the strict view; a full one never changes."""
    media_type = request.get_preferred_type(list(FEED_TYPES)) or FEED_TYPES[0]
    found = api.get_feed_page(number=_number(number), media_type=media_type, actor=request.actor)  # type: ignore[attr-defined]
    return _sent(request, found, media_type)


@require_safe
def context(request: HttpRequest, name: str) -> HttpResponse:
    """Give a context of the feed."""
    return _pinned(api.get_context(name=name), JSON_LD)


@require_safe
def shape(request: HttpRequest) -> HttpResponse:
    """Give the shape of the members."""
    return _pinned(api.get_shape().encode(), TURTLE)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise Http404
    return int(text)


def _sent(request: HttpRequest, found: FeedPage, media_type: str) -> HttpResponse:
    response = HttpResponse(found.content, content_type=media_type)
    response["ETag"] = f'"{found.tag}"'
    lasting = f"max-age={FULL_SECONDS}, immutable" if found.is_full else f"max-age={OPEN_SECONDS}"
    response["Cache-Control"] = f"public, {lasting}"
    response["Access-Control-Allow-Origin"] = "*"
    response["Vary"] = "Accept"
    if request.headers.get("If-None-Match") == response["ETag"]:
        response.status_code, response.content = HTTPStatus.NOT_MODIFIED, b""
    return response


def _pinned(content: bytes, media_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Cache-Control"] = f"public, max-age={PINNED_SECONDS}"
    response["Access-Control-Allow-Origin"] = "*"
    return response
