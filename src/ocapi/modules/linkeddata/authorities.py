"""The public bodies of the shipped registers, as objects of the service of public bodies.

Municipalities, public social welfare centres and the district of a merger stand in the register of local
authorities; police zones, agencies, associations, provinces and the rest in a file of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.data import Authority, AuthorityIdentifier
from ocapi.lib import codec
from ocapi.modules.linkeddata.data import Json, RegisteredThing

CLASSIFICATION = "http://data.vlaanderen.be/id/concept/BestuurseenheidClassificatieCode/"
"""Prefix of the code list BestuurseenheidClassificatieCode of OSLO Besluit."""
KINDS = {
    "municipality": "5ab0e9b8a3b2ca7c5e000001",
    "psw_centre": "5ab0e9b8a3b2ca7c5e000002",
    "district": "5ab0e9b8a3b2ca7c5e000003",
}
TERM = "Bestuurseenheid"
PACK, FILE = "data-services", "other-bodies.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherBody:
    """A public body that is no local authority. kind: name of its classification. is_active: None unknown."""

    key: str
    name: str
    kind: str
    iri: str
    kbo: str = ""
    ovo: str = ""
    nis: str = ""
    province: str = ""
    is_active: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherBodies:
    """The shape of the file. kinds: code of each classification by its name."""

    kinds: dict[str, str]
    bodies: tuple[OtherBody, ...]


def public_bodies() -> Iterator[RegisteredThing]:
    """Give every public body that is known: local authorities, then the others."""
    yield from local_authorities()
    read = codec.decode_yaml(registry.shipped_file(pack=PACK, path=FILE), OtherBodies)
    for each in read.bodies:
        yield RegisteredThing(key=each.key, term=TERM, body=_other(each, read.kinds[each.kind]))


def _other(each: OtherBody, code: str) -> Json:
    body: Json = {
        "naam": each.name,
        "classificatie": f"{CLASSIFICATION}{code}",
        "identificator": [
            {"@type": "Identificator", "notatie": value, "stelsel": scheme}
            for scheme, value in (("kbo", each.kbo), ("ovo", each.ovo), ("nis", each.nis))
            if value
        ],
        "zelfdeAls": [each.iri],
        "toestand": {True: "Actief", False: "Niet actief", None: ""}[each.is_active],
    }
    if each.province:
        body["werkingsgebied"] = {"@type": "Werkingsgebied", "gebied": each.province}
    return {name: value for name, value in body.items() if value}


def local_authorities(*, keys: frozenset[str] = frozenset()) -> Iterator[RegisteredThing]:
    """Give the local authorities of the shipped register as objects, all of them when no key is named."""
    authorities, changes = registry.shipped_local_authorities()
    ends = {
        outcome.organization: (change.date, change.resulting)
        for change in changes
        for outcome in change.results
        if outcome.status == "ended"
    }
    for unit in authorities:
        if not keys or unit.key in keys:
            ended_on, successors = ends.get(unit.key, (None, ()))
            yield RegisteredThing(
                key=unit.key,
                term=TERM,
                body=_body(unit),
                ended_on=ended_on,
                replaced_by=tuple(each for each in successors if each != unit.key),
            )


def _body(unit: Authority) -> Json:
    names = [each for each in unit.identifiers if each.scheme == "name"]
    now = next((each for each in names if each.valid_to is None), names[-1])
    body: Json = {
        "naam": now.value,
        "classificatie": f"{CLASSIFICATION}{KINDS[unit.kind]}",
        "identificator": [
            _identifier(each) for each in unit.identifiers if each.scheme not in ("name", "iri")
        ],
        "zelfdeAls": [each.value for each in unit.identifiers if each.scheme == "iri"],
        "toestand": "Niet actief" if unit.status == "ended" else "Actief",
    }
    former = [each.value for each in names if each is not now]
    if former:
        body["vroegereNaam"] = former
    if unit.province:
        body["werkingsgebied"] = {"@type": "Werkingsgebied", "gebied": f"{now.value} ({unit.province})"}
    return {name: value for name, value in body.items() if value}


def _identifier(each: AuthorityIdentifier) -> Json:
    made: Json = {"@type": "Identificator", "notatie": each.value, "stelsel": each.scheme}
    if each.valid_from:
        made["geldigVan"] = each.valid_from.isoformat()
    if each.valid_to:
        made["geldigTot"] = each.valid_to.isoformat()
    return made
