"""Contact, privacy, accessibility statement and responsible disclosure: structured, never free pages."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ocapi.kernel.registry import api as registry
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, Definition, PageOf, Row, Table
from ocapi.lib import written
from ocapi.web import organization

ASSESSED_ON = date(2026, 11, 23)
STATUTORY_REVIEW_MONTHS = 12


def _contact(request: HttpRequest) -> organization.Contact:
    return organization.contact_of(request.organization["contact"])  # type: ignore[attr-defined]


def contact(request: HttpRequest) -> HttpResponse:
    """Show how to reach the organization."""
    return ui.page(request, "web/contact.html", contact=_contact(request))


def privacy(request: HttpRequest) -> HttpResponse:
    """Show what the platform holds of people, why and how long, straight from the manifests."""
    rows = tuple(
        Row(cells=(
            Cell(text=row.activity.nl), Cell(text=", ".join(row.categories)), Cell(text=row.retention),
        ))
        for manifest in registry.list_manifests() if registry.is_mounted(manifest.name)
        for row in manifest.personal_data
    )
    table = Table(
        caption=_("Processing activities"),
        columns=(
            Column(code="activity", label=_("Activity")), Column(code="data", label=_("Data")),
            Column(code="retention", label=_("How long")),
        ),
        page=PageOf(items=rows, page_size=max(len(rows), 1)),
    )
    has_own_pages = registry.is_mounted("services")
    return ui.page(
        request, "web/privacy.html", table=table, contact=_contact(request),
        consultations_href=reverse("portal:consultations") if has_own_pages else "",
    )


def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the accessibility statement as the Directive (EU) 2016/2102 and its model statement ask."""
    facts = (
        Definition(term=_("Website"), value=request.get_host()),
        Definition(
            term=_("Compliance status"), value=_("Partially compliant with WCAG 2.1 AA and EN 301 549")
        ),
        Definition(
            term=_("Not accessible"), value=_("PDF copies that people upload themselves (outside our scope)")
        ),
        Definition(
            term=_("Assessment"),
            value=_("Own assessment with axe on every page, {date}").format(
                date=written.in_digits(ASSESSED_ON)
            ),
        ),
        Definition(
            term=_("Complaint"), value=_("Not satisfied with our answer? The Vlaamse Ombudsdienst helps.")
        ),
    )
    return ui.page(request, "web/accessibility.html", facts=facts, contact=_contact(request))


def security_contact(request: HttpRequest) -> HttpResponse:
    """Serve security.txt (RFC 9116): whom to tell about a leak; it expires a year from now."""
    email = _contact(request).email
    expires = request.now.replace(year=request.now.year + 1, month=1, day=1)  # type: ignore[attr-defined]
    lines = (
        [f"Contact: mailto:{email}"]
        if email
        else [f"Contact: {request.build_absolute_uri(reverse('contact'))}"]
    )
    lines += [f"Expires: {expires:%Y-%m-%dT00:00:00Z}", "Preferred-Languages: nl, en"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def robots(request: HttpRequest) -> HttpResponse:
    """Let crawlers read public pages and keep them out of people's own pages and the desk."""
    text = "User-agent: *\nDisallow: /mijn/\nDisallow: /loket/\nDisallow: /desk/\nDisallow: /account/\n"
    if registry.is_mounted("opendata"):
        text += f"Sitemap: {request.build_absolute_uri(reverse('opendata:sitemap'))}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
