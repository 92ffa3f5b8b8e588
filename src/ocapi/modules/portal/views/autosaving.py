"""Which draft revisions an open page reached by autosave, so that its own later post is no conflict."""

from uuid import UUID

from django.http import HttpRequest

CHAINS = "portal.autosaved"
OPEN_PAGES = 20  # pages with autosave that one session remembers


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
