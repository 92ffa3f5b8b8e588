"""Which municipality an area belongs to today, from the register of local authorities. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ocapi.kernel.registry.data import Authority, AuthorityChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A NIS code, valid today or before, and the municipality of today that it belongs to."""

    nis: str
    nis_now: str
    name: str
    province: str
    merged_on: date | None


def codes(authorities: Iterable[Authority], changes: Iterable[AuthorityChange]) -> tuple[Code, ...]:
    """Give every NIS code of a municipality with the one of today, by following the mergers in order of
    day.
    """
    places = {each.key: each for each in authorities if each.kind == "municipality"}
    goes_to: dict[str, tuple[str, date]] = {}
    merged: dict[str, date] = {}
    for change in sorted(changes, key=lambda each: each.date):
        if change.kind != "municipality":
            continue
        taker = next((key for key in change.resulting if key in places), "")
        for key in change.original:
            if key != taker and key in places:
                goes_to[key] = (taker, change.date)
        merged[taker] = change.date
    found: dict[str, Code] = {}
    for key, place in places.items():
        last = key
        while last in goes_to:
            last = goes_to[last][0]
        now = _values(places[last], "nis")[-1]
        for nis in _values(place, "nis"):
            found[nis] = Code(
                nis=nis,
                nis_now=now,
                name=_values(places[last], "name")[-1],
                province=places[last].province,
                merged_on=merged.get(last),
            )
    return tuple(found[nis] for nis in sorted(found))


def _values(place: Authority, scheme: str) -> list[str]:
    found = [each for each in place.identifiers if each.scheme == scheme]
    return [each.value for each in sorted(found, key=lambda each: each.valid_from or date.min)] or [""]
