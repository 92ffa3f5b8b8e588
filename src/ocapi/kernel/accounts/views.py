"""Pages of sign-in: begin, come back, take another capacity, second step, stay signed in, sign out."""

from urllib.parse import urlencode

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import get_script_prefix, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ocapi.kernel.accounts import api, asking, oidc, open_sessions, pages, second_factor, sessions
from ocapi.kernel.accounts.data import (
    STAFF_MINIMUM,
    CapacityRefused,
    CodeRefused,
    SessionNotFound,
    StepUpNeeded,
    TooManyTries,
)
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock
from ocapi.lib.actor import Assurance, Capacity

LEVELS = {"low": Assurance.LOW, "substantial": Assurance.SUBSTANTIAL, "high": Assurance.HIGH}
HINTS = ("BUR", "EA", "LB", "VER")


def _next(request: HttpRequest) -> str:
    """Give where to go afterwards: a path of this site, else its home page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else get_script_prefix()


def _is_local(request: HttpRequest) -> bool:
    host = (
        request.get_host().rsplit(":", 1)[0] if not request.get_host().endswith("]") else request.get_host()
    )
    return host in ("localhost", "127.0.0.1", "[::1]") or host.endswith(".localhost")


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest, provider_id: str = oidc.PROVIDER) -> HttpResponse:
    """Send the browser to the identity provider; plain HTTP only on this machine, where no cookie travels.

    Who was led here without doing anything gets a page with a button: no session begins by itself.
    """
    if not request.is_secure() and not _is_local(request):
        return pages.refused(request, "PlainConnection")
    if not asking.is_by_hand(request):
        return pages.page(request, "accounts/ask.html", href=request.get_full_path())
    hint = request.GET.get("as", "")
    try:
        return oidc.begin(
            request,
            next_url=_next(request),
            minimum=LEVELS.get(request.GET.get("level", ""), Assurance.NONE),
            login_hint=hint if hint in HINTS else "",
        )
    except SocialApp.DoesNotExist:
        return pages.refused(request, "ProviderMissing")
    except (OSError, OAuth2Error):  # no answer, an error status, or metadata of another issuer
        return pages.refused(request, "ProviderFailed")


@never_cache
@require_GET
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the identity provider's answer."""
    if provider_id != oidc.PROVIDER:
        return pages.refused(request, "ProviderMissing")
    try:
        return oidc.callback(request)
    except SocialApp.DoesNotExist:
        return pages.refused(request, "ProviderMissing")


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here; the identity provider keeps its own."""
    logout(request)
    sessions.forget(request)
    response = HttpResponseRedirect(get_script_prefix())
    response["Clear-Site-Data"] = '"cache", "storage"'  # not cookies: the next page needs its own at once
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def capacities(request: HttpRequest) -> HttpResponse:
    """Show in which capacities the person may act, and take one."""
    if api.actor_of(request).capacity is Capacity.ANONYMOUS:
        return HttpResponseRedirect(_with_next("accounts:sign-in", request.get_full_path()))
    destination = _next(request)
    if request.method == "POST":
        try:
            api.switch_capacity(request, code=request.POST.get("capacity", ""))
        except StepUpNeeded:
            return HttpResponseRedirect(_step_up(request, destination))
        except CapacityRefused:
            return pages.refused(request, "CapacityRefused")
        return HttpResponseRedirect(destination)
    return pages.page(
        request,
        "accounts/capacities.html",
        choices=api.list_capacities(request),
        next=destination,
        wanted=request.GET.get("wanted", ""),
    )


@never_cache
@require_GET
def step_up(request: HttpRequest) -> HttpResponse:
    """Go to the step that raises the level. A link, not a form: form targets may not leave this site."""
    if api.actor_of(request).capacity is Capacity.ANONYMOUS:
        return HttpResponseRedirect(_with_next("accounts:sign-in", _next(request)))
    return HttpResponseRedirect(_step_up(request, _next(request)))


def _step_up(request: HttpRequest, destination: str) -> str:
    """Give the address of the step that raises the level: the person's own factor, else the provider."""
    if second_factor.is_set_up(api.actor_of(request)):
        return _with_next("accounts:second-step", destination)
    level = urlencode({"level": STAFF_MINIMUM.name.lower(), "as": "LB"})
    return f"{_with_next('accounts:sign-in', destination)}&{level}"


