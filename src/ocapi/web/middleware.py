"""Dresses each request with who, when and how to address the reader; turns refusals into pages;
sets headers.
"""

import logging
from collections.abc import Callable
from urllib.parse import quote, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from ocapi.kernel.access.data import NotAllowed, Reason
from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.data import Audience
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Replaced
from ocapi.kernel.ui import api as ui
from ocapi.lib import clock, ids
from ocapi.lib.actor import Assurance
from ocapi.web.shell import audience_of

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
ADDRESS_FORMS = {"formal": "nl-be-x-formal", "informal": "nl-be-x-informal"}

REFUSED_INPUT = frozenset({400, 405, 406, 409, 412, 413, 415, 422, 428, 429, 431})
log = logging.getLogger("ocapi.web")

LONGEST_NEXT = 1500  # characters as they stand in a query: Django takes a whole address of 2,048

Next = Callable[[HttpRequest], HttpResponse]


class RequestContext:
    """Puts `now`, `actor`, `trace_id` and `address_form` on the request and the security headers on the
    answer.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = clock.now()  # type: ignore[attr-defined]
        request.trace_id = request.META.get("ocapi.trace_id") or ids.token(18)  # type: ignore[attr-defined]
        if tenants.find_current() is None:
            return _with_headers(request, self.get_response(request))
        request.organization = registry.settings_of("organization")  # type: ignore[attr-defined]
        request.address_form = request.organization["address_form"]  # type: ignore[attr-defined]
        request.actor = accounts.actor_of(request)  # type: ignore[attr-defined]
        language = ADDRESS_FORMS.get(request.address_form, "nl")  # type: ignore[attr-defined]
        with translation.override(language):
            response = self.get_response(request)
        _tell_of_refusal(request, response.status_code)
        return _with_headers(request, response)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Hide the pages of a module that is not mounted on this kind of organization."""
        package = getattr(view, "__module__", "").split(".")
        if package[:2] == ["ocapi", "modules"] and not registry.is_mounted(package[2]):
            return problem(request, status=404)
        return None

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        """Answer refusals and unknown things with a page; anything else is a defect and becomes a 500."""
        if isinstance(failure, NotAllowed):
            return refusal(request, failure)
        if isinstance(failure, Replaced):
            return replaced(request, failure)
        if isinstance(failure, LookupError) and type(failure).__name__.endswith("NotFound"):
            return problem(request, status=404)
        return None


def _tell_of_refusal(request: HttpRequest, status: int) -> None:
    """Log input, repetitions and rates that were refused, by the route asked for, never by what was typed.

    What the policy refuses has a line of its own, with its reason.
    """
    if status in REFUSED_INPUT:
        route = request.resolver_match.route if request.resolver_match else ""
        told = {"operation": f"{request.method} {route}", "reason": f"status {status}"}
        log.info("input refused", extra={**told, "actor": request.actor.label})  # type: ignore[attr-defined]


def refusal(request: HttpRequest, refused: NotAllowed) -> HttpResponse:
    """Answer what a policy decision asks for: sign-in, a stronger sign-in, 404 for hidden things, or 403."""
    if refused.reason in (Reason.SIGN_IN_NEEDED, Reason.ASSURANCE_TOO_LOW, Reason.RISK_TOO_HIGH):
        typed_on = request.META.get("HTTP_REFERER", "/")
        query = {"next": _asked_for(request) if request.method == "GET" else typed_on}
        if refused.reason is Reason.ASSURANCE_TOO_LOW:
            query["level"] = refused.needs.name.lower()
        if refused.reason is Reason.RISK_TOO_HIGH:
            query["level"] = Assurance.SUBSTANTIAL.name.lower()  # whereby the provider asks anew who it is
        href = f"{reverse('accounts:sign-in')}?{urlencode(query)}"
        if request.method in ("GET", "HEAD"):
            return ui.redirect(href)
        text = gettext("Nothing was saved. Sign in and send it again.")
        if accounts.session_end_of(request) and ui.park(request, path=urlsplit(typed_on).path):
            text = gettext("Nothing was sent yet. What was typed is kept for 30 minutes.")
        return ui.sign_in_page(request, href=href, text=text)
    return problem(request, status=404 if refused.reason is Reason.HIDDEN else 403)


def _asked_for(request: HttpRequest) -> str:
    """Give where to go after signing in: what was asked, or the home page when that address is too long."""
    wanted = request.get_full_path()
    return wanted if len(quote(wanted, safe="")) <= LONGEST_NEXT else "/"


def replaced(request: HttpRequest, failure: Replaced) -> HttpResponse:
    """Answer who wanted to change something in an archive: nothing was saved (410); the notice on top of the
    page and the home page lead to the successor.
    """
    text = gettext("This organization no longer exists. %(name)s took its place: begin again there. What was "
                   "sent here before is kept, and can still be read here.")
    return ui.page(
        request, "ui/problem.html", status=410, title=gettext("Nothing was saved"),
        text=text % {"name": failure.succession.new_name}, reference=getattr(request, "trace_id", ""),
        code=410,
    )


def problem(request: HttpRequest, *, status: int) -> HttpResponse:
    """Answer with the error page of a status, with the menu of who reads it and the trace id as reference."""
    reference, actor = getattr(request, "trace_id", ""), getattr(request, "actor", None)
    is_at_desk = actor is not None and audience_of(request, actor) is Audience.DESK
    answer = ui.desk_problem_page if is_at_desk else ui.problem_page
    return answer(request, status=status, reference=reference)


def _with_headers(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
    response.headers["BelGov-Trace-Id"] = request.trace_id  # type: ignore[attr-defined]
    if request.headers.get("BelGov-Trace-Id", request.trace_id) != request.trace_id:  # type: ignore[attr-defined]
        response.headers["BelGov-Related-Trace-Id"] = request.headers["BelGov-Trace-Id"][:36]
    response.headers.setdefault("Cache-Control", "private, no-store")
    response.headers.setdefault("Content-Language", "nl-BE")
    return response
