"""The local authorities of the shipped register, as objects of the service of public bodies."""

from collections.abc import Iterator

from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.data import Authority, AuthorityIdentifier
from ocapi.modules.linkeddata.data import Json, RegisteredThing

CLASSIFICATION = (
    "http://data.vlaanderen.be/id/concept/BestuurseenheidClassificatieCode/5ab0e9b8a3b2ca7c5e00000"
)
"""Prefix of the code list BestuurseenheidClassificatieCode of OSLO Besluit; the last digit is the kind."""
KINDS = {"municipality": "1", "psw_centre": "2", "district": "3"}
TERM = "Bestuurseenheid"


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
