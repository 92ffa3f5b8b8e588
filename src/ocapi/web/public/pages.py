"""Search over everything public, and the stylesheet of the organization's brand."""

from django.http import Http404, HttpRequest, HttpResponse

from ocapi.kernel.access import api as access
from ocapi.kernel.search import api as search_index
from ocapi.kernel.ui import api as ui
from ocapi.web import organization

QUERY_LENGTH = 200


def search(request: HttpRequest) -> HttpResponse:
    """Find public pages; a misspelling shows what was searched instead."""
    access.require(request.actor, "web.search")  # type: ignore[attr-defined]
    text = " ".join(request.GET.get("q", "").split())[:QUERY_LENGTH]
    results = search_index.find(text=text) if text else None
    response = ui.page(request, "web/search.html", text=text, results=results)
    response["Vary"] = "Cookie"
    return response


def brand(request: HttpRequest, name: str) -> HttpResponse:
    """Serve the brand as a stylesheet; its name is its hash, so it never changes."""
    current, content = ui.stylesheet_for(organization.tokens_of(request.organization["tokens"]))  # type: ignore[attr-defined]
    if name != current:
        raise Http404
    response = HttpResponse(content, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, s-maxage=31536000, immutable"
    return response
