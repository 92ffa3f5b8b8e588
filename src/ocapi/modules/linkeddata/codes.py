"""The codes of public bodies as the service about them tells: which object bears which, and until when.

The codes of a whole service are looked up together and kept until it changes, so that one costs no search
through what objects say.
"""

from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from ocapi.kernel.tenants import api as tenants
from ocapi.modules.linkeddata import queries
from ocapi.modules.linkeddata.data import Json
from ocapi.modules.linkeddata.models import ObjectRow, ServiceRow

MOST_BODIES = 50_000
INACTIVE = "Niet actief"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code that an object bears; until: the day from which it does so no more, None for now."""

    scheme: str
    value: str
    until: date | None = None

    def holds(self, on: date) -> bool:
        """Tell whether the code is valid on a day."""
        return self.until is None or on < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A public body as its object tells it. is_inactive: it ended, though nobody says on which day."""

    row: ObjectRow
    codes: tuple[Code, ...]
    is_inactive: bool


def find(service: ServiceRow, *, term: str, scheme: str, value: str) -> Body | None:
    """Give the body that bears a code or bore it; of several the one that still does."""
    known: dict[tuple[str, str], int] = tenants.cached(
        f"linkeddata.codes.{service.uuid}.{term}",
        generation=service.last_number,
        compute=lambda: _all(service, term),
    )
    found = known.get((scheme, value))
    row = ObjectRow.objects.filter(id=found).first() if found is not None else None
    return None if row is None else body_of(row)


def of_iris(service: ServiceRow, iris: tuple[str, ...]) -> tuple[Body, ...]:
    """Give the bodies of the service that these names are of, in their order."""
    rows = {each.iri: each for each in ObjectRow.objects.filter(service=service, iri__in=iris[:500])}
    return tuple(body_of(rows[iri]) for iri in iris if iri in rows)


def body_of(row: ObjectRow) -> Body:
    """Give a body by its object."""
    content = queries.version_of(row).content
    return Body(row=row, codes=_codes(content), is_inactive=content.get("toestand") == INACTIVE)


def _all(service: ServiceRow, term: str) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for row, content, _digest in islice(queries.newest(service, term=term), MOST_BODIES):
        for each in _codes(content):
            key = (each.scheme, each.value)
            if key not in found or (each.until is None and row.ended_on is None):
                found[key] = row.id
    return found


def _codes(content: Json) -> tuple[Code, ...]:
    said = content.get("identificator")
    parts = said if isinstance(said, list) else [said]
    return tuple(
        Code(scheme=scheme.lower(), value=value.replace(".", "").upper(), until=_day(each.get("geldigTot")))
        for each in parts
        if isinstance(each, dict)
        and isinstance(scheme := each.get("stelsel"), str)
        and isinstance(value := each.get("notatie"), str)
    )


def _day(said: Any) -> date | None:
    try:
        return date.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
