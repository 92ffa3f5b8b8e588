"""From a body to a checked object: expanded by the pinned context, judged by the compiled shapes.

Code lists and our own objects are part of what is known. A thing of others that the object only names can't
be looked up, for nothing is fetched: its class is taken on trust.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ocapi.lib import codec
from ocapi.lib.geo import reading
from ocapi.lib.jsonld.expansion import Expanded, NotLinkedData, expand
from ocapi.lib.problem import Issue
from ocapi.lib.profile.model import Profile
from ocapi.lib.rdf import oracle
from ocapi.lib.rdf.graph import TYPE, Graph, Lexical
from ocapi.lib.shacl.checks import Known
from ocapi.lib.shacl.results import Result, Results
from ocapi.modules.linkeddata import messages, profiles, queries
from ocapi.modules.linkeddata.data import Json, ObjectRefused

MAX_ISSUES = 50
CLASS = "ClassConstraintComponent"


NO_PLACES = Graph()
"""In place of the graph of an object whose form says that it has no place: nothing else is asked of it."""
NOTHING: Mapping[str, frozenset[str]] = {}


@dataclass(slots=True)
class Checked:
    """An object that is what its profile asks. content: as it is kept. title: by what it calls itself.

    text: content as JSON, empty when it was not needed to check it.
    """

    content: Json
    title: str
    graph: Graph
    text: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What objects of a service are checked by. base: prefix of every IRI of ours. context_iri: where the
    context of the service is served.
    """

    profile: Profile
    base: str
    context_iri: str


def check(
    body: Json, rules: Rules, *, term: str, iri: str, beside: Mapping[str, frozenset[str]] = NOTHING
) -> Checked:
    """Give the object as it is kept; raises ObjectRefused with every issue, ClassNotFound.

    beside: class by IRI of objects of ours that are written together with it.
    """
    found = _ordinary(body, rules, term, iri)
    if found is not None:
        return found
    profile = rules.profile
    class_iri = profiles.class_iri(profile, term)
    content, whole = _content(body, profile, term, iri)
    contexts = frozenset((rules.context_iri,))
    try:
        expanded = expand(whole, context=profile.context, contexts=contexts, root=iri)
    except NotLinkedData as refused:
        text = messages.of_reading(refused.code)
        issue = Issue(kind="schemaViolation", place="body", name=refused.path, detail=text)
        raise ObjectRefused((issue,)) from None
    is_sound = profile.ordinary.is_sound(whole, root=iri, contexts=contexts)
    issues = list(_issues(expanded, profile, class_iri, rules.base, beside, is_sound=is_sound))
    if issues:
        raise ObjectRefused(issues[:MAX_ISSUES])
    return Checked(content=content, title=title_of(expanded.graph, iri), graph=expanded.graph)


def _ordinary(body: Json, rules: Rules, term: str, iri: str) -> Checked | None:
    """Give an object without a graph when it has its ordinary form and names nothing else of ours.

    A geometry is read from the graph.
    """
    forms = rules.profile.ordinary
    if forms.has_places:
        return None
    content: Json = {"@id": iri, "@type": term, **body}
    if content["@type"] != term or content.pop("@context", rules.context_iri) != rules.context_iri:
        return None
    if not forms.is_sound(content, root=iri):
        return None
    text = codec.encode_record(content).decode()
    if "\\u0000" in text:
        return None  # what can't be kept is told with its place
    ours = f"{rules.base}/id/"
    if text.count(ours) > iri.startswith(ours):
        return None
    for predicate in profiles.TITLES:
        for title in forms.texts(content, predicate):
            return Checked(content, title[:300], NO_PLACES, text)
    return Checked(content, "", NO_PLACES, text)


def _content(body: Json, profile: Profile, term: str, iri: str) -> tuple[Json, Json]:
    """Give an object as it is kept, and with the names it was given."""
    aliases = profile.context.aliases.items()
    names = {"@id", *(alias for alias, keyword in aliases if keyword == "@id")}
    kinds = {"@type", *(alias for alias, keyword in aliases if keyword == "@type")}
    content: Json = {"@id": iri, "@type": term}
    content.update({key: value for key, value in body.items() if key not in names and key != "@context"})
    if any(key in body for key in kinds - {"@type"}):
        del content["@type"]
    return content, {**content, **{key: body[key] for key in ("@context", *names) if key in body}}


