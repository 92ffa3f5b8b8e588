"""A BPMN 2.0 file to definitions. It reads what is there; what of it can run is `inspection`'s question."""

from collections.abc import Callable

from lxml import etree

from ocapi.lib import xml
from ocapi.lib.bpmn import model, xml_parts
from ocapi.lib.bpmn.reader_process import read_process
from ocapi.lib.bpmn.shared import Shared
from ocapi.lib.bpmn.xml_parts import children, local, reference
from ocapi.lib.codec import MalformedInput, Reason

MAX_BYTES = 4 << 20
MAX_ELEMENTS = 50_000  # of BPMN, pictures and extensions not counted
_REASONS = {
    "tooLarge": Reason.TOO_LARGE, "tooDeep": Reason.TOO_DEEP, "encodingRefused": Reason.NOT_UTF8,
    "notXml": Reason.NOT_XML, "doctypeRefused": Reason.NOT_XML,
}
_READ_ELSEWHERE = frozenset({
    "message", "signal", "error", "escalation", "resource", "dataStore", "itemDefinition", "process",
    "collaboration", "interface",
})
_DOCUMENTATION = frozenset({
    "documentation", "extensionElements", "extension", "category", "relationship", "partnerRole",
    "partnerEntity", "endPoint", "import", "eventDefinition",
})


def read(raw: bytes) -> model.Definitions:
    """Read one file; raises MalformedInput with the line for what is no BPMN 2.0, and nothing else."""
    try:
        root = xml.parse(raw, max_bytes=MAX_BYTES)
    except xml.MalformedXml as refusal:
        raise MalformedInput(
            _REASONS.get(refusal.reason, Reason.NOT_XML), path=f"line {refusal.line}", detail=refusal.reason
        ) from None
    if local(root) != "definitions":
        raise MalformedInput(Reason.INVALID_VALUE, path="line 1", detail="the root is not bpmn:definitions")
    count = sum(1 for _each in root.iter(f"{{{xml_parts.BPMN}}}*"))
    if count > MAX_ELEMENTS:
        raise MalformedInput(Reason.TOO_MANY_MEMBERS, path="line 1", detail=f"more than {MAX_ELEMENTS}")
    shared = _shared(root)
    problems, kept = _other(root)
    return model.Definitions(
        target=root.get("targetNamespace", ""),
        exporter=root.get("exporter", ""),
        language=shared.language,
        processes=tuple(read_process(each, shared) for each in children(root, "process")),
        participants=tuple(
            model.Participant(
                id=each.get("id", ""), name=each.get("name", ""), process=reference(each.get("processRef"))
            )
            for pool in children(root, "collaboration") for each in children(pool, "participant")
        ),
        message_flows=shared.message_flows,
        problems=problems,
        kept=kept,
    )


def _shared(root: etree._Element) -> Shared:
    flows = tuple(
        model.MessageFlow(
            id=each.get("id", ""), name=each.get("name", ""), source=reference(each.get("sourceRef")),
            target=reference(each.get("targetRef")),
        )
        for pool in children(root, "collaboration") for each in children(pool, "messageFlow")
    )
    return Shared(
        language=(root.get("expressionLanguage") or "").strip(),
        messages=_named(root, "message", _name),
        signals=_named(root, "signal", _name),
        errors=_named(root, "error", lambda each: each.get("errorCode") or _name(each)),
        escalations=_named(
            root, "escalation", lambda each: each.get("escalationCode") or _name(each)
        ),
        resources=_named(root, "resource", _name),
        keys={
            each.get("id", ""): key for each in children(root, "message")
            if (key := xml_parts.own_expression(each, "correlationKey")) is not None
        },
        message_flows=flows,
    )


def _named(root: etree._Element, kind: str, name: Callable[[etree._Element], str]) -> dict[str, str]:
    return {xml_parts.key_of(each): name(each) or xml_parts.key_of(each) for each in children(root, kind)}


def _name(node: etree._Element) -> str:
    return node.get("name") or ""


def _other(root: etree._Element) -> tuple[tuple[model.Finding, ...], tuple[model.Finding, ...]]:
    problems: list[model.Finding] = []
    kept: list[model.Finding] = []
    for each in root:
        if not isinstance(each.tag, str) or xml_parts.is_picture(each) or local(each) in _READ_ELSEWHERE:
            continue
        reason = "documentation" if local(each) in _DOCUMENTATION else "notExecuted"
        found = model.Finding(
            element=each.get("id", ""), kind=etree.QName(each).localname, line=xml_parts.line_of(each),
            reason=reason if local(each) else "foreignElement",
        )
        (problems if reason == "notExecuted" and local(each) else kept).append(found)
    return tuple(problems), tuple(kept)
