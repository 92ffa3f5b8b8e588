"""Reads shapes from a graph, mends what is plainly meant, and says what it mended.

Mended, because official shapes hold it: counts written as texts, `sh:class` that names a datatype. Refused:
shapes that run a query or a script.
"""

from dataclasses import dataclass, field

from ocapi.lib.finding import Finding
from ocapi.lib.rdf.graph import LANG_STRING, TYPE, XSD, Graph, Lexical, Value
from ocapi.lib.shacl import vocabulary as sh
from ocapi.lib.shacl.shapes import Constraint, Path, Shape, ShapesRead, Step

INTEGER = f"{XSD}integer"
BOOLEAN = f"{XSD}boolean"
RDFS_CLASS = "http://www.w3.org/2000/01/rdf-schema#Class"
TRUE = ("true", "1")
SINGLE = frozenset(
    {"datatype", "nodeKind", "uniqueLang", "in", "languageIn", "closed", *sh.COUNTS, *sh.LENGTHS}
)
BESIDE = {
    "pattern": {"flags": sh.FLAGS},
    "closed": {"ignored": sh.IGNORED_PROPERTIES},
    "qualifiedValueShape": {
        "least": sh.QUALIFIED_MIN,
        "most": sh.QUALIFIED_MAX,
        "disjoint": sh.QUALIFIED_DISJOINT,
    },
}


def read(graph: Graph) -> ShapesRead:
    """Give every shape of a graph; nothing is dropped without a finding."""
    reading = _Reading(graph)
    for name in _shape_names(graph):
        reading.shapes[name] = reading.shape(name)
    if not any(shape.has_target for shape in reading.shapes.values()):
        detail = f"{len(reading.shapes)} shapes, none says what it is about"
        reading.find("shapesCheckNothing", "", detail, is_fatal=bool(graph.things))
    return ShapesRead(shapes=reading.shapes, findings=tuple(reading.findings))


def _shape_names(graph: Graph) -> list[str]:
    """Give the names of shapes: those typed so, with a target or parameter, or named in another shape."""
    marks = {
        f"{sh.SH}{each}"
        for each in (
            *sh.COMPILED,
            *sh.REFUSED,
            "targetClass",
            "targetNode",
            "path",
            "targetSubjectsOf",
            "targetObjectsOf",
        )
    }
    named = {
        name: None
        for name, properties in graph.things.items()
        if marks & properties.keys() or {sh.NODE_SHAPE, sh.PROPERTY_SHAPE} & set(properties.get(TYPE, ()))
    }
    for subject in list(graph.things):
        for parameter in (*sh.OF_SHAPES, *sh.OF_SHAPE_LISTS):
            for value in graph.values(subject, f"{sh.SH}{parameter}"):
                for each in _listed(graph, value) if parameter in sh.OF_SHAPE_LISTS else (value,):
                    if isinstance(each, str):
                        named.setdefault(each)
    return list(named)


def _listed(graph: Graph, head: Value) -> tuple[Value, ...]:
    try:
        return graph.members(head)
    except ValueError:
        return ()