def title_of(graph: Graph, iri: str) -> str:
    """Give by what a thing calls itself, in Dutch when there is a choice; empty when by nothing."""
    for predicate in profiles.TITLES:
        texts = [each for each in graph.values(iri, predicate) if isinstance(each, Lexical)]
        chosen = next((each for each in texts if each.language.startswith("nl")), texts[0] if texts else None)
        if chosen:
            return chosen.text[:300]
    return ""


def _issues(
    expanded: Expanded,
    profile: Profile,
    class_iri: str,
    base: str,
    beside: Mapping[str, frozenset[str]],
    *,
    is_sound: bool,
) -> Iterator[Issue]:
    graph = expanded.graph
    if class_iri not in graph.values(expanded.root, TYPE):
        detail = messages.of_reading("classMissing")
        yield Issue(kind="invalidInput", place="body", name="$.@type", detail=detail)
        return
    ours = {
        value
        for _subject, _predicate, value in graph
        if isinstance(value, str) and value.startswith(f"{base}/id/") and value != expanded.root
    }
    own = {each: beside[each] for each in ours & beside.keys()}
    own |= queries.classes_of(ours - own.keys())
    for missing in sorted(each for each in ours - own.keys() if each not in expanded.places):
        place = next(
            (f"{expanded.places.get(s, '$')}.{_term(profile, p)}" for s, p, v in graph if v == missing), "$"
        )
        detail = messages.of_reading("referenceUnknown")
        yield Issue(kind="referencedResourceNotFound", place="body", name=place, detail=detail)
    for subject, predicate, value in graph:
        if isinstance(value, Lexical) and "\0" in value.text:
            place = f"{expanded.places.get(subject, '$')}.{_term(profile, predicate)}"
            detail = messages.of_reading("textIllegal")
            yield Issue(kind="schemaViolation", place="body", name=place, detail=detail)
        elif isinstance(value, Lexical) and (datatype := _geometry_type(predicate, value)):
            try:
                reading.read(value.text, datatype=datatype)
            except reading.UnsupportedGeometry:
                continue
            except reading.MalformedGeometry:
                place = f"{expanded.places.get(subject, '$')}.{_term(profile, predicate)}"
                detail = messages.of_reading("geometryBroken")
                yield Issue(kind="schemaViolation", place="body", name=place, detail=detail)
    if is_sound:
        return
    known = Known(types={**profile.known.types, **own}, above=profile.known.above)
    try:
        found = judge(graph, profile, known)
    except oracle.FallbackFailed:
        yield Issue(kind="invalidInput", place="body", name="$", detail=messages.of_reading("notJudged"))
        return
    for result in found:
        if not _is_on_trust(result, graph, known):
            yield _issue(result, expanded, profile)


def _geometry_type(predicate: str, value: Lexical) -> str:
    if value.datatype in reading.LITERALS:
        return value.datatype
    return reading.PROPERTIES.get(predicate, "")


def judge(graph: Graph, profile: Profile, known: Known) -> Results:
    """Give every broken constraint; shapes that are not compiled are judged by pySHACL in its own process."""
    if not profile.validator.fallback:
        return profile.validator.validate(graph, known)
    whole = Graph()
    for part in (graph, profile.lists):
        for statement in part:
            whole.add(*statement)
    for iri, classes in known.types.items():
        for each in classes:
            whole.add(iri, TYPE, each)
    return [
        Result(focus=each.focus, path=each.path, component=each.component, value=each.value, shape=each.shape)
        for each in oracle.judge(whole, profile.shapes_graph)
        if isinstance(each.focus, Lexical) or each.focus in graph.things
    ]


def _is_on_trust(result: Result, graph: Graph, known: Known) -> bool:
    value = result.value
    if result.component != CLASS or not isinstance(value, str) or value.startswith("_:"):
        return False
    return not graph.values(value, TYPE) and value not in known.types


def _issue(result: Result, expanded: Expanded, profile: Profile) -> Issue:
    place = expanded.places.get(result.focus, "$") if isinstance(result.focus, str) else "$"
    predicate = result.path.split("/")[0] if "://" not in result.path else result.path
    term = _term(profile, predicate.lstrip("^")) if predicate else ""
    labels = {each.iri: each.label for owner in profile.classes for each in owner.properties}
    label = labels.get(predicate, term or place)
    return Issue(
        kind=f"{messages.SHACL}{result.component}",
        place="body",
        name=f"{place}.{term}" if term else place,
        detail=messages.of_result(result, label=label, limit=labels.get(result.limit, result.limit)),
    )


def _term(profile: Profile, predicate: str) -> str:
    names = [name for name, term in profile.context.terms.items() if term.iri == predicate]
    return min(names, key=lambda each: (len(each), each)) if names else predicate
