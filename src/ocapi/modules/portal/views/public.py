"""Public pages: home, all services, one product page."""

from collections import defaultdict

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.registry import api as registry
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Card, NavigationItem
from ocapi.modules.portal.views.presenting import (
    DOMAIN_ICONS,
    cacheable,
    for_local_authorities,
    icon_of,
    shell,
)
from ocapi.modules.services import api as services_api
from ocapi.modules.services.data import ActionKind, PublicService, ServiceSummary

TOP_TASKS = 6
EXAMPLES = 3


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the start of the site: search, top tasks, own things, services by domain."""
    access.require(request.actor, "portal.read")  # type: ignore[attr-defined]
    if not registry.is_mounted("services"):
        return cacheable(request, ui.page(request, "portal/organization.html"), "home")
    found = services_api.list_services(address_form=request.address_form)  # type: ignore[attr-defined]
    top = [each for each in found if each.top_task][:TOP_TASKS]
    examples = tuple(
        NavigationItem(label=each.title, href=_page_of(each.code)) for each in top[:EXAMPLES]
    )
    response = ui.page(
        request,
        "portal/home.html",
        tasks=tuple(_card(each) for each in top),
        links=_quick_links(),
        domains=_domain_cards(found),
        examples=examples,
    )
    return cacheable(request, response, "home", "services")


@require_safe
@for_local_authorities
def services(request: HttpRequest) -> HttpResponse:
    """Show every service, by domain and from A to Z."""
    access.require(request.actor, "services.read")  # type: ignore[attr-defined]
    found = services_api.list_services(address_form=request.address_form)  # type: ignore[attr-defined]
    response = ui.page(
        request,
        "portal/services.html",
        groups=_groups(found),
        letters=_letters(found),
        shell=shell(request, (_("Services"), request.path)),
    )
    return cacheable(request, response, "services")


@require_safe
@for_local_authorities
def service(request: HttpRequest, code: str) -> HttpResponse:
    """Show one product page, in the order all Flemish product pages have."""
    access.require(request.actor, "services.read")  # type: ignore[attr-defined]
    found = services_api.get_service(code=code, address_form=request.address_form)  # type: ignore[attr-defined]
    trail = ((_("Services"), reverse("portal:services")), (found.title, request.path))
    response = ui.page(
        request,
        "portal/service.html",
        service=found,
        action_href=_action_href(found),
        icon=icon_of(life_event=found.life_event, domain=found.domain),
        shell=shell(request, *trail),
    )
    return cacheable(request, response, "services", f"service-{code}")


def _page_of(code: str) -> str:
    return reverse("portal:service", args=[code])


def _action_href(service: PublicService) -> str:
    if service.action.kind is ActionKind.FORM and service.action.form:
        return reverse("portal:start", args=[service.action.form])
    return reverse("contact")


def _card(service: ServiceSummary) -> Card:
    icon = icon_of(life_event=service.life_event, domain=service.domain)
    return Card(title=service.title, href=_page_of(service.code), text=service.summary, icon=icon)


def _quick_links() -> tuple[Card, ...]:
    return (
        Card(
            title=_("My cases"),
            href=reverse("portal:cases"),
            text=_("See where a request stands"),
            icon="folder",
        ),
        Card(
            title=_("Contact and opening hours"),
            href=reverse("contact"),
            text=_("Call, write or come by"),
            icon="phone",
        ),
        Card(
            title=_("Who looked at my data?"),
            href=reverse("portal:consultations"),
            text=_("See who looked at your data, and why"),
            icon="eye",
        ),
    )


def _domain_cards(found: tuple[ServiceSummary, ...]) -> tuple[Card, ...]:
    return tuple(
        Card(
            title=title,
            href=f"{reverse('portal:services')}#{code}",
            icon=DOMAIN_ICONS.get(code, "folder"),
            meta=ngettext("%(count)s service", "%(count)s services", len(group)) % {"count": len(group)},
        )
        for code, title, group in _groups(found)
    )


def _groups(found: tuple[ServiceSummary, ...]) -> tuple[tuple[str, str, tuple[ServiceSummary, ...]], ...]:
    """Give (domain code, title, services) in the order of the domains; unknown domains stand last."""
    by_domain: dict[str, list[ServiceSummary]] = defaultdict(list)
    for each in found:
        by_domain[each.domain].append(each)
    titles = {domain.code: domain.title_nl for domain in services_api.list_domains()}
    order = [*titles, *sorted(set(by_domain) - set(titles))]
    return tuple(
        (code, titles.get(code, _("Other services")), tuple(by_domain[code]))
        for code in order
        if code in by_domain
    )


def _letters(found: tuple[ServiceSummary, ...]) -> tuple[tuple[str, tuple[ServiceSummary, ...]], ...]:
    by_letter: dict[str, list[ServiceSummary]] = defaultdict(list)
    for each in sorted(found, key=lambda service: service.title.casefold()):
        by_letter[each.title[:1].upper()].append(each)
    return tuple((letter, tuple(group)) for letter, group in by_letter.items())