@dataclass(slots=True)
class _Reading:
    graph: Graph
    shapes: dict[str, Shape] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def find(self, code: str, where: str, detail: str = "", *, is_fatal: bool = False) -> None:
        self.findings.append(Finding(code=code, where=where, detail=detail, is_fatal=is_fatal))

    def shape(self, name: str) -> Shape:
        properties = self.graph.things.get(name, {})
        heads = properties.get(sh.PATH, [])
        path, outside = (None, list[str]()) if not heads else self.path(name, heads[0])
        constraints = []
        for predicate, values in properties.items():
            if not predicate.startswith(sh.SH):
                continue
            parameter = predicate[len(sh.SH) :]
            if parameter in sh.REFUSED:
                self.find("queryInShape", name, f"sh:{parameter} runs code of others", is_fatal=True)
            elif parameter in sh.COMPILED:
                constraints += self.constraints(name, parameter, values)
            elif parameter not in sh.SAID_BESIDE:
                outside.append(parameter)
                self.find("notCompiled", name, f"sh:{parameter}")
        severity = self.graph.one(name, sh.SEVERITY)
        return Shape(
            name=name,
            path=path,
            constraints=tuple(constraints),
            target_classes=self.target_classes(name),
            target_nodes=tuple(properties.get(sh.TARGET_NODE, ())),
            target_subjects_of=self.names(name, sh.TARGET_SUBJECTS_OF),
            target_objects_of=self.names(name, sh.TARGET_OBJECTS_OF),
            severity=severity.removeprefix(sh.SH) if isinstance(severity, str) else "Violation",
            message=self.text(name, sh.MESSAGE),
            label=self.text(name, sh.NAME),
            description=self.text(name, sh.DESCRIPTION),
            is_active=not self.is_true(self.graph.one(name, sh.DEACTIVATED)),
            outside=tuple(outside),
        )

    def target_classes(self, name: str) -> tuple[str, ...]:
        own = (name,) if RDFS_CLASS in self.graph.values(name, TYPE) else ()
        return (*self.names(name, sh.TARGET_CLASS), *own)

    def names(self, name: str, predicate: str) -> tuple[str, ...]:
        return tuple(each for each in self.graph.values(name, predicate) if isinstance(each, str))

    def text(self, name: str, predicate: str) -> str:
        texts = [each for each in self.graph.values(name, predicate) if isinstance(each, Lexical)]
        return next(
            (each.text for each in texts if each.language[:2] == "nl"), texts[0].text if texts else ""
        )

    def is_true(self, value: Value | None) -> bool:
        return isinstance(value, Lexical) and value.text in TRUE

    def path(self, name: str, head: Value) -> tuple[Path, list[str]]:
        """Give the steps of a path, or what it is when the compiled constraints do not have it."""
        if isinstance(head, Lexical):
            self.find("pathNoIri", name, head.text, is_fatal=True)
            return (), ["path"]
        for step in sh.PATH_STEPS:
            if self.graph.values(head, f"{sh.SH}{step}"):
                self.find("notCompiled", name, f"sh:{step}")
                return (), [step]
        inverse = self.graph.one(head, sh.INVERSE_PATH)
        if inverse is not None:
            steps, outside = self.path(name, inverse)
            turned = tuple(Step(predicate=s.predicate, is_inverse=not s.is_inverse) for s in reversed(steps))
            return turned, outside
        if members := _listed(self.graph, head):
            parts = [self.path(name, each) for each in members]
            return tuple(s for steps, _ in parts for s in steps), [each for _, more in parts for each in more]
        return (Step(predicate=head),), []

    def constraints(self, name: str, parameter: str, values: list[Value]) -> list[Constraint]:
        """Give one constraint per value, or none and a finding when a value can't be."""
        if parameter in SINGLE and len(values) > 1:
            self.find("statedTwice", name, f"sh:{parameter} has {len(values)} values", is_fatal=True)
            return []
        more = {
            key: tuple(self.graph.values(name, predicate))
            for key, predicate in BESIDE.get(parameter, {}).items()
        }
        if more.get("ignored"):
            more["ignored"] = _listed(self.graph, more["ignored"][0])
        if parameter in ("and", "or", "xone", "in", "languageIn"):
            made = [self.members(name, parameter, value) for value in values]
            return [
                Constraint(parameter=parameter, values=each, more=more) for each in made if each is not None
            ]
        if parameter in (*sh.COUNTS, *sh.LENGTHS):
            counts = [self.count(name, parameter, value) for value in values]
            values = [each for each in counts if each]
        if parameter == "class":
            return [self.of_class(name, value) for value in values]
        return [Constraint(parameter=parameter, values=(value,), more=more) for value in values]

    def members(self, name: str, parameter: str, head: Value) -> tuple[Value, ...] | None:
        try:
            return self.graph.members(head)
        except ValueError:
            self.find("brokenList", name, f"sh:{parameter}", is_fatal=True)
            return None

    def count(self, name: str, parameter: str, value: Value) -> Value | None:
        if not isinstance(value, Lexical) or not value.text.strip().isdigit():
            self.find("countNoNumber", name, f"sh:{parameter}", is_fatal=True)
            return None
        if not value.datatype.startswith(XSD) or value.datatype == f"{XSD}string":
            self.find("countAsText", name, f'sh:{parameter} "{value.text}": read as the number')
        return Lexical(value.text.strip(), INTEGER)

    def of_class(self, name: str, value: Value) -> Constraint:
        is_datatype = isinstance(value, str) and (value.startswith(XSD) or value == LANG_STRING)
        if is_datatype:
            self.find("classIsDatatype", name, f"sh:class {value}: read as sh:datatype")
        return Constraint(parameter="datatype" if is_datatype else "class", values=(value,), more={})
