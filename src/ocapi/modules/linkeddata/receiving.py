"""From a member of a followed feed back to an object as the profile writes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ocapi.lib.jsonld.context import Context, Term
from ocapi.lib.ldes import vocabulary as ldes
from ocapi.lib.ldes.following import Received
from ocapi.lib.profile import lint
from ocapi.lib.profile.model import Profile
from ocapi.lib.rdf.graph import STRING, TYPE, Lexical, Properties, Value
from ocapi.modules.linkeddata.data import Json
from ocapi.modules.linkeddata.showing import DCTERMS, END_DATE

OF_THE_FEED = frozenset({ldes.IS_VERSION_OF, ldes.GENERATED_AT})
REPLACED_BY = f"{DCTERMS}isReplacedBy"
MAX_DEPTH = 40


class MemberRefused(ValueError):
    """A member can't be an object of the service. reason: classUnknown | tooDeep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A member as an object: class, what it says, and how it ended."""

    term: str
    body: Json
    ended_on: date | None
    replaced_by: tuple[str, ...]


def thing_of(member: Received, *, profile: Profile) -> Thing:
    """Give a member as an object of the profile; raises MemberRefused."""
    things: dict[str, Properties] = {}
    for subject, predicate, value in member.statements:
        things.setdefault(subject, {}).setdefault(predicate, []).append(value)
    own = things.get(member.name, {})
    owner = next((each for each in profile.classes if each.iri in own.get(TYPE, ())), None)
    if owner is None:
        raise MemberRefused("classUnknown")
    ended = next((v.text for v in own.get(END_DATE, ()) if isinstance(v, Lexical)), "")
    successors = tuple(v for v in own.get(REPLACED_BY, ()) if isinstance(v, str))
    dropped = OF_THE_FEED | {END_DATE, REPLACED_BY}
    things[member.name] = {name: values for name, values in own.items() if name not in dropped}
    body = _object(member.name, things, profile.context, 0)
    body.pop("@id", None)
    body["@type"] = owner.term
    return Thing(term=owner.term, body=body, ended_on=_day(ended), replaced_by=successors)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def _object(name: str, things: Mapping[str, Properties], context: Context, depth: int) -> Json:
    if depth > MAX_DEPTH:
        raise MemberRefused("tooDeep")
    made: Json = {} if name.startswith("_:") else {"@id": name}
    known = _known(things.get(name, {}), context)
    for predicate, values in things.get(name, {}).items():
        if predicate == TYPE:
            names = [_class_name(str(each), context) for each in values]
            made["@type"] = names if len(names) > 1 else names[0]
            continue
        term = _term(predicate, known)
        written = [_written(each, term, things, context, depth) for each in values]
        is_list = term.container == "@set" or len(written) > 1
        made[term.name] = written if is_list else written[0]
    return made


def _known(own: Properties, context: Context) -> Mapping[str, Term]:
    """Give the terms that a thing may be written with: those of its classes before those of all."""
    scoped = (context.within[each] for each in own.get(TYPE, ()) if each in context.within)
    return {**context.terms, **{name: term for terms in scoped for name, term in terms.items()}}


def _term(predicate: str, terms: Mapping[str, Term]) -> Term:
    known = (
        term
        for name, term in terms.items()
        if term.iri == predicate
        and not term.is_reverse
        and term.container in ("", "@set")
        and not lint.is_class_name(name)
    )
    return next(known, Term(name=predicate, iri=predicate))


def _class_name(iri: str, context: Context) -> str:
    return next((n for n, t in context.terms.items() if t.iri == iri and lint.is_class_name(n)), iri)


def _written(value: Value, term: Term, things: Mapping[str, Properties], context: Context, depth: int) -> Any:
    if isinstance(value, str):
        if value.startswith("_:"):
            return _object(value, things, context, depth + 1)
        return value if term.is_link and not term.is_vocabulary else {"@id": value}
    if value.language:
        is_plain = term.is_text and value.language == term.language
        return value.text if is_plain else {"@value": value.text, "@language": value.language}
    is_plain = not term.is_link and not term.is_text and value.datatype == (term.datatype or STRING)
    return value.text if is_plain else {"@value": value.text, "@type": value.datatype}
