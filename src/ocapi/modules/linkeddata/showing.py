"""How objects and profiles are shown: formats of linked data, properties for a page, context and shapes."""

import re
from collections.abc import Iterator
from datetime import date

from ocapi.lib import codec
from ocapi.lib.jsonld import context as contexts
from ocapi.lib.jsonld.expansion import expand_kept
from ocapi.lib.problem import Issue
from ocapi.lib.profile import lint
from ocapi.lib.profile.model import Profile
from ocapi.lib.rdf.graph import TYPE, XSD, Graph, Lexical, Value
from ocapi.lib.rdf.writing import Written, write
from ocapi.modules.linkeddata import checking, messages, profiles, queries
from ocapi.modules.linkeddata.data import Json, ObjectRefused, ObjectVersion, PropertyValue, ShownProperty
from ocapi.modules.linkeddata.models import ServiceRow

JSON_LD = "application/ld+json"
DCTERMS = "http://purl.org/dc/terms/"
VERSION = f"{DCTERMS}hasVersion"
GENERATED_AT = "http://www.w3.org/ns/prov#generatedAtTime"
END_DATE = "http://schema.org/endDate"
MEDIA_TYPES = (JSON_LD, *(each.value for each in Written))
_IRI = re.compile(r"[a-z][a-z0-9+.\-]*:[^\x00-\x20<>\"{}|^`\\]+\Z", re.IGNORECASE)


def context_of(service: ServiceRow) -> bytes:
    """Give the context of a service as we read it, so that any processor reads our objects as we do."""
    return contexts.document(profiles.of(service).context)


def context_of_version(service: ServiceRow, digest: str) -> bytes:
    """Give the context of a version of a service's profile."""
    return contexts.document(profiles.of_version(service, digest).context)


def shapes_of(service: ServiceRow) -> str:
    """Give the shapes of a service as Turtle."""
    return write(
        profiles.of(service).shapes_graph,
        format=Written.TURTLE,
        prefixes={"sh": "http://www.w3.org/ns/shacl#"},
    )


def document(version: ObjectVersion) -> Json:
    """Give a version as JSON-LD without context: what it says, its version, and how the thing ended."""
    made: Json = dict(version.content)
    made[VERSION] = {
        "@id": version.version_iri,
        GENERATED_AT: {"@value": version.valid_from.isoformat(), "@type": f"{XSD}dateTime"},
    }
    return ending(made, ended_on=version.ended_on, replaced_by=version.replaced_by)


def as_written(body: Json, *, iri: str, ended_on: date | None, replaced_by: tuple[str, ...]) -> Json:
    """Give what somebody sends back without what `document` added when they read it: its version and end."""
    added = ending({}, ended_on=ended_on, replaced_by=replaced_by)
    made = {name: value for name, value in body.items() if name not in added or value != added[name]}
    version = made.get(VERSION)
    name = version.get("@id") if isinstance(version, dict) else None
    if isinstance(name, str) and name.startswith(f"{iri}/"):
        del made[VERSION]
    return made


def ending(content: Json, *, ended_on: date | None, replaced_by: tuple[str, ...]) -> Json:
    """Give content with how the thing ended, when it did."""
    made = dict(content)
    if ended_on:
        made[END_DATE] = {"@value": ended_on.isoformat(), "@type": f"{XSD}date"}
    if replaced_by:
        made[f"{DCTERMS}isReplacedBy"] = [{"@id": each} for each in replaced_by]
    return made


def graph_of(service: ServiceRow, version: ObjectVersion) -> Graph:
    """Give the graph of a version."""
    profile = profiles.of_version(service, version.profile)
    return expand_kept(document(version), context=profile.context, root=version.iri).graph


def graph_of_content(service: ServiceRow, iri: str, content: Json | None, digest: str = "") -> Graph:
    """Give the graph of what an object says; empty when it says nothing. digest: of its profile."""
    if not content:
        return Graph()
    return expand_kept(content, context=profiles.of_version(service, digest).context, root=iri).graph


