"""Where a request came in: at an organization's own name or, on a demo, below `/o/KEY` of the machine's."""

import re
from collections.abc import Collection, Mapping

from starlette.requests import Request
from starlette.types import Scope

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_BELOW = re.compile(r"(/o/([a-z][a-z0-9-]{1,30}))(/.+)", re.DOTALL)
_PREFIX, _KEY = "ocapi.prefix", "ocapi.organization"


def below(scope: Scope, *, parts: Collection[str], known: Collection[str]) -> Scope:
    """Give the scope of a part of ours with the prefix of an organization taken off its path, and kept aside.

    parts: first parts of paths that are ours; known: keys of organizations. Anything else stays as it is: web
    answers it, and knows the same prefix.
    """
    found = _BELOW.fullmatch(scope["path"])
    if found is None or found[3][1:].partition("/")[0] not in parts or found[2] not in known:
        return scope
    if (Request(scope).url.hostname or "") not in _LOOPBACK:
        return scope
    raw: bytes = scope.get("raw_path") or b""
    mark = found[1].encode()
    rest = raw[len(mark):] if raw.startswith(mark) else found[3].encode()
    return {**scope, "path": found[3], "raw_path": rest, _PREFIX: found[1], _KEY: found[2]}


def prefix(request: Request) -> str:
    """Give what stands before every path of the organization in links; empty at its own name."""
    return str(request.scope.get(_PREFIX, ""))


def origin(request: Request) -> str:
    """Give what every address of the organization begins with, as the caller reached it."""
    return f"{request.url.scheme}://{request.url.netloc}{prefix(request)}"


def organization(request: Request, hosts: Mapping[str, str]) -> str:
    """Give the key of the organization that was asked, by path or by host; empty for an address of nobody."""
    return str(request.scope.get(_KEY, "")) or hosts.get(request.url.hostname or "", "")
