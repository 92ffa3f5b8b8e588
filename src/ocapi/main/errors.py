"""Error pages of the URL root: always with a reference, never with a trace."""

from django.http import HttpRequest, HttpResponse

from ocapi.web import middleware


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
    """Answer 500; the reference leads to the log line."""
    return middleware.problem(request, status=500)
