"""Error pages of the URL root: always with a reference, never with a trace."""

import sys
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, is_valid_path
from django.utils.http import escape_leading_slashes

from ocapi.dataplane import pages
from ocapi.kernel.tenants import api as tenants
from ocapi.main import problems
from ocapi.web import middleware

OUTAGES = {tenants.Outage.FULL: (507, "60"), tenants.Outage.AWAY: (503, "5")}
"""Status and seconds until another try makes sense."""


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404, or send on who put a slash behind the address of a page (Django adds one that is missing).

    Only the address decides, never what stands behind it: a thing that is hidden answers as one that is not
    there, after the same step. Nothing that changes something and no API is sent on.
    """
    path = request.path_info
    if path.startswith("/api/"):
        return problems.answer(request, problems.NOT_FOUND)
    is_page = request.method in ("GET", "HEAD")
    if is_page and isinstance(exception, Resolver404) and path.endswith("/") and is_valid_path(path[:-1]):
        query = request.META.get("QUERY_STRING", "")
        address = escape_leading_slashes(quote(request.path[:-1], safe="/:@!$&'()*+,;=~"))
        return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
    return middleware.problem(request, status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return middleware.problem(request, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400; or tell of the outage behind it: Django calls a session it could not keep a bad request."""
    return _outage(request, exception) or middleware.problem(request, status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, whose reference leads to the log line; or say that the store is full or away."""
    return _outage(request, sys.exc_info()[1]) or middleware.problem(request, status=500)


def _outage(request: HttpRequest, failure: BaseException | None) -> HttpResponse | None:
    outage = tenants.outage_of(failure)
    if outage is None:
        return None
    told = outage_page(outage, trace_id=getattr(request, "trace_id", ""))
    return HttpResponse(told.body, status=told.status, headers=dict(told.headers))


def outage_page(outage: tenants.Outage, *, trace_id: str) -> pages.Answer:
    """Give the page of an outage: one that asks no database for an organization's name or colors."""
    status, seconds = OUTAGES[outage]
    return pages.page(status, trace_id=trace_id, extra=(("retry-after", seconds),))
