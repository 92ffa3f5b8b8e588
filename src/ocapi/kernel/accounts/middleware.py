"""Cookies as the browser sees them.

`__Host-` in secure contexts, the organization's key where origins are shared.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from ocapi.kernel.tenants import api as tenants

SECURE_PREFIX = "__Host-"


def cookie_name(plain: str, *, key: str, is_secure: bool, is_path_prefixed: bool) -> str:
    """Give the name under which the browser keeps a cookie of the organization with that key.

    `__Host-ocapi-session` in production; with the key behind it where a path prefix makes organizations share
    an origin, and on plain HTTP (localhost), where the secure prefix cannot be set.
    """
    named = f"{plain}-{key}" if is_path_prefixed or not is_secure else plain
    return f"{SECURE_PREFIX}{named}" if is_secure else named


class TenantCookies:
    """Translates session and CSRF cookie between the name Django uses inside and the one outside.

    A cookie under the inside name that came from the browser is dropped: it was set by nobody of ours.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        tenant = tenants.find_current()
        if tenant is None:
            return self.get_response(request)
        is_secure = request.is_secure()
        is_path_prefixed = bool(request.META.get("SCRIPT_NAME"))
        outside = {
            plain: cookie_name(plain, key=tenant.key, is_secure=is_secure, is_path_prefixed=is_path_prefixed)
            for plain in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
        }
        sent = {plain: request.COOKIES.get(name) for plain, name in outside.items()}
        for plain, value in sent.items():
            request.COOKIES.pop(plain, None)
            if value is not None:
                request.COOKIES[plain] = value
        response = self.get_response(request)
        for plain, name in outside.items():
            self._rename(response, plain, name, is_secure=is_secure)
        return response

    def _rename(self, response: HttpResponse, plain: str, name: str, *, is_secure: bool) -> None:
        made = response.cookies.pop(plain, None)
        if made is None:
            return
        response.cookies[name] = made.value
        for attribute, value in made.items():
            if value != "":  # a maximum age of 0 removes the cookie
                response.cookies[name][attribute] = value
        response.cookies[name]["path"] = "/"
        response.cookies[name]["domain"] = ""
        if is_secure:
            response.cookies[name]["secure"] = True
