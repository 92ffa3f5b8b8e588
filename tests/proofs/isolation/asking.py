"""Asks the product's web application itself, with the organization bound around it as in production."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from ocapi.kernel.accounts.middleware import cookie_name

CSRF = "a" * 32
TRACE = "00000000-0000-7000-8000-00000000c0de"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer; raw: status line, headers and body as bytes, for what is searched in every byte."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def raw(self) -> bytes:
        """Give every byte that leaves."""
        return "".join(f"{name}: {value}\n" for name, value in self.headers).encode() + self.body

    def header(self, name: str) -> str:
        """Give a header, or nothing."""
        return next((value for each, value in self.headers if each.lower() == name), "")

    @property
    def is_refusal(self) -> bool:
        """Tell whether somebody is kept out: sign in, no permission, or no such thing."""
        return self.status in (401, 403, 404) or "/account/aanmelden/" in self.header("location")


def application() -> Any:
    """Give the application of the web process, which here leaves connections open between requests.

    Django closes them at both ends of a request, in the middle of a transaction too, that is to be undone.
    """
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    from ocapi.main import wsgi

    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    return wsgi.application


def cookies(key: str, session: str) -> str:
    """Give the cookie header of a session, as a browser that has opened a page sends it."""
    pairs = {settings.CSRF_COOKIE_NAME: CSRF} | ({settings.SESSION_COOKIE_NAME: session} if session else {})
    return "; ".join(
        f"{cookie_name(name, key=key, is_secure=False, is_path_prefixed=False)}={value}"
        for name, value in pairs.items()
    )


def ask(
    host: str,
    method: str,
    target: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    media_type: str = "application/x-www-form-urlencoded",
    app: Any = None,
) -> Reply:
    """Send one request and give its whole answer."""
    environ, begun = _environ(host, method, target, headers, body, media_type), []

    def start_response(status: str, given: list[tuple[str, str]], exc_info: object = None) -> Any:
        begun[:] = [(int(status.split()[0]), tuple(given))]

    chunks: Iterable[bytes] = (app or application())(environ, start_response)
    try:
        content = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, found = begun[0]
    return Reply(status=status, headers=found, body=content)


def _environ(
    host: str, method: str, target: str, headers: Mapping[str, str], body: bytes, media_type: str
) -> dict[str, Any]:
    path, _, query = (
        part.encode("utf-8", "surrogatepass").decode("latin-1") for part in target.partition("?")
    )
    made = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "REMOTE_ADDR": "192.0.2.1",
        "HTTP_X_CSRFTOKEN": CSRF,
        "HTTP_BELGOV_TRACE_ID": TRACE,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if body or method not in ("GET", "HEAD"):
        made |= {"CONTENT_TYPE": media_type, "CONTENT_LENGTH": str(len(body))}
    return made | {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
