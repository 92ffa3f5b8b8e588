"""What several pages share: days in words, icons, breadcrumbs, cache headers, and who may see what."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ocapi.kernel.registry import api as registry
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import NavigationItem, ShellContext
from ocapi.lib.actor import Capacity
from ocapi.modules.portal.data import PageNotFound

CACHE_SECONDS = 60

DOMAIN_ICONS = {
    "mobility": "bike",
    "urbanDevelopment": "home",
    "economy": "briefcase",
    "environment": "tree",
    "cityServices": "townhall",
    "education": "book",
    "energy": "leaf",
    "health": "heart",
}
LIFE_EVENT_ICONS = {
    "tuinEnGroen": "tree",
    "verhuizen": "box",
    "bewijsNodig": "document",
    "bouwenEnVerbouwen": "home",
    "wonenInDeBuurt": "pin",
    "trouwen": "heart",
    "kindKrijgen": "family",
    "opReisGaan": "passport",
    "geldzorgen": "euro",
    "kinderenEnVrijeTijd": "people",
}

View = Callable[..., HttpResponse]


def for_local_authorities(view: View) -> View:
    """Make a page that only organizations with public services have."""

    @wraps(view)
    def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not registry.is_mounted("services"):
            raise PageNotFound(request.path)
        return view(request, *args, **kwargs)

    return shown


def icon_of(*, life_event: str, domain: str) -> str:
    """Give the icon of a service: of its life event, else of its domain."""
    return LIFE_EVENT_ICONS.get(life_event) or DOMAIN_ICONS.get(domain, "folder")


def shell(request: HttpRequest, *trail: tuple[str, str]) -> ShellContext:
    """Give the shell with a breadcrumb: (label, address) of each step, the last one is this page."""
    crumbs = (NavigationItem(label=_("Home"), href=reverse("home")),)
    crumbs += tuple(NavigationItem(label=label, href=href) for label, href in trail)
    return replace(ui.shell(request), breadcrumb=crumbs)


def cacheable(request: HttpRequest, response: HttpResponse, *tags: str) -> HttpResponse:
    """Let the front keep a page for visitors without a session; the tags say what makes it stale."""
    is_anonymous = request.actor.capacity is Capacity.ANONYMOUS  # type: ignore[attr-defined]
    if is_anonymous and settings.SESSION_COOKIE_NAME not in request.COOKIES:
        response["Cache-Control"] = f"public, s-maxage={CACHE_SECONDS}, max-age=0"
        response["Ocapi-Cache-Tags"] = ",".join(tags)
    return response
