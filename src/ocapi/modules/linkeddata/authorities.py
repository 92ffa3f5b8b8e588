"""The local authorities of the shipped register, as objects of the service of public bodies."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.conf import settings

from ocapi.lib import codec
from ocapi.modules.linkeddata.data import Json, RegisteredThing

CLASSIFICATION = (
    "http://data.vlaanderen.be/id/concept/BestuurseenheidClassificatieCode/5ab0e9b8a3b2ca7c5e00000"
)
"""Prefix of the code list BestuurseenheidClassificatieCode of OSLO Besluit; the last digit is the kind."""
KINDS = {"municipality": "1", "psw_centre": "2", "district": "3"}
TERM = "Bestuurseenheid"
MAX_BYTES = 8 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Identifier:
    scheme: str
    value: str
    edition: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    key: str
    kind: str
    status: str
    identifiers: tuple[_Identifier, ...]
    province: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Units:
    organizations: tuple[_Unit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    organization: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    key: str
    type: str
    date: date
    kind: str
    shape: str
    district: str = ""
    nis_change: dict[str, str] = field(default_factory=dict)
    original: tuple[str, ...] = ()
    resulting: tuple[str, ...] = ()
    results: tuple[_Outcome, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Events:
    change_events: tuple[_Event, ...]


def local_authorities(*, keys: frozenset[str] = frozenset()) -> Iterator[RegisteredThing]:
    """Give the local authorities of the shipped register as objects, all of them when no key is named."""
    folder = Path(settings.OCAPI.project) / "content" / "local-authorities"
    units = codec.decode_yaml((folder / "municipalities.yaml").read_bytes(), _Units, max_bytes=MAX_BYTES)
    events = codec.decode_yaml((folder / "change_events.yaml").read_bytes(), _Events, max_bytes=MAX_BYTES)
    ends = {
        outcome.organization: (event.date, event.resulting)
        for event in events.change_events
        for outcome in event.results
        if outcome.status == "ended"
    }
    for unit in units.organizations:
        if not keys or unit.key in keys:
            ended_on, successors = ends.get(unit.key, (None, ()))
            yield RegisteredThing(
                key=unit.key,
                term=TERM,
                body=_body(unit),
                ended_on=ended_on,
                replaced_by=tuple(each for each in successors if each != unit.key),
            )


def _body(unit: _Unit) -> Json:
    names = [each for each in unit.identifiers if each.scheme == "name"]
    now = next((each for each in names if each.valid_to is None), names[-1])
    body: Json = {
        "naam": now.value,
        "classificatie": f"{CLASSIFICATION}{KINDS[unit.kind]}",
        "identificator": [
            _identifier(each) for each in unit.identifiers if each.scheme not in ("name", "iri")
        ],
        "zelfdeAls": [each.value for each in unit.identifiers if each.scheme == "iri"],
    }
    former = [each.value for each in names if each is not now]
    if former:
        body["vroegereNaam"] = former
    if unit.province:
        body["werkingsgebied"] = {"@type": "Werkingsgebied", "gebied": f"{now.value} ({unit.province})"}
    return {name: value for name, value in body.items() if value}


def _identifier(each: _Identifier) -> Json:
    made: Json = {"@type": "Identificator", "notatie": each.value, "stelsel": each.scheme}
    if each.valid_from:
        made["geldigVan"] = each.valid_from.isoformat()
    if each.valid_to:
        made["geldigTot"] = each.valid_to.isoformat()
    return made
