"""The names of SHACL (W3C Recommendation 20 July 2017) that are read here."""

SH = "http://www.w3.org/ns/shacl#"
NODE_SHAPE, PROPERTY_SHAPE = f"{SH}NodeShape", f"{SH}PropertyShape"
PATH, PROPERTY, NODE = f"{SH}path", f"{SH}property", f"{SH}node"
INVERSE_PATH = f"{SH}inversePath"
TARGET_CLASS, TARGET_NODE = f"{SH}targetClass", f"{SH}targetNode"
TARGET_SUBJECTS_OF, TARGET_OBJECTS_OF = f"{SH}targetSubjectsOf", f"{SH}targetObjectsOf"
DEACTIVATED, SEVERITY, MESSAGE = f"{SH}deactivated", f"{SH}severity", f"{SH}message"
NAME, DESCRIPTION = f"{SH}name", f"{SH}description"
VIOLATION = f"{SH}Violation"
IGNORED_PROPERTIES, FLAGS = f"{SH}ignoredProperties", f"{SH}flags"
QUALIFIED_MIN, QUALIFIED_MAX = f"{SH}qualifiedMinCount", f"{SH}qualifiedMaxCount"
QUALIFIED_DISJOINT = f"{SH}qualifiedValueShapesDisjoint"

COUNTS = ("minCount", "maxCount")
LENGTHS = ("minLength", "maxLength")
RANGES = ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive")
PAIRS = ("equals", "disjoint", "lessThan", "lessThanOrEquals")
OF_SHAPES = ("node", "property", "not", "qualifiedValueShape")
OF_SHAPE_LISTS = ("and", "or", "xone")
COMPILED = (
    "class",
    "datatype",
    "nodeKind",
    "pattern",
    "languageIn",
    "uniqueLang",
    "in",
    "hasValue",
    "closed",
    *COUNTS,
    *LENGTHS,
    *RANGES,
    *PAIRS,
    *OF_SHAPES,
    *OF_SHAPE_LISTS,
)
"""The parameters that are compiled, by local name."""
SAID_BESIDE = frozenset(
    {
        "path",
        "targetClass",
        "targetNode",
        "targetSubjectsOf",
        "targetObjectsOf",
        "deactivated",
        "severity",
        "message",
        "name",
        "description",
        "order",
        "group",
        "defaultValue",
        "ignoredProperties",
        "flags",
        "qualifiedMinCount",
        "qualifiedMaxCount",
        "qualifiedValueShapesDisjoint",
    }
)
"""What belongs to a shape and constrains nothing by itself."""
REFUSED = frozenset({"sparql", "js", "rule", "target", "select", "ask", "construct", "expression"})
"""Shapes of a tenant run no query and no script."""
PATH_STEPS = ("alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath")


def component(parameter: str) -> str:
    """Give the constraint component of a parameter: minCount is MinCountConstraintComponent."""
    return f"{parameter[0].upper()}{parameter[1:]}ConstraintComponent"
