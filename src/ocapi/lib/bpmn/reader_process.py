"""One process with everything drawn in it, sub-processes included."""

from lxml import etree

from ocapi.lib.bpmn import model
from ocapi.lib.bpmn.model import Expression, Kind
from ocapi.lib.bpmn.reader_nodes import loop_of, read_event, read_io, read_script
from ocapi.lib.bpmn.shared import Shared
from ocapi.lib.bpmn.xml_parts import (
    child,
    children,
    content,
    expression,
    flag,
    is_bpmn,
    is_plain,
    key_of,
    line_of,
    local,
    own,
    own_expression,
    reference,
    text_of,
)

KINDS = {kind.value: kind for kind in Kind if kind not in (Kind.EVENT_SUB_PROCESS, Kind.CHOREOGRAPHY)}
_DATA = frozenset({"dataObject", "dataObjectReference", "dataStoreReference", "property"})
_DOCUMENTATION = frozenset({
    "documentation", "extensionElements", "textAnnotation", "group", "incoming", "outgoing", "auditing",
    "monitoring", "supports", "ioBinding", "resourceRole", "performer", "humanPerformer", "potentialOwner",
})
_SKIPPED = frozenset({
    "laneSet", "sequenceFlow", "association", "ioSpecification", "dataInputAssociation",
    "dataOutputAssociation", "multiInstanceLoopCharacteristics", "standardLoopCharacteristics",
    "completionCondition",
})


class _Collecting:
    """What is found while a process is walked."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.nodes: dict[str, model.Node] = {}
        self.flows: list[model.Flow] = []
        self.data: list[model.DataElement] = []
        self.lanes: list[model.Lane] = []
        self.associations: dict[str, str] = {}
        self.problems: list[model.Finding] = []
        self.kept: list[model.Finding] = []
        self.groups: dict[str, tuple[str, ...]] = {}
        self.names: dict[str, str] = {}

    def problem(self, node: etree._Element, reason: str, detail: str = "") -> None:
        """Note something that can't be executed."""
        self.problems.append(_finding(node, reason, detail))


def _finding(node: etree._Element, reason: str, detail: str = "") -> model.Finding:
    return model.Finding(
        element=node.get("id", ""), kind=etree.QName(node).localname, reason=reason,
        line=line_of(node), detail=detail,
    )


def read_process(root: etree._Element, shared: Shared) -> model.Process:
    """Read a process element."""
    found = _Collecting(shared)
    for each in root.iter():
        if local(each) in _DATA | {"dataInput", "dataOutput"} and each.get("id"):
            found.names[key_of(each)] = each.get("name") or key_of(each)
    _read_lanes(root, found, ())
    _read_scope(root, "", found)
    marked = root.get("isExecutable")
    handlers = {
        source: target for source, target in found.associations.items()
        if target in found.nodes and found.nodes[target].compensates
    }
    return model.Process(
        id=root.get("id", ""), name=root.get("name", ""), line=line_of(root),
        is_executable=None if marked is None else flag(root, "isExecutable"),
        nodes=found.nodes, flows=tuple(found.flows), data=tuple(found.data), lanes=tuple(found.lanes),
        compensators=handlers, problems=tuple(found.problems), kept=tuple(found.kept),
    )


def _read_lanes(root: etree._Element, found: _Collecting, above: tuple[str, ...]) -> None:
    for each in root:
        if local(each) in ("laneSet", "childLaneSet"):
            for lane in children(each, "lane"):
                name = lane.get("name") or key_of(lane)
                nodes = tuple(reference(content(ref)) for ref in children(lane, "flowNodeRef"))
                found.lanes.append(model.Lane(id=lane.get("id", ""), name=name, nodes=nodes))
                names = (name, *above)
                for node in nodes:
                    if len(names) > len(found.groups.get(node, ())):
                        found.groups[node] = names
                _read_lanes(lane, found, names)


def _read_scope(root: etree._Element, scope: str, found: _Collecting) -> None:
    for each in root:
        if not isinstance(each.tag, str):
            continue
        name = local(each)
        if not is_bpmn(each):
            found.kept.append(_finding(each, "foreignElement"))
        elif name in KINDS:
            _read_node(each, scope, found)
        elif name == "sequenceFlow":
            found.flows.append(_flow(each, scope))
        elif name == "association":
            found.associations[reference(each.get("sourceRef"))] = reference(each.get("targetRef"))
        elif name in _DATA:
            found.data.append(model.DataElement(
                id=each.get("id", ""), kind=name, name=each.get("name", ""),
                state=(state.get("name", "") if (state := child(each, "dataState")) is not None else ""),
            ))
        elif name.endswith("EventDefinition") and root.tag != each.tag:
            continue  # belongs to an event
        elif name in _DOCUMENTATION:
            if name == "extensionElements":
                found.kept += _extensions(each, root)
        elif name == "laneSet":
            if scope:
                _read_lanes(root, found, ())
        elif name not in _SKIPPED:
            found.problem(each, "notExecuted")


