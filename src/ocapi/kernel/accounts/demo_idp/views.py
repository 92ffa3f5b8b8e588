"""The one page of the demo identity provider: choose who to be."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings as django_settings
from django.contrib.auth import get_user_model, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import get_script_prefix
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ocapi.kernel.accounts.claims import LOA_PREFIX
from ocapi.kernel.accounts.demo_idp import provisioning
from ocapi.kernel.accounts.demo_idp.adapter import username_of
from ocapi.kernel.accounts.demo_idp.provisioning import LEVELS, TestPerson
from ocapi.lib.actor import Capacity

settings: Any = django_settings  # of main/idp_settings.py, which the type checker does not read

ROLES = {
    "clerk": "dossierbehandelaar", "policy_maker": "beleidsmaker", "dpo": "gegevensbescherming",
    "tenant_admin": "beheerder", "collective_admin": "beheerder koepel", "supplier": "leverancier",
}
BACKEND = "django.contrib.auth.backends.ModelBackend"
_PATH_KEY = re.compile(r"^/o/([a-z0-9-]+)/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the waiting request asks: the organization it is for and the least level."""

    tenant: str = ""
    least: str = LEVELS[0]


def wish_of(next_url: str) -> Wish:
    """Read the wish from the authorization request the person came with."""
    query = parse_qs(urlsplit(next_url).query)
    back = urlsplit(query.get("redirect_uri", [""])[0])
    by_path = _PATH_KEY.match(back.path)
    tenant = by_path.group(1) if by_path else (back.hostname or "").removesuffix(".localhost")
    asked = query.get("acr_values", [""])[0].removeprefix(LOA_PREFIX)
    return Wish(tenant=tenant, least=asked if asked in LEVELS else LEVELS[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One test person on the page with the levels that satisfy the request."""

    person: TestPerson
    levels: tuple[str, ...]
    roles: str
    is_staff: bool
    is_enterprise: bool


def rows_for(persons: tuple[TestPerson, ...], wish: Wish) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Give the persons of the organization asked for, and the others, each with the levels that suffice."""
    here: list[Row] = []
    elsewhere: list[Row] = []
    for person in persons:
        enough = tuple(level for level in person.levels() if LEVELS.index(level) >= LEVELS.index(wish.least))
        if not enough:
            continue
        row = Row(
            person=person,
            levels=enough,
            roles=", ".join(ROLES.get(code, code) for code in person.roles),
            is_staff=person.capacity is Capacity.STAFF,
            is_enterprise=person.capacity is Capacity.ENTERPRISE,
        )
        (here if person.tenant in ("", wish.tenant) else elsewhere).append(row)
    return tuple(here), tuple(elsewhere)


@never_cache
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Show the test persons, and sign the chosen one in for the waiting request."""
    next_url = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(next_url, allowed_hosts={request.get_host()}):
        next_url = get_script_prefix()
    known = provisioning.read(Path(settings.DEMO_IDP_FOLDER))
    if request.method == "POST":
        code, _separator, level = request.POST.get("choice", "").partition("|")
        person = known.find(code)
        if person is not None and level in person.levels():
            user, _made = get_user_model().objects.get_or_create(username=username_of(person, level))
            login(request, user, backend=BACKEND)
            return HttpResponseRedirect(next_url)
    here, elsewhere = rows_for(known.persons, wish_of(next_url))
    return render(request, "demo_idp/choose.html", {"here": here, "elsewhere": elsewhere, "next": next_url})


@never_cache
def stylesheet(request: HttpRequest) -> HttpResponse:
    """Give the page's stylesheet, so that no style stands inline."""
    path = Path(__file__).parent / "choose.css"
    return HttpResponse(path.read_text(), content_type="text/css; charset=utf-8")


class OneSignInPerChoice:
    """Forgets the chosen person once the code is given: each sign-in of a demo shows the page again."""

    def __init__(self, get_response: object) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)  # type: ignore[operator]
        location = response.headers.get("Location", "")
        if request.path_info.endswith("/o/authorize") and "code=" in urlsplit(location).query:
            logout(request)
        return response
