"""Boxed expressions from XML; nesting is counted, so that compiling never goes deeper than Python can."""

from collections.abc import Callable

from lxml import etree

from ocapi.lib.dmn import model
from ocapi.lib.dmn.errors import ModelRefused
from ocapi.lib.dmn.xml_parts import child, children, local, named_type, text_of

MAX_DEPTH = 48
_POLICIES = {
    "UNIQUE": "U", "ANY": "A", "PRIORITY": "P", "FIRST": "F", "RULE ORDER": "R", "OUTPUT ORDER": "O",
    "COLLECT": "C",
}
_AGGREGATIONS = {"": "", "SUM": "+", "MIN": "<", "MAX": ">", "COUNT": "#"}


def boxed_in(node: etree._Element, depth: int = 0) -> model.Boxed | None:
    """Give the boxed expression among the children of a node, None when there is none."""
    for each in node:
        if local(each) in _READERS:
            return boxed(each, depth)
    return None


def boxed(node: etree._Element, depth: int) -> model.Boxed:
    """Read a boxed expression; raises ModelRefused."""
    if depth > MAX_DEPTH:
        raise ModelRefused("tooDeep", element=_id(node), detail=f"more than {MAX_DEPTH} boxes in each other")
    reader = _READERS.get(local(node))
    if reader is None:
        raise ModelRefused("unknownExpression", element=_id(node), detail=local(node))
    return reader(node, depth + 1)


def _id(node: etree._Element) -> str:
    """Give the id of a node, else that of what it stands in."""
    place: etree._Element | None = node
    while place is not None:
        if found := place.get("id") or place.get("name"):
            return str(found)
        place = place.getparent()
    return local(node)


def _required(node: etree._Element, depth: int) -> model.Boxed:
    found = boxed_in(node, depth)
    return model.LiteralBox(id=_id(node), text="null") if found is None else found


def _part(node: etree._Element, name: str, depth: int) -> model.Boxed:
    holder = child(node, name)
    if holder is None:
        raise ModelRefused("partMissing", element=_id(node), detail=name)
    return _required(holder, depth)


def _literal(node: etree._Element, depth: int) -> model.Boxed:
    language = node.get("expressionLanguage") or ""
    return model.LiteralBox(
        id=_id(node), type_ref=named_type(node), text=text_of(node, "text"), language=language
    )


def _entries(node: etree._Element, tag: str, name_tag: str, depth: int) -> tuple[model.Entry, ...]:
    made = []
    for entry in children(node, tag):
        variable = child(entry, name_tag)
        value = next((each for each in entry if local(each) in _READERS), None)
        made.append(model.Entry(
            name="" if variable is None else variable.get("name", ""),
            type_ref="" if variable is None else named_type(variable),
            value=model.LiteralBox(id=_id(entry), text="null") if value is None else boxed(value, depth),
        ))
    return tuple(made)


def _context(node: etree._Element, depth: int) -> model.Boxed:
    entries = _entries(node, "contextEntry", "variable", depth)
    return model.ContextBox(id=_id(node), type_ref=named_type(node), entries=entries)


def _invocation(node: etree._Element, depth: int) -> model.Boxed:
    return model.InvocationBox(
        id=_id(node), type_ref=named_type(node), callee=_required(node, depth),
        bindings=_entries(node, "binding", "parameter", depth),
    )


def _relation(node: etree._Element, depth: int) -> model.Boxed:
    columns = tuple(each.get("name", "") for each in children(node, "column"))
    rows = tuple(
        tuple(boxed(cell, depth) for cell in row if local(cell) in _READERS) for row in children(node, "row")
    )
    if any(len(row) != len(columns) for row in rows):
        raise ModelRefused("rowIncomplete", element=_id(node))
    return model.RelationBox(id=_id(node), type_ref=named_type(node), columns=columns, rows=rows)


def _list(node: etree._Element, depth: int) -> model.Boxed:
    items = tuple(boxed(each, depth) for each in node if local(each) in _READERS)
    return model.ListBox(id=_id(node), type_ref=named_type(node), items=items)


