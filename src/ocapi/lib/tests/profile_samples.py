"""Objects made from the shapes of a profile: valid ones, and ones with faults planted in them."""

from collections.abc import Iterator
from random import Random
from typing import Any

from ocapi.lib.jsonld.context import Term
from ocapi.lib.profile import joining, lint
from ocapi.lib.profile.model import Profile
from ocapi.lib.rdf.graph import LANG_STRING, STRING, TYPE, XSD, Graph, Lexical, Value
from ocapi.lib.shacl.shapes import Shape

SOME = {
    "string": ["Hamme", "Een naam", "é", ""],
    "date": ["2025-01-01", "1999-12-31"],
    "dateTime": ["2025-01-01T10:00:00Z", "2025-06-01T00:00:00+02:00"],
    "integer": ["0", "7", "-12"],
    "decimal": ["1.5", "3"],
    "double": ["1.0E0", "2.5"],
    "boolean": ["true", "false"],
    "anyURI": ["https://voorbeeld.be"],
    "nonNegativeInteger": ["0", "4"],
    "positiveInteger": ["1"],
    "duration": ["P1D"],
    "time": ["10:00:00"],
    "gYear": ["2025"],
    "gYearMonth": ["2025-01"],
    "float": ["0.5"],
}
ILL = {
    "date": "2025-13-01",
    "dateTime": "gisteren",
    "integer": "zeven",
    "decimal": "1,5",
    "boolean": "ja",
    "double": "veel",
    "float": "weinig",
    "nonNegativeInteger": "-1",
    "positiveInteger": "0",
}
MAX_DEPTH = 2
MAX_WRITTEN = 6  # a graph may go round


def a_graph(profile: Profile, random: Random, *, faults: int) -> Graph:
    """Make a graph around one object of a random class, with that many faults."""
    making = _Making(profile, random)
    targets = [each for each in profile.shapes.values() if each.target_classes and each.path is None]
    making.thing(random.choice(targets), "https://voorbeeld.be/id/1", 0)
    for _ in range(faults):
        making.harm()
    return making.graph


def a_body(profile: Profile, graph: Graph, random: Random) -> dict[str, Any]:
    """Write what `a_graph` made as an object, often as is usual and sometimes not: a name that comes twice, a
    text with its language said, a value in a list, nothing, a number, a class that is not said.
    """
    body = _written("https://voorbeeld.be/id/1", profile, graph, random, 0)
    assert isinstance(body, dict)
    if random.random() < 0.3:
        things = list(_within(body))
        thing = random.choice(things)
        key = random.choice(list(thing) or ["@type"])
        other = random.choice(things)
        thing[key] = random.choice(
            [None, 7, -1, True, 1.5, "", "2025-02-30", [], {}, ["x", "x"], other.get(key), [thing.get(key)]]
        )
    return body


def _within(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield body
    for value in body.values():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from _within(each)


def _written(name: str, profile: Profile, graph: Graph, random: Random, depth: int) -> dict[str, Any] | str:
    properties = graph.things.get(name)
    if properties is None and depth and not name.startswith("_:") and random.random() < 0.5:
        return name
    terms = [each for each in profile.context.terms.values() if not each.is_reverse]
    words = {each.iri: each.name for each in terms if lint.is_class_name(each.name)}
    members = {each.iri: each for each in reversed(terms) if not lint.is_class_name(each.name)}
    made: dict[str, Any] = {} if name.startswith("_:") else {"@id": name}
    for predicate, values in (properties or {}).items() if depth < MAX_WRITTEN else ():
        if predicate == TYPE:
            classes = [words.get(str(each), str(each)) for each in values]
            made["@type"] = classes if len(classes) > 1 else classes[0]
            continue
        term = members.get(predicate) or Term(name=predicate, iri=predicate)
        found = [_value(each, term, profile, graph, random, depth) for each in values]
        made[term.name] = found if len(found) != 1 or random.random() < 0.2 else found[0]
    return made


def _value(value: Value, term: Term, profile: Profile, graph: Graph, random: Random, depth: int) -> Any:
    if isinstance(value, str):
        return _written(value, profile, graph, random, depth + 1)
    if value.language and not (term.is_text and (value.language == term.language or random.random() < 0.7)):
        return {"@value": value.text, "@language": value.language}
    if not value.language and value.datatype != (term.datatype or STRING):
        return {"@value": value.text, "@type": value.datatype}
    return value.text


class _Making:
    def __init__(self, profile: Profile, random: Random) -> None:
        self.shapes = profile.shapes
        self.random = random
        self.graph = Graph()
        self.count = 0
        self.by_class = {
            iri: each for each in profile.shapes.values() if each.path is None for iri in each.target_classes
        }

    def name(self) -> str:
        self.count += 1
        return f"_:t{self.count}" if self.random.random() < 0.5 else f"https://voorbeeld.be/id/t{self.count}"

    def thing(self, shape: Shape, name: str, depth: int) -> None:
        for each in shape.target_classes[:1]:
            self.graph.add(name, TYPE, each)
        for predicate, parts in joining.joined(shape, self.shapes).items():
            least = max(joining.numbers(parts, "minCount"), default=0)
            most = min(joining.numbers(parts, "maxCount"), default=least + 2)
            for _ in range(self.random.randint(least, max(least, most))):
                self.graph.add(name, predicate, self.value(parts, depth))

    def value(self, parts: list[Shape], depth: int) -> Value:
        allowed = joining.values_of(parts, "in")
        if allowed:
            return self.random.choice(allowed)
        datatype = next((v for v in joining.values_of(parts, "datatype") if isinstance(v, str)), "")
        if datatype == LANG_STRING:
            return Lexical(
                self.random.choice(SOME["string"]), LANG_STRING, self.random.choice(["nl", "fr", "en"])
            )
        if datatype:
            return Lexical(self.random.choice(SOME.get(datatype.removeprefix(XSD), ["x"])), datatype)
        wanted = next((v for v in joining.values_of(parts, "class") if isinstance(v, str)), "")
        name = self.name()
        if wanted and depth < MAX_DEPTH and wanted in self.by_class:
            self.thing(self.by_class[wanted], name, depth + 1)
        if wanted:
            self.graph.add(name, TYPE, wanted)
        return name

    def harm(self) -> None:
        """Plant one fault: a value gone, one too many, of another kind, of another type, or ill-formed."""
        if not self.graph.things:
            return
        subject = self.random.choice(list(self.graph.things))
        properties = self.graph.things[subject]
        predicate = self.random.choice(list(properties))
        values = properties[predicate]
        kind = self.random.randrange(6)
        if kind == 0:
            values.pop()
            if not values:
                del properties[predicate]
            if not properties:
                del self.graph.things[subject]
        elif kind == 1:
            self.graph.add(subject, predicate, Lexical(f"nog een {self.random.random()}"))
        elif kind == 2:
            values[0] = f"https://elders.be/{self.random.random()}"
        elif kind == 3:
            values[0] = f"_:los{self.random.randrange(1 << 30)}"
        elif kind == 4 and isinstance(values[0], Lexical):
            datatype = values[0].datatype
            values[0] = Lexical(
                ILL.get(datatype.removeprefix(XSD), "7"),
                f"{XSD}integer" if datatype == STRING else datatype if datatype != LANG_STRING else STRING,
            )
        elif isinstance(values[0], Lexical):
            values[0] = Lexical(values[0].text, LANG_STRING, "nl")
