"""What the hosts of a replaced organization answer: on to its successor, or its own pages, which say so.

The home page and the IRIs of things that the successor holds are redirected for good (308). Everything else
goes on answering from its own database, which nothing changes any more, with a notice on each page and a
`Link` to the successor (RFC 5829 section 3.4) on each answer.
"""

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ocapi.dataplane import pages
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Tenant

ADDRESS = "ocapi.successor"
"""Member of the WSGI environment: where the successor is served, for the shell of pages."""
IRI = re.compile(r"/id/([^/]{1,60})/([0-9a-fA-F-]{36})")


def successor_address(tenant: Tenant, environ: dict[str, Any], *, at: datetime) -> str:
    """Give the origin under which who took its place is served, or its base IRI when it is not here."""
    heir = tenants.find_heir(tenant, at=at)
    if heir is None or not heir.hosts:
        assert tenant.succession is not None
        return heir.base_iri if heir else tenant.succession.new_base_iri
    _, colon, port = str(environ.get("HTTP_HOST", "")).rpartition(":")
    suffix = f":{port}" if colon and port.isdigit() else ""
    return f"{environ.get('wsgi.url_scheme', 'http')}://{heir.hosts[0]}{suffix}"


def moved(
    tenant: Tenant, environ: dict[str, Any], *, address: str, trace_id: str, at: datetime
) -> pages.Answer | None:
    """Give the redirect for what the successor answers now, or None."""
    if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
        return None
    path = environ.get("PATH_INFO", "")
    if path != "/" and not _is_held_by_heir(tenant, path, at=at):
        return None
    text = pages.Text(
        title="Verplaatst", explanation="Deze organisatie is opgegaan in een andere.",
        advice="Ga daar verder.", links=((f"{address}{path}", "Naar de nieuwe organisatie"),),
    )
    extra = (("location", f"{address}{quote(path)}"), ("link", link(address)))
    return pages.render(308, text, trace_id=trace_id, extra=extra)


def gone(tenant: Tenant, *, address: str, trace_id: str) -> pages.Answer:
    """Give the page of an organization that was dissolved after another took its place."""
    assert tenant.succession is not None
    text = pages.Text(
        title="Deze organisatie bestaat niet meer",
        explanation=f"Haar plaats is ingenomen door {tenant.succession.new_name}.",
        advice="Ga daar verder.", links=((f"{address}/", f"Naar {tenant.succession.new_name}"),),
    )
    return pages.render(410, text, trace_id=trace_id, extra=(("link", link(address)),))


def link(address: str) -> str:
    """Give the header that names who took the place."""
    return f'<{address}/>; rel="successor-version"'


def _is_held_by_heir(tenant: Tenant, path: str, *, at: datetime) -> bool:
    named = IRI.fullmatch(path)
    heir = tenants.find_heir(tenant, at=at) if named else None
    if named is None or heir is None:
        return False
    with tenants.bind_tenant(heir):
        return registry.page_of_iri(kind=named[1], uuid=named[2].lower()) is not None