def written(service: ServiceRow, version: ObjectVersion, *, media_type: str, base: str) -> str:
    """Give a version in a format; in N-Quads and TriG it stands in a graph named by the version."""
    if media_type == JSON_LD:
        context = f"{base}{profiles.context_path(service.code, version.profile)}"
        return codec.encode_json({"@context": context, **document(version)}).decode()
    prefixes = {
        name: space
        for name, space in profiles.of_version(service, version.profile).context.prefixes.items()
        if name.isidentifier()
    }
    return write(
        graph_of(service, version),
        format=Written(media_type),
        name=version.version_iri,
        prefixes=prefixes | {"dcterms": DCTERMS},
    )


def properties(service: ServiceRow, version: ObjectVersion) -> tuple[ShownProperty, ...]:
    """Give what a version says as a page shows it: by the profile, then what it does not name."""
    profile = profiles.of_version(service, version.profile)
    graph = expand_kept(version.content, context=profile.context, root=version.iri).graph
    owner = profile.find_class(version.term)
    known = {each.iri: each for each in owner.properties} if owner else {}
    said = graph.things.get(version.iri, {})
    named = (value for _s, _p, value in graph if isinstance(value, str))
    titles = queries.titles_of(named, beside=service.access)
    shown = _Shown(profile, graph, titles, lists=(profile.lists, profiles.of(service).lists))
    order = [
        *(iri for iri in known if iri in said),
        *(iri for iri in said if iri not in known and iri != TYPE),
    ]
    return tuple(
        ShownProperty(
            label=known[iri].label if iri in known else shown.label(iri),
            description=known[iri].description if iri in known else "",
            values=tuple(_value(each, shown) for each in said[iri]),
            iri=iri,
        )
        for iri in order
    )


class _Shown:
    """What one version says, with the words for it: of its profile, its code lists and what we know."""

    def __init__(
        self, profile: Profile, graph: Graph, titles: dict[str, str], *, lists: tuple[Graph, ...]
    ) -> None:
        self.graph = graph
        self._titles, self._lists = titles, lists
        self._labels = {each.iri: each.label for owner in profile.classes for each in owner.properties}
        self._terms: dict[str, str] = {}
        for name, term in profile.context.terms.items():
            if not lint.is_class_name(name):
                self._terms.setdefault(term.iri, name)

    def label(self, predicate: str) -> str:
        """Give by what people know a property."""
        return self._labels.get(predicate) or self._terms.get(predicate) or _local(predicate)

    def title(self, iri: str) -> str:
        """Give by what people know a thing or a concept."""
        said = (checking.title_of(each, iri) for each in (self.graph, *self._lists))
        return self._titles.get(iri) or next(filter(None, said), "") or _local(iri)


def _value(value: Value, shown: _Shown) -> PropertyValue:
    if isinstance(value, Lexical):
        return PropertyValue(text=value.text, language=value.language)
    if value.startswith("_:"):
        return PropertyValue(text="; ".join(_parts(value, shown, 0)))
    href = value if value.startswith(("https://", "http://")) else ""
    return PropertyValue(text=shown.title(value), href=href)


def _parts(name: str, shown: _Shown, depth: int) -> Iterator[str]:
    for predicate, values in shown.graph.things.get(name, {}).items():
        for each in values if predicate != TYPE else ():
            if isinstance(each, Lexical):
                yield f"{shown.label(predicate)}: {each.text}"
            elif not each.startswith("_:"):
                yield f"{shown.label(predicate)}: {shown.title(each)}"
            elif depth < 3:
                yield from _parts(each, shown, depth + 1)


def _local(iri: str) -> str:
    return re.split(r"[/#:]", iri.rstrip("/#"))[-1] or iri


def merged(content: Json, patch: Json) -> Json:
    """Give an object with a merge patch applied (RFC 7386)."""
    made = dict(content)
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        elif isinstance(value, dict):
            before = made.get(name)
            made[name] = merged(before if isinstance(before, dict) else {}, value)
        else:
            made[name] = value
    return made


def require_iris(names: tuple[str, ...]) -> None:
    """Refuse a replacement that is no absolute IRI."""
    wrong = [number for number, each in enumerate(names) if not _IRI.match(each)]
    if wrong:
        raise ObjectRefused(
            Issue(
                kind="invalidInput",
                place="body",
                name=f"$.replacedBy[{number}]",
                detail=messages.of_reading("iriRelative"),
            )
            for number in wrong
        )