def function_of(node: etree._Element, depth: int) -> model.FunctionBox:
    """Read a function definition, also that of a knowledge model."""
    parameters = tuple(
        model.Parameter(name=each.get("name", ""), type_ref=named_type(each))
        for each in children(node, "formalParameter")
    )
    return model.FunctionBox(
        id=_id(node), type_ref=named_type(node), parameters=parameters, body=boxed_in(node, depth),
        kind=node.get("kind", "FEEL"),
    )


def _conditional(node: etree._Element, depth: int) -> model.Boxed:
    return model.ConditionalBox(
        id=_id(node), type_ref=named_type(node), condition=_part(node, "if", depth),
        then=_part(node, "then", depth), otherwise=_part(node, "else", depth),
    )


def _filter(node: etree._Element, depth: int) -> model.Boxed:
    return model.FilterBox(
        id=_id(node), type_ref=named_type(node), source=_part(node, "in", depth),
        match=_part(node, "match", depth),
    )


def _loop(node: etree._Element, depth: int) -> model.Boxed:
    kind = local(node)
    return model.LoopBox(
        id=_id(node), type_ref=named_type(node), kind=kind, variable=node.get("iteratorVariable", ""),
        source=_part(node, "in", depth), body=_part(node, "return" if kind == "for" else "satisfies", depth),
    )


def _table(node: etree._Element, depth: int) -> model.Boxed:
    policy, aggregation = node.get("hitPolicy", "UNIQUE"), node.get("aggregation", "")
    if policy not in _POLICIES or aggregation not in _AGGREGATIONS:
        raise ModelRefused("unknownHitPolicy", element=_id(node), detail=f"{policy} {aggregation}".strip())
    inputs = tuple(_input(each) for each in children(node, "input"))
    outputs = tuple(_output(each) for each in children(node, "output"))
    rules = tuple(_rule(each, number) for number, each in enumerate(children(node, "rule"), 1))
    for rule in rules:
        if len(rule.tests) != len(inputs) or len(rule.outputs) != len(outputs):
            raise ModelRefused("rowIncomplete", element=rule.id)
    if not outputs:
        raise ModelRefused("partMissing", element=_id(node), detail="output")
    return model.TableBox(
        id=_id(node), type_ref=named_type(node), hit_policy=_POLICIES[policy],
        aggregation=_AGGREGATIONS[aggregation], inputs=inputs, outputs=outputs, rules=rules,
    )


def _input(node: etree._Element) -> model.InputClause:
    expression = child(node, "inputExpression")
    text = "" if expression is None else text_of(expression, "text")
    values = child(node, "inputValues")
    return model.InputClause(
        id=_id(node), label=node.get("label") or text, text=text or node.get("label", ""),
        type_ref="" if expression is None else named_type(expression),
        allowed="" if values is None else text_of(values, "text"),
    )


def _output(node: etree._Element) -> model.OutputClause:
    values, default = child(node, "outputValues"), child(node, "defaultOutputEntry")
    return model.OutputClause(
        id=_id(node), name=node.get("name") or node.get("label") or "", type_ref=named_type(node),
        allowed="" if values is None else text_of(values, "text"),
        default="" if default is None else text_of(default, "text"),
    )


def _rule(node: etree._Element, number: int) -> model.Rule:
    return model.Rule(
        id=node.get("id") or f"{_id(node)}/{number}",
        tests=tuple(text_of(each, "text") for each in children(node, "inputEntry")),
        outputs=tuple(text_of(each, "text") for each in children(node, "outputEntry")),
        remarks=tuple(
            text for text in (text_of(node, "description"), *(
                text_of(each, "text") for each in children(node, "annotationEntry")
            )) if text
        ),
    )


_READERS: dict[str, Callable[[etree._Element, int], model.Boxed]] = {
    "literalExpression": _literal, "context": _context, "invocation": _invocation, "relation": _relation,
    "list": _list, "functionDefinition": function_of, "conditional": _conditional, "filter": _filter,
    "for": _loop, "some": _loop, "every": _loop, "decisionTable": _table,
}
