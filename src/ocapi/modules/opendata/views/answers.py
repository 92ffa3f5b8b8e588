"""Answers that machines get: files with their tag, and problems in the form that was asked for."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ocapi.kernel.ui import api as ui
from ocapi.lib import codec, written
from ocapi.lib.problem import BELGIF
from ocapi.modules.opendata.data import DatasetGone

HTML = "text/html"


def sent(request: HttpRequest, content: bytes, *, media_type: str, tag: str, lasting: str) -> HttpResponse:
    """Answer with a representation that everybody may read, from any origin; 304 when it is known."""
    is_text = media_type.startswith("text/")
    response = HttpResponse(content, content_type=f"{media_type}; charset=utf-8" if is_text else media_type)
    response["Cache-Control"] = f"public, {lasting}"
    response["Access-Control-Allow-Origin"] = "*"
    response["X-Content-Type-Options"] = "nosniff"
    if tag:
        response["ETag"] = f'"{tag}"'
        if request.headers.get("If-None-Match") == response["ETag"]:
            response.status_code, response.content = HTTPStatus.NOT_MODIFIED, b""
    return response


def wants_page(request: HttpRequest) -> bool:
    """Tell whether a page for people is asked for rather than something for machines."""
    return HTML in request.headers.get("Accept", HTML) or request.headers.get("Accept", "*/*") == "*/*"


def not_found(request: HttpRequest) -> HttpResponse:
    """Answer that there is no such thing, as a page or as problem+json."""
    if HTML in request.headers.get("Accept", ""):
        reference = str(getattr(request, "trace_id", ""))
        return ui.problem_page(request, status=HTTPStatus.NOT_FOUND, reference=reference)
    return json_problem(request, HTTPStatus.NOT_FOUND, "no such resource")


def gone(request: HttpRequest, left: DatasetGone) -> HttpResponse:
    """Answer that a dataset was here and was withdrawn, as a page or as problem+json."""
    if HTML in request.headers.get("Accept", HTML):
        return ui.page(
            request,
            "opendata/gone.html",
            status=HTTPStatus.GONE,
            title=left.title or _("This dataset"),
            gone_at=written.moment_in_words(left.gone_at) if left.gone_at else "",
        )
    return json_problem(request, HTTPStatus.GONE, "the dataset was withdrawn")


def json_problem(request: HttpRequest, status: HTTPStatus, detail: str) -> HttpResponse:
    """Answer with problem+json (RFC 9457)."""
    kind = {
        HTTPStatus.NOT_FOUND: "resourceNotFound",
        HTTPStatus.GONE: "resourceGone",
        HTTPStatus.BAD_REQUEST: "badRequest",
    }[status]
    body = {
        "type": f"{BELGIF}{kind}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": f"urn:trace:{getattr(request, 'trace_id', '')}",
    }
    response = HttpResponse(codec.encode_json(body), status=status, content_type="application/problem+json")
    response["Access-Control-Allow-Origin"] = "*"
    return response
