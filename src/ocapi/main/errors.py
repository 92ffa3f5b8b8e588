"""Error pages of the URL root: always with a reference, never with a trace."""

import sys

from django.http import HttpRequest, HttpResponse

from ocapi.dataplane import pages
from ocapi.kernel.tenants import api as tenants
from ocapi.web import middleware

OUTAGES = {tenants.Outage.FULL: (507, "60"), tenants.Outage.AWAY: (503, "5")}
"""Status and seconds until another try makes sense."""


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    return middleware.problem(request, status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return middleware.problem(request, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    return middleware.problem(request, status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, whose reference leads to the log line; or say that the store is full or away."""
    outage = tenants.outage_of(sys.exc_info()[1])
    if outage is None:
        return middleware.problem(request, status=500)
    told = outage_page(outage, trace_id=getattr(request, "trace_id", ""))
    return HttpResponse(told.body, status=told.status, headers=dict(told.headers))


def outage_page(outage: tenants.Outage, *, trace_id: str) -> pages.Answer:
    """Give the page of an outage: one that asks no database for an organization's name or colors."""
    status, seconds = OUTAGES[outage]
    return pages.page(status, trace_id=trace_id, extra=(("retry-after", seconds),))
