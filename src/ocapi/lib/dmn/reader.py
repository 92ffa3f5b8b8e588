"""DMN 1.1 to 1.5 from XML: the requirements graph and the item definitions."""

from lxml import etree

from ocapi.lib import xml
from ocapi.lib.dmn import model
from ocapi.lib.dmn.errors import ModelRefused
from ocapi.lib.dmn.reader_boxed import boxed_in, function_of
from ocapi.lib.dmn.xml_parts import child, children, flag, local, named_type, text_of

NAMESPACES = frozenset({
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
})
_REQUIRED = ("requiredInput", "requiredDecision", "requiredKnowledge")
MAX_ELEMENTS = 10_000
MAX_BYTES = 4 << 20  # the largest model of the kit has 0.2 MB


def read(raw: bytes) -> model.Definitions:
    """Read one file; raises ModelRefused with the element, also for XML that is refused."""
    try:
        root = xml.parse(raw, max_bytes=MAX_BYTES)
    except xml.MalformedXml as refusal:
        raise ModelRefused(refusal.reason, detail=str(refusal)) from None
    namespace = etree.QName(root).namespace
    if local(root) != "definitions" or namespace not in NAMESPACES:
        raise ModelRefused("notDmn", detail=f"{{{namespace}}}{local(root)}")
    elements: dict[str, model.Element] = {}
    for node in root:
        maker = _MAKERS.get(local(node))
        if maker is None or etree.QName(node).namespace != namespace:
            continue
        element = maker(node)
        if element.key in elements:
            raise ModelRefused("doubleId", element=element.key)
        elements[element.key] = element
        if len(elements) > MAX_ELEMENTS:
            raise ModelRefused("tooLarge", detail=f"more than {MAX_ELEMENTS} elements")
    items = tuple(_item(node) for node in children(root, "itemDefinition"))
    _refuse_circles(items)
    return model.Definitions(
        namespace=root.get("namespace", ""),
        name=root.get("name", ""),
        imports=tuple(
            model.Import(name=node.get("name", ""), namespace=node.get("namespace", ""))
            for node in children(root, "import")
            if node.get("importType", namespace) in NAMESPACES
        ),
        items=items,
        elements=elements,
    )


def _key(node: etree._Element) -> str:
    key = node.get("id") or node.get("name")
    if not key or not node.get("name"):
        raise ModelRefused("nameMissing", element=key or local(node))
    return key


def _variable_type(node: etree._Element) -> str:
    variable = child(node, "variable")
    return "" if variable is None else named_type(variable)


def _requires(node: etree._Element) -> tuple[str, ...]:
    found = []
    for requirement in children(node, "informationRequirement", "knowledgeRequirement"):
        for name in _REQUIRED:
            reference = child(requirement, name)
            if reference is not None:
                found.append(reference.get("href", ""))
    return tuple(found)


def _input_data(node: etree._Element) -> model.Element:
    return model.InputData(key=_key(node), name=node.get("name", ""), type_ref=_variable_type(node))


_OF_DECISION = frozenset({  # all a decision may hold beside its logic, DMN 1.1 to 1.5
    "description", "extensionElements", "question", "allowedAnswers", "variable", "informationRequirement",
    "knowledgeRequirement", "authorityRequirement", "supportedObjective", "impactedPerformanceIndicator",
    "decisionMaker", "decisionOwner", "usingProcess", "usingTask",
})


def _is_of(node: etree._Element, each: etree._Element) -> bool:
    """Tell whether a child is an element of DMN itself and of no other product."""
    return isinstance(each.tag, str) and etree.QName(each).namespace == etree.QName(node).namespace


def _decision(node: etree._Element) -> model.Element:
    logic = boxed_in(node)
    for each in node if logic is None else ():
        if _is_of(node, each) and local(each) not in _OF_DECISION:
            raise ModelRefused(
                "unknownExpression", element=node.get("name") or _key(node), detail=local(each)
            )
    return model.Decision(
        key=_key(node), name=node.get("name", ""), type_ref=_variable_type(node), requires=_requires(node),
        logic=logic,
    )


def _knowledge(node: etree._Element) -> model.Element:
    logic = child(node, "encapsulatedLogic")
    return model.Knowledge(
        key=_key(node), name=node.get("name", ""), type_ref=_variable_type(node), requires=_requires(node),
        function=None if logic is None else function_of(logic, 0),
    )


def _service(node: etree._Element) -> model.Element:
    def references(name: str) -> tuple[str, ...]:
        return tuple(each.get("href", "") for each in children(node, name))

    return model.Service(
        key=_key(node), name=node.get("name", ""), type_ref=_variable_type(node),
        outputs=references("outputDecision"), encapsulated=references("encapsulatedDecision"),
        input_decisions=references("inputDecision"), input_data=references("inputData"),
    )


_MAKERS = {
    "inputData": _input_data, "decision": _decision, "businessKnowledgeModel": _knowledge,
    "decisionService": _service,
}


def _item(node: etree._Element) -> model.Item:
    function = child(node, "functionItem")
    parameters = None
    if function is not None:
        parameters = tuple(
            model.Parameter(name=each.get("name", ""), type_ref=named_type(each))
            for each in children(function, "parameters")
        )
    return model.Item(
        name=node.get("name", ""),
        type_ref=text_of(node, "typeRef").rpartition(":")[2] if child(node, "typeRef") is not None else "",
        is_collection=flag(node, "isCollection"),
        allowed=_inner_text(node, "allowedValues"),
        constraint=_inner_text(node, "typeConstraint"),
        components=tuple(_item(each) for each in children(node, "itemComponent")),
        parameters=parameters,
        result_ref="" if function is None else (function.get("outputTypeRef") or ""),
    )


def _refuse_circles(items: tuple[model.Item, ...]) -> None:
    """Refuse types that are only other names, or lists, of each other; raises ModelRefused with the circle.

    No value is of such a type. A part of a type may be of the type itself: it ends at null or an empty list.
    """
    another = {each.name: each.type_ref for each in items if not each.components and each.parameters is None}
    done: set[str] = set()
    for start in another:
        path: dict[str, None] = {}  # in order
        name = start
        while name in another and name not in done and name not in path:
            path[name] = None
            name = another[name]
        if name in path:
            circle = [*list(path)[list(path).index(name):], name]
            raise ModelRefused("cyclicType", element=" → ".join(circle))
        done |= path.keys()


def _inner_text(node: etree._Element, name: str) -> str:
    holder = child(node, name)
    return "" if holder is None else text_of(holder, "text")
