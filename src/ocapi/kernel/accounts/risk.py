"""What speaks against a request of staff being from who signed in: another browser, network, or none at all.

Weighed at each request against what was seen at sign-in (OWASP ASVS 5.0.0, 8.4.2). Citizens are not weighed:
who is abroad at night has the same rights. Nothing here *grants* anything: no network or device opens a door.
"""

import ipaddress
import re
from dataclasses import dataclass

from django.http import HttpRequest

from ocapi.kernel.tenants import api as tenants

SALT = "accounts.circumstances"
HEX_DIGITS = 16
OTHER_BROWSER, OTHER_NETWORK, NO_METADATA, NEVER_METADATA = 60, 30, 40, 10
CERTAIN = 90
"""From here on the session is over: two signs agree."""
_VERSIONS = re.compile(r"[0-9._]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """How a request came. browser, network: keyed hashes, so that a session names no device and no place.

    sends_metadata: it has the Fetch Metadata headers, which every browser that still gets updates sends and
    programs seldom do: all that a page can see of the device's state.
    """

    browser: str
    network: str
    sends_metadata: bool


def circumstances_of(request: HttpRequest) -> Circumstances:
    """Give how this request came: browser without its versions and language, and the network's prefix."""
    browser = "\n".join(
        _VERSIONS.sub("", request.META.get(name, "")) for name in ("HTTP_USER_AGENT", "HTTP_ACCEPT_LANGUAGE")
    )
    return Circumstances(
        browser=_hashed(browser), network=_hashed(_prefix(request.META.get("REMOTE_ADDR", ""))),
        sends_metadata=bool(request.META.get("HTTP_SEC_FETCH_SITE")),
    )


def weigh(known: Circumstances | None, found: Circumstances) -> int:
    """Give what speaks against it, 0 to 100; nothing does where nothing was seen at sign-in."""
    if known is None:
        return 0
    score = OTHER_BROWSER * (known.browser != found.browser)
    score += OTHER_NETWORK * (known.network != found.network)
    if not found.sends_metadata:
        score += NO_METADATA if known.sends_metadata else NEVER_METADATA
    return min(score, 100)


def _prefix(address: str) -> str:
    """Give the network a household or office has: /24 of IPv4, /48 of IPv6; a text that is none as it is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))


def _hashed(text: str) -> str:
    return tenants.keyed_hash(text, salt=SALT).hex()[:HEX_DIGITS]
