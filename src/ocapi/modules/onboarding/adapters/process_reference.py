"""Imports conceptual processes in Turtle; groups and domains are read from the files beside it, if there."""

from collections import defaultdict
from datetime import datetime
from pathlib import Path

from ocapi.kernel.registry.extensions import BadRow, Loaded
from ocapi.lib.rdf import turtle
from ocapi.modules.onboarding import api
from ocapi.modules.onboarding.data import ReferenceProcess

VOCABULARY = "http://lblod.data.gift/vocabularies/openproceshuis/"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
TITLE = "http://purl.org/dc/terms/title"
NUMBER = "http://purl.org/dc/terms/identifier"
LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
RELATED = "http://www.w3.org/2004/02/skos/core#relatedMatch"
BASE = "http://data.lblod.info/"
BESIDE = ("process-groups.ttl", "process-domains.ttl")

Facts = dict[str, dict[str, list[str]]]


class ProcessReference:
    """Reads `oph:ConceptueelProces` subjects with title, number and group."""

    name = "process-reference"
    title = "Conceptual processes (Turtle)"

    def recognizes(self, *, path: Path, head: bytes) -> bool:
        return path.suffix == ".ttl" and (VOCABULARY.encode() in head) and "process" in path.name

    def load(self, *, path: Path, now: datetime) -> Loaded:
        facts = _facts(path)
        for name in BESIDE:
            if (path.parent / name).is_file() and name != path.name:
                facts.update(_facts(path.parent / name))
        processes: list[ReferenceProcess] = []
        refused: list[BadRow] = []
        for iri, values in facts.items():
            if f"{VOCABULARY}ConceptueelProces" not in values[TYPE]:
                continue
            if not values[TITLE]:
                refused.append(BadRow(line=0, reason=f"{iri}: it has no dct:title"))
                continue
            processes.append(_process(iri, values, facts))
        if not processes:
            reason = "no conceptual process here; import theirs, groups and domains beside it are read"
            refused.append(BadRow(line=0, reason=reason))
        return Loaded(written=api.load_processes(processes=processes, now=now), refused=tuple(refused))


def _facts(path: Path) -> Facts:
    facts: Facts = defaultdict(lambda: defaultdict(list))
    for triple in turtle.parse(path.read_bytes(), format=turtle.Format.TURTLE, base_iri=BASE):
        if isinstance(triple.subject, turtle.Iri) and not isinstance(triple.object, turtle.Blank):
            facts[triple.subject.value][triple.predicate.value].append(triple.object.value)
    return facts


def _process(iri: str, values: dict[str, list[str]], facts: Facts) -> ReferenceProcess:
    group_iri = _first(values, f"{VOCABULARY}procesGroep")
    group = facts.get(group_iri, {})
    domain_iri = _first(group, RELATED)
    domain_title = _first(facts.get(domain_iri, {}), LABEL)
    number = _first(values, NUMBER)
    return ReferenceProcess(
        number=int(number) if number.isdecimal() else 0, title=_first(values, TITLE)[:300], iri=iri,
        group=_first(group, LABEL), domain=_code(domain_title), domain_title=domain_title,
    )


def _first(values: dict[str, list[str]], predicate: str) -> str:
    return next(iter(values.get(predicate, ())), "")


def _code(title: str) -> str:
    return "-".join("".join(char if char.isalnum() else " " for char in title.lower()).split())[:80]