def _extensions(node: etree._Element, owner: etree._Element) -> list[model.Finding]:
    names = dict.fromkeys(etree.QName(each).localname for each in node if isinstance(each.tag, str))
    return [_finding(owner, "extension", ", ".join(names))] if names else []


def _flow(node: etree._Element, scope: str) -> model.Flow:
    return model.Flow(
        id=node.get("id") or f"line{node.sourceline}", source=reference(node.get("sourceRef")),
        target=reference(node.get("targetRef")), name=node.get("name", ""), scope=scope,
        condition=expression(child(node, "conditionExpression")), line=line_of(node),
    )


def _read_node(node: etree._Element, scope: str, found: _Collecting) -> None:
    key = node.get("id", "")
    if not key:
        found.problem(node, "idMissing")
        key = f"line{node.sourceline}"
    if key in found.nodes:
        found.problem(node, "doubleId")
        return
    kind: Kind = KINDS[local(node)]
    if kind is Kind.SUB_PROCESS and flag(node, "triggeredByEvent"):
        kind = Kind.EVENT_SUB_PROCESS
    inputs, outputs, mapped = read_io(node, found.names)
    extension = child(node, "extensionElements")
    kept = _extensions(extension, node) if extension is not None else []
    found.kept += kept
    found.kept += [_finding(node, "vendorAttribute", name) for name in _vendor_attributes(node)]
    found.kept += [_finding(node, "dataAsDocumentation", each) for each in mapped]
    found.nodes[key] = model.Node(
        id=key, kind=kind, name=node.get("name", ""), line=line_of(node), scope=scope,
        event=read_event(node, found.shared) if kind in model.EVENTS or kind in _MESSAGING else None,
        loop=loop_of(node, found.names),
        interrupting=flag(node, "cancelActivity" if kind is Kind.BOUNDARY else "isInterrupting",
                          default=True),
        attached_to=reference(node.get("attachedToRef")), default=reference(node.get("default")),
        implementation=(node.get("implementation") or "").strip(),
        called=reference(node.get("calledElement")), script=read_script(node),
        result=own(node, "resultVariable"), form=_plain_setting(node, "formKey"),
        due=own_expression(node, "due"), inputs=inputs, outputs=outputs,
        groups=_groups(node, found, key), candidates=_candidates(node, found, key), who=_who(node),
        assignee=own_expression(node, "assignee"),
        compensates=flag(node, "isForCompensation"), extensions=tuple(each.detail for each in kept),
    )
    if kind in model.CONTAINERS:
        _read_scope(node, key, found)


_MESSAGING = frozenset({Kind.SEND, Kind.RECEIVE})
_UNDERSTOOD = frozenset({"formKey", "candidateGroups"})  # of other engines, when they are plain texts


def _vendor_attributes(node: etree._Element) -> list[str]:
    return [
        etree.QName(str(name)).localname for name in node.attrib
        if str(name).startswith("{") and "urn:ocapi:bpmn" not in str(name)
        and not (etree.QName(str(name)).localname in _UNDERSTOOD and is_plain(str(node.get(name))))
    ]


def _plain_setting(node: etree._Element, name: str) -> str:
    """Give a setting of ours, else the one of another engine that means the same and is a plain text."""
    given = [own(node, name), *(
        str(text).strip() for key, text in node.attrib.items()
        if str(key).startswith("{") and etree.QName(str(key)).localname == name and is_plain(str(text))
    )]
    return next((each for each in given if each), "")


def _groups(node: etree._Element, found: _Collecting, key: str) -> tuple[str, ...]:
    """Give who may do the work: as set here, else lanes, else owners, else as another engine has it."""
    set_here = own(node, "candidateGroups")
    if set_here:
        return _listed(set_here)
    others = _listed(_plain_setting(node, "candidateGroups"))
    return found.groups.get(key, ()) or _owners(node, found.shared) or others


def _candidates(node: etree._Element, found: _Collecting, key: str) -> tuple[str, ...]:
    """Give every group that may do the work; of lanes only the innermost, which stands for its work."""
    groups = _groups(node, found, key)
    return groups[:1] if groups == found.groups.get(key) and not own(node, "candidateGroups") else groups


def _who(node: etree._Element) -> Expression | None:
    """Give the FEEL that computes the groups: what stands after `=` in `candidateGroups`."""
    text = own(node, "candidateGroups")
    return Expression(text=text[1:].strip(), language="feel", line=line_of(node)) if text[:1] == "=" else None


def _listed(text: str) -> tuple[str, ...]:
    """Give the groups of a text with commas; none for one that is computed."""
    return () if text[:1] == "=" else tuple(each.strip() for each in text.split(",") if each.strip())


def _owners(node: etree._Element, shared: Shared) -> tuple[str, ...]:
    owners = [
        reference(text_of(each, "resourceRef"))
        for each in children(node, "potentialOwner", "humanPerformer", "performer")
    ]
    return tuple(shared.resources.get(each, each) for each in owners if each)
