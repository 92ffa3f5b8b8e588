"""A profile as data: what a data service is made from."""

from collections.abc import Mapping
from dataclasses import dataclass

from ocapi.lib.finding import Finding
from ocapi.lib.jsonld.context import Context
from ocapi.lib.profile.ordinary import Ordinary
from ocapi.lib.rdf.graph import Graph, Value
from ocapi.lib.shacl.checks import Known
from ocapi.lib.shacl.compiler import Validator
from ocapi.lib.shacl.shapes import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A property of a class. terms: names by which the context knows it, the shortest first.

    datatype or of_class: what its values are, both empty when nothing says so. minimum and maximum: counts,
    maximum None without limit. allowed: the values it may have, empty when any.
    """

    iri: str
    terms: tuple[str, ...]
    label: str = ""
    description: str = ""
    minimum: int = 0
    maximum: int | None = None
    datatype: str = ""
    of_class: str = ""
    is_text: bool = False
    allowed: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """A class of a profile. term: its name in the context and in addresses, such as Organisatie."""

    iri: str
    term: str
    label: str
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A profile that was read. digest: SHA-256 over the names and hashes of its files: what pins it.

    findings: the lint report. validator: the compiled shapes. known: code lists. shapes_graph: for the
    fallback and for who asks for the shapes. lists: the code lists as a graph, for the fallback. ordinary:
    the forms in which objects are usually written, by which most need no graph to be found sound.
    """

    name: str
    title: str
    digest: str
    context: Context
    classes: tuple[Class, ...]
    shapes: Mapping[str, Shape]
    shapes_graph: Graph
    lists: Graph
    known: Known
    validator: Validator
    ordinary: Ordinary
    findings: tuple[Finding, ...]

    @property
    def is_usable(self) -> bool:
        """Tell whether a data service can be made of it."""
        return bool(self.classes) and not any(each.is_fatal for each in self.findings)

    @property
    def fallback_share(self) -> float:
        """Give the share of its shapes with a target that pySHACL judges, from 0 to 1."""
        targets = [each for each in self.shapes.values() if each.has_target and each.is_active]
        return len(self.validator.fallback) / len(targets) if targets else 0.0

    def find_class(self, term: str) -> Class | None:
        """Give the class of that name, or None."""
        for each in self.classes:  # without a generator: asked for each object
            if each.term == term:
                return each
        return None
