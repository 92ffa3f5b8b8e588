"""Typed text of somebody whose session ended: kept encrypted in the visitor's session until sign-in.

Files are not in it. Only the same person gets it back, on the page it was typed on, once.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, QueryDict

from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.extensions import RowVault, add_vault
from ocapi.kernel.ui.data import Field, FieldKind
from ocapi.lib import codec

KEPT_FOR = timedelta(minutes=30)
SLOT = "ui.parked"
CONTEXT = "ui.parked"
LARGEST = 200_000  # bytes of typed text; more than any page of ours asks for
NOT_TYPED = ("csrfmiddlewaretoken", "revision", "page", "go")  # what pages post of their own
NOT_RESTORED = (FieldKind.FILE, FieldKind.HIDDEN, FieldKind.PASSWORD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """What was typed on a page, by posted name, and by whom; without a person anybody who returns gets it."""

    path: str
    at: datetime
    typed: dict[str, list[str]]
    person: UUID | None = None


def register() -> None:
    """Let key rotations reach what is parked; a second call changes nothing."""
    from django.contrib.sessions.models import Session

    def read(data: str) -> str:
        return str(SessionStore().decode(data).get(SLOT, ""))

    def write(data: str, text: str) -> str:
        return SessionStore().encode({**SessionStore().decode(data), SLOT: text})

    add_vault(RowVault(name=CONTEXT, model=Session, column="session_data", read=read, write=write))


def typed_of(posted: QueryDict) -> dict[str, list[str]]:
    """Give what a person typed: everything posted but the page's own fields."""
    return {name: posted.getlist(name) for name in posted if name not in NOT_TYPED}


def is_held(request: HttpRequest) -> bool:
    """Tell whether this session keeps something, whosever it is."""
    return SLOT in getattr(request, "session", ())


def park(request: HttpRequest, parked: Parked) -> bool:
    """Keep what was typed; tells whether it was kept, which too much text is not."""
    raw = codec.encode_json(parked)
    if len(raw) > LARGEST:
        return False
    sealed = tenants.encrypt(raw.decode(), context=CONTEXT)
    request.session[SLOT] = base64.b64encode(sealed).decode()
    return True


def take(request: HttpRequest, *, person: UUID | None, now: datetime) -> dict[str, list[str]] | None:
    """Give what this person typed on this page at most 30 minutes ago, once; None when that is nothing."""
    try:
        raw = tenants.decrypt(base64.b64decode(request.session[SLOT]), context=CONTEXT)
    except (InvalidTag, ValueError):
        del request.session[SLOT]
        return None
    parked = codec.decode_json(raw.encode(), Parked)
    is_for_nobody = now - parked.at > KEPT_FOR or (
        parked.person is not None and person is not None and person != parked.person
    )
    if not is_for_nobody and (parked.path != request.path or (parked.person is not None and person is None)):
        return None  # it waits for its page, or for its person to sign in
    del request.session[SLOT]
    return None if is_for_nobody else parked.typed


def restore(fields: tuple[Field, ...], typed: Mapping[str, list[str]]) -> tuple[Field, ...]:
    """Give the fields with what was typed in them; those filled from a source keep the source's value."""
    return tuple(_restored(each, typed[each.name]) if _may_restore(each, typed) else each for each in fields)


def _may_restore(field: Field, typed: Mapping[str, list[str]]) -> bool:
    return field.name in typed and field.kind not in NOT_RESTORED and not field.source


def _restored(field: Field, values: list[str]) -> Field:
    if field.kind is FieldKind.CHECKBOXES:
        return replace(field, values=tuple(values))
    return replace(field, value=values[-1] if values else "")