def _with_next(name: str, destination: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': destination})}"


@never_cache
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask the one-time code that raises this session, and go on as staff."""
    actor = api.actor_of(request)
    if actor.capacity is Capacity.ANONYMOUS:
        return HttpResponseRedirect(_with_next("accounts:sign-in", request.get_full_path()))
    if not second_factor.is_set_up(actor):
        return HttpResponseRedirect(reverse("accounts:second-factor"))
    destination = _next(request)
    if request.method == "GET":
        return pages.page(request, "accounts/second_step.html", next=destination)
    try:
        second_factor.verify(request, actor, code=request.POST.get("code", ""), now=clock.now())
        api.switch_capacity(request, code=sessions.STAFF_CODE)
    except CodeRefused:
        return pages.page(request, "accounts/second_step.html", status=422, next=destination, error="code")
    except TooManyTries as refusal:
        return _too_many(request, "accounts/second_step.html", refusal, next=destination)
    except CapacityRefused:
        return pages.refused(request, "CapacityRefused")
    return HttpResponseRedirect(destination)


@never_cache
@require_http_methods(["GET", "POST"])
def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    """Set a one-time code up, while the identity provider vouches for at least a substantial level."""
    actor = api.actor_of(request)
    if actor.capacity is Capacity.ANONYMOUS or actor.assurance < STAFF_MINIMUM:
        return HttpResponseRedirect(
            f"{_with_next('accounts:sign-in', request.get_full_path())}&level=substantial"
        )
    template, status, error = "accounts/second_factor.html", 200, ""
    if request.method == "POST":
        try:
            second_factor.confirm(request, actor, code=request.POST.get("code", ""), now=clock.now())
            return HttpResponseRedirect(reverse("accounts:capacities"))
        except CodeRefused:
            status, error = 422, "code"
        except TooManyTries as refusal:
            return _too_many(request, template, refusal)
    secret, address = second_factor.offer(request, actor, issuer=tenants.current().key)
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return pages.page(request, template, status=status, secret=grouped, address=address, error=error)


def _too_many(request: HttpRequest, template: str, refusal: TooManyTries, **context: object) -> HttpResponse:
    response = pages.page(request, template, status=429, error="tries", **context)
    response["Retry-After"] = str(refusal.retry_after_s)
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def list_sessions(request: HttpRequest) -> HttpResponse:
    """Show the open sessions of who asks; end one of them, or all but this one."""
    now, actor = clock.now(), api.actor_of(request)
    if actor.capacity is Capacity.ANONYMOUS:
        return HttpResponseRedirect(_with_next("accounts:sign-in", request.get_full_path()))
    again = (
        f"{_with_next('accounts:sign-in', reverse('accounts:sessions'))}"
        f"&{urlencode({'level': max(actor.assurance, Assurance.LOW).name.lower()})}"
    )
    error, status = "", 200
    if request.method == "POST":
        try:
            if request.POST.get("all"):
                open_sessions.end_all_others(request, actor=actor, now=now)
            else:
                open_sessions.end(request, handle=request.POST.get("session", ""), actor=actor, now=now)
            return HttpResponseRedirect(reverse("accounts:sessions"))
        except StepUpNeeded:
            error, status = "fresh", 403
        except SessionNotFound:
            error, status = "gone", 409
    found, is_fresh = open_sessions.list_of(request, now=now), open_sessions.is_fresh(request, now=now)
    return pages.page(
        request, "accounts/sessions.html", status=status, error=error, again=again, sessions=found,
        is_fresh=is_fresh, can_end=is_fresh and len(found) > 1,
    )


@never_cache
@require_POST
def extend_session(request: HttpRequest) -> HttpResponse:
    """Keep the session for another idle period; gives the new end, for the script also in a header."""
    now = clock.now()
    seen = sessions.of_request(request, now=now)
    until = None if seen.sign_in is None else sessions.extend(request.session, now=now)
    if until is None:
        return JsonResponse(
            {"status": "ended", "reason": seen.ended.value if seen.ended else "signedOut"}, status=401
        )
    response = JsonResponse({"expiresAt": until.isoformat()})
    response["Ocapi-Session-Seconds"] = str(int((until - now).total_seconds()))
    return response
