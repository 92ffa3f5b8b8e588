"""The token endpoint (RFC 6749 section 5), its metadata (RFC 8414) and the keys of tokens."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock, codec
from ocapi.modules.exchange import api
from ocapi.modules.exchange.data import GrantRefused, TooManyFailures

FORM = "application/x-www-form-urlencoded"
PARAMETERS = ("grant_type", "client_assertion_type", "client_assertion", "scope")


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Give an access token; no session and no cookie plays a part, so no CSRF token is asked."""
    if request.content_type != FORM:
        return _error("invalid_request", f"send {FORM}", 400)
    repeated = [name for name in request.POST if len(request.POST.getlist(name)) > 1]
    if repeated:
        return _error("invalid_request", "a parameter stands twice", 400)
    given = {name: request.POST.get(name, "") for name in PARAMETERS}
    if not given["grant_type"]:
        return _error("invalid_request", "grant_type is missing", 400)
    try:
        made = api.issue_token(
            **given, now=clock.now(), audiences=_audiences(request),
            address=request.META.get("REMOTE_ADDR", ""),
        )
    except GrantRefused as refused:
        return _error(refused.error, refused.description, refused.status)
    except TooManyFailures as failures:
        response = _error("invalid_client", "too many failed attempts", 429)
        response["Retry-After"] = str(failures.retry_after_s)
        return response
    return _answer({
        "access_token": made.access_token, "token_type": "Bearer", "expires_in": made.expires_in,
        "scope": made.scope,
    })


@require_GET
def jwks(request: HttpRequest) -> HttpResponse:
    """Give the keys under which access tokens and webhooks are signed (RFC 7517)."""
    response = _answer({"keys": list(api.public_keys())})
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_GET
def metadata(request: HttpRequest) -> HttpResponse:
    """Say what this authorization server does (RFC 8414)."""
    response = _answer({
        "issuer": _origin(request),
        "token_endpoint": request.build_absolute_uri(reverse("exchange:token")),
        "jwks_uri": request.build_absolute_uri(reverse("exchange:jwks")),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "scopes_supported": [choice.code for choice in api.list_scopes()],
    })
    response["Cache-Control"] = "public, max-age=300"
    return response


def _audiences(request: HttpRequest) -> tuple[str, ...]:
    """Give what an assertion may be addressed to besides the issuer of tokens."""
    return (
        request.build_absolute_uri(reverse("exchange:token")), _origin(request), tenants.current().base_iri
    )


def _origin(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("exchange:token")).removesuffix("/oauth/token")


def _answer(body: dict[str, object], status: int = 200) -> HttpResponse:
    response = HttpResponse(codec.encode_json(body), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response


def _error(error: str, description: str, status: int) -> HttpResponse:
    response = _answer({"error": error, "error_description": description}, status)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="ocapi"'
    return response
