"""The standards register: importing it, and who of our services goes by which standard."""

from datetime import datetime
from pathlib import Path

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.kernel.registry.extensions import BadRow, Loaded
from ocapi.lib.actor import Actor
from ocapi.modules.linkeddata import standards
from ocapi.modules.linkeddata.data import Access, StandardPage
from ocapi.modules.linkeddata.reaching import READ

LONGEST_SEARCH = 120
LOAD = "linkeddata.load_standards"
LARGEST = standards.MAX_BYTES


def list_standards(*, text: str = "", cursor: str = "", page_size: int = 25, actor: Actor) -> StandardPage:
    """Give standards by title with the services, of those the actor may read, that go by each.

    Raises NotAllowed, InvalidCursor.
    """
    access.require(actor, "linkeddata.list_services")
    readable = frozenset(each for each in (Access.OPEN, Access.ORGANIZATION) if access.may(actor, READ[each]))
    return standards.page(
        text=" ".join(text.split())[:LONGEST_SEARCH], cursor=cursor, page_size=page_size, readable=readable
    )


def import_standards(*, path: Path, now: datetime) -> Loaded:
    """Put a file of the register in place of the one before, in one transaction; raises MalformedInput.

    Bad entries are reported by their place in the list; a file without a good one changes nothing.
    """
    with path.open("rb") as file:
        return _kept(file.read(standards.MAX_BYTES + 1), now=now)


def load_standards(*, raw: bytes, actor: Actor, now: datetime) -> Loaded:
    """Put what somebody brings in in place of the register before, as import_standards does.

    Raises NotAllowed, MalformedInput.
    """
    access.require(actor, LOAD)
    with transaction.atomic():
        done = _kept(raw, now=now)
        audit.changed(
            actor=actor,
            operation=LOAD,
            resource="standardsRegister",
            now=now,
            fields=("standards",),
            outcome="loaded" if done.written or done.unchanged else "refused",
        )
    return done


def _kept(raw: bytes, *, now: datetime) -> Loaded:
    entries, refused = standards.read(raw)
    bad = tuple(BadRow(line=place, reason=reason) for place, reason in refused)
    if not entries:
        return Loaded(written=0, refused=bad)
    with transaction.atomic():
        written, same = standards.keep(entries, now=now)
    return Loaded(written=written, unchanged=same, refused=bad)
