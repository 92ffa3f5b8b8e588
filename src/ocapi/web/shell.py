"""Fills the page shells: the organization's name, brand and contact, menus by what the actor may do,
who acts.
"""

from dataclasses import replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext

from ocapi.kernel.access import api as access
from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.data import Audience, Navigation, Title
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import ActorBox, NavigationItem, SessionLimit, ShellContext
from ocapi.lib import clock
from ocapi.lib.actor import Actor, Capacity
from ocapi.web import organization


class AccountPages:
    """Draws the pages of sign-in inside the shell."""

    name = "ui"

    def page(
        self, request: HttpRequest, template: str, *, status: int = 200, **context: object
    ) -> HttpResponse:
        """Answer with a template that extends one of the shells."""
        return ui.page(request, template, status=status, **context)


class PlatformShell:
    """The shell source of the platform itself; modules add nothing but navigation in their manifests."""

    name = "platform"

    def context(self, request: HttpRequest) -> ShellContext:
        """Give what is known of the bound organization and of who acts;
        never raises for anonymous visitors.
        """
        if tenants.find_current() is None or not hasattr(request, "organization"):
            return ShellContext(organization="OCAPI")
        facts = request.organization
        contact = organization.contact_of(facts["contact"])
        actor: Actor = request.actor  # type: ignore[attr-defined]
        return ShellContext(
            organization=facts["name"] or tenants.current().key,
            tagline=facts["tagline"],
            home_href=_href("home"),
            brand_stylesheet=_brand_href(facts["tokens"]),
            navigation=_navigation(request, actor),
            actor=_actor_box(actor),
            sign_in_href=f"{reverse('accounts:sign-in')}?{urlencode({'next': request.get_full_path()})}",
            search_href=_href("search"),
            session=_session_limit(request, actor),
            contact=contact.lines,
            contact_email=contact.email,
            contact_phone=contact.telephone,
            contact_href=_href("contact"),
            opening_hours=contact.opening_hours,
            privacy_href=_href("privacy"),
            accessibility_href=_href("accessibility"),
            disclosure_href=_href("security-contact"),
            notice=_replaced_notice(),
            notice_link=_replaced_link(request),
        )


def _replaced_notice() -> str:
    """Say that this is an archive, when another organization has taken the place of this one."""
    succession = tenants.current().succession
    if succession is None or not succession.is_in_force(clock.now()):
        return ""
    day = date_format(succession.on, "j F Y")
    return gettext("%(name)s took the place of this organization on %(day)s. You are reading the archive: "
                   "nothing can be changed here.") % {"name": succession.new_name, "day": day}


def _replaced_link(request: HttpRequest) -> NavigationItem | None:
    address, succession = request.META.get("ocapi.successor"), tenants.current().succession
    if not address or succession is None:
        return None
    return NavigationItem(label=gettext("Go to %(name)s") % {"name": succession.new_name}, href=f"{address}/")


def _href(name: str, *args: str) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:  # a shell must never be the reason that a page, even an error page, can't be shown
        return ""


def _brand_href(stored: str) -> str:
    name, _css = ui.stylesheet_for(organization.tokens_of(stored))
    return _href("brand", name)


def _actor_box(actor: Actor) -> ActorBox | None:
    if actor.capacity is Capacity.ANONYMOUS:
        return None
    return ActorBox(
        name=actor.display_name, represents=actor.represents_name,
        switch_href=reverse("accounts:capacities"), sign_out_href=reverse("accounts:sign-out"),
    )


def _session_limit(request: HttpRequest, actor: Actor) -> SessionLimit | None:
    expires_at = accounts.session_expires_at(request) if actor.capacity is not Capacity.ANONYMOUS else None
    if expires_at is None:
        return None
    left = int((expires_at - request.now).total_seconds())  # type: ignore[attr-defined]
    return SessionLimit(seconds_left=max(left, 0), extend_href=reverse("accounts:extend"))


def audience_of(request: HttpRequest, actor: Actor) -> Audience:
    """Tell whose menu a page has: that of its path for whom it is meant, else the public one.

    Who strays to the desk, or to a page of one's own without signing in, is refused there and must get away.
    """
    if request.path_info.startswith("/desk") and actor.capacity is Capacity.STAFF:
        return Audience.DESK
    is_own = request.path_info.startswith("/mijn") and actor.capacity is not Capacity.ANONYMOUS
    return Audience.CITIZEN if is_own else Audience.PUBLIC


OWN_LINKS = (
    Navigation(audience=Audience.CITIZEN, title=Title(nl="Volmachten", en="Powers of attorney"),
               url_name="powers", operation="accounts.power_read", order=60, icon="people"),
    Navigation(audience=Audience.DESK, title=Title(nl="Medewerkers", en="Staff"), url_name="staff",
               operation="accounts.role_read", order=90, icon="people",
               hint=Title(nl="Wie hier werkt, en in welke rol.", en="Who works here, and as what.")),
    Navigation(audience=Audience.DESK, title=Title(nl="Instellingen", en="Settings"),
               url_name="desk-settings", operation="registry.save_setting", order=95, icon="settings",
               hint=Title(nl="Naam, aanspreekvorm en huisstijl.", en="Name, form of address and brand.")),
)
"""Links to the pages of `web` itself; those of modules stand in their manifests."""


def _navigation(request: HttpRequest, actor: Actor) -> tuple[NavigationItem, ...]:
    audience = audience_of(request, actor)
    manifests = (each for each in registry.list_manifests() if tenants.current().kind in each.kinds)
    actor = replace(actor, risk=0)  # where one must sign in again first, the way there stays
    links = [
        link
        for link in (*OWN_LINKS, *(link for each in manifests for link in each.navigation))
        if link.audience is audience and access.may(actor, link.operation)
    ]
    items = [_item(link) for link in sorted(links, key=lambda link: (link.order, link.title.nl))]
    if audience is not Audience.DESK and actor.capacity is Capacity.STAFF:
        items.append(NavigationItem(label=gettext("To the desk"), href=_href("desk"), icon="briefcase"))
    return _with_current(tuple(item for item in items if item is not None), request.path)


def _with_current(items: tuple[NavigationItem, ...], path: str) -> tuple[NavigationItem, ...]:
    """Mark the one item the page stands under: the longest address that the path begins with."""
    under = [item.href for item in items if path.startswith(item.href)]
    current = max(under, key=len, default="")
    return tuple(replace(item, current=item.href == current) for item in items)


def _item(link: Navigation) -> NavigationItem | None:
    try:
        href = reverse(link.url_name)
    except NoReverseMatch:
        return None
    return NavigationItem(
        label=link.title.nl, href=href, icon=link.icon, code=link.url_name,
        hint=link.hint.nl if link.hint else "",
    )
