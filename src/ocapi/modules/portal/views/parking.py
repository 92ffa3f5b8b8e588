"""Typed text of somebody whose session ended: kept encrypted in the visitor's session until sign-in.

Also which draft revisions an open page reached by autosave, so that its own later post is no conflict.
"""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.http import HttpRequest, QueryDict

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec

KEPT_FOR = timedelta(minutes=30)
SLOT = "portal.parked"
CHAINS = "portal.autosaved"
CONTEXT = "portal.parked"
LARGEST = 200_000  # bytes of typed text; more than any section of a form holds
OPEN_PAGES = 20  # pages with autosave that one session remembers
NOT_TYPED = ("csrfmiddlewaretoken", "revision", "page", "go")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """What was typed on a page, by posted name; files are not in it."""

    path: str
    at: datetime
    typed: dict[str, list[str]]


def typed_of(posted: QueryDict) -> dict[str, list[str]]:
    """Give what a person typed: everything posted but the page's own fields."""
    return {name: posted.getlist(name) for name in posted if name not in NOT_TYPED}


def park(request: HttpRequest, *, now: datetime) -> bool:
    """Keep what was just posted under this page's path; tells whether it was kept."""
    parked = Parked(path=request.path, at=now, typed=typed_of(request.POST))
    raw = codec.encode_json(parked)
    if len(raw) > LARGEST:
        return False
    sealed = tenants.encrypt(raw.decode(), context=CONTEXT)
    request.session[SLOT] = base64.b64encode(sealed).decode()
    return True


def take(request: HttpRequest, *, now: datetime) -> dict[str, list[str]] | None:
    """Give what was parked for this page not longer than 30 minutes ago, once; None when there is nothing."""
    held = request.session.get(SLOT)
    if not held:
        return None
    try:
        raw = tenants.decrypt(base64.b64decode(held), context=CONTEXT)
    except (InvalidTag, ValueError):
        del request.session[SLOT]
        return None
    parked = codec.decode_json(raw.encode(), Parked)
    is_over = now - parked.at > KEPT_FOR
    if not is_over and parked.path != request.path:
        return None  # it waits for the page it was typed on
    del request.session[SLOT]
    return None if is_over else parked.typed


def remember_autosave(request: HttpRequest, *, draft: UUID, page: str, revision: int) -> None:
    """Note that an open page brought its draft to this revision by autosave."""
    chains = dict(request.session.get(CHAINS, {}))
    chains.pop(_chain(draft, page), None)
    chains[_chain(draft, page)] = revision
    request.session[CHAINS] = dict(list(chains.items())[-OPEN_PAGES:])


def revision_of(request: HttpRequest, *, draft: UUID) -> int:
    """Give the revision a posted page stands on: what it was drawn with,
    or what its autosave reached since.
    """
    drawn = request.POST.get("revision", "")
    shown = int(drawn) if drawn.isdecimal() else 0
    reached = request.session.get(CHAINS, {}).get(_chain(draft, request.POST.get("page", "")), 0)
    return max(shown, int(reached))


def _chain(draft: UUID, page: str) -> str:
    return f"{draft}:{page[:32]}"
