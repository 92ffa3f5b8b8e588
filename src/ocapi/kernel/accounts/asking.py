"""Whether somebody asked to sign in, or the browser was led there by a page (OWASP ASVS 5.0.0, 7.6.2)."""

from urllib.parse import urlsplit

from django.http import HttpRequest

HERE = frozenset({"same-origin", "none"})
"""A page of this site, or none: an address that was typed, a bookmark, a link in a mail that was opened."""


def is_by_hand(request: HttpRequest) -> bool:
    """Tell whether a person did something on this site, or in the browser itself, that led here.

    By the Fetch Metadata headers, which a page cannot set. A browser too old for them says where it comes
    from; one that says neither is not believed.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in HERE and request.headers.get("Sec-Fetch-User") == "?1"
    came_from = urlsplit(request.headers.get("Referer", ""))
    return (came_from.scheme, came_from.netloc) == (request.scheme, request.get_host())
