"""Drawings that are being worked on: made, saved one after the other, judged, compared, published."""

import re
import unicodedata
from datetime import datetime
from itertools import islice
from uuid import UUID
from xml.sax.saxutils import quoteattr

from ocapi.lib import ids
from ocapi.lib.bpmn import model, reader
from ocapi.lib.bpmn.model import ACTIVITIES, GATEWAYS, Node
from ocapi.modules.processes import data
from ocapi.modules.processes.models import DrawingRow
from ocapi.modules.processes.services import asking, connections, deploying

MAX_DRAWINGS = 1_000
MAX_ELEMENTS = 500  # shown in words
_FREE = (model.Trigger.LINK, model.Trigger.COMPENSATION)  # no arrow comes to these, or leaves
LARGEST = reader.MAX_BYTES
_BLANK = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
 xmlns:ocapi="urn:ocapi:bpmn" id="Definitions_1" targetNamespace="urn:ocapi:drawing">
  <bpmn:process id={key} name={title} isExecutable="true">
    <bpmn:startEvent id="Start_1" name="Start"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="Diagram_1"><bpmndi:BPMNPlane id="Plane_1" bpmnElement={key}>
    <bpmndi:BPMNShape id="Start_1_di" bpmnElement="Start_1">
      <dc:Bounds x="180" y="160" width="36" height="36"/>
    </bpmndi:BPMNShape>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
_REST = "urn:ocapi:connector:rest"
_TEXT = re.compile(r'\s*"([^"\\]*)"\s*')  # a text of FEEL, and nothing else


def blank(title: str) -> bytes:
    """Give a drawing with nothing but a start; its process gets an id made of the title."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]
    if not key[:1].isalpha():
        key = f"werkstroom-{key}".strip("-")
    return _BLANK.format(key=quoteattr(key), title=quoteattr(title)).encode()


def title_of(raw: bytes) -> str:
    """Give the name of the first process, perhaps empty; raises MalformedInput."""
    return next((each.name or each.id for each in reader.read(raw).processes), "")[:300]


def row_of(drawing: UUID) -> DrawingRow:
    """Give the row of a drawing, or raise DrawingNotFound."""
    row = DrawingRow.objects.filter(uuid=drawing).first()
    if row is None:
        raise data.DrawingNotFound(str(drawing))
    return row


def told(row: DrawingRow) -> data.Drawing:
    """Give a drawing as data, without its file."""
    return data.Drawing(
        uuid=row.uuid, title=row.title, revision=row.revision, changed_at=row.changed_at,
        based_on=row.based_on,
    )


def listed() -> tuple[data.Drawing, ...]:
    """Give every drawing, the last changed first."""
    rows = DrawingRow.objects.defer("xml").order_by("-changed_at", "-id")[:MAX_DRAWINGS]
    return tuple(told(row) for row in rows)


def create(raw: bytes, *, title: str, based_on: UUID | None, now: datetime) -> DrawingRow:
    """Keep a new drawing."""
    return DrawingRow.objects.create(
        uuid=ids.new_uuid(now), title=title[:300], xml=raw, revision=1, changed_at=now, based_on=based_on
    )


def save(drawing: UUID, raw: bytes, *, title: str, revision: int, now: datetime) -> DrawingRow:
    """Save a drawing over the revision that was seen; raises DrawingNotFound, DrawingChanged."""
    changed = DrawingRow.objects.filter(uuid=drawing, revision=revision).update(
        xml=raw, title=title[:300], revision=revision + 1, changed_at=now
    )
    row = row_of(drawing)
    if not changed and bytes(row.xml) != raw:
        raise data.DrawingChanged(row.revision)
    return row


def judge(raw: bytes) -> data.Report:
    """Tell what of a drawing can run here, the names it uses included; raises MalformedInput."""
    report = deploying.judged(raw)
    return data.Report(
        processes=tuple(asking.with_forms(each) for each in report.processes), reasons=report.reasons,
        kept=report.kept,
    )


def elements(raw: bytes) -> tuple[data.Element, ...]:
    """Give the elements of a drawing in words, in the order of the file; raises MalformedInput."""
    found: list[data.Element] = []
    systems = frozenset(each.code for each in connections.listed())
    for process in reader.read(raw).processes:
        goes: dict[str, list[str]] = {}
        for each in process.flows:
            goes.setdefault(each.source, []).append(each.target)
        comes = {each.target for each in process.flows}
        for node in islice(process.nodes.values(), MAX_ELEMENTS - len(found)):
            targets = [each for each in goes.get(node.id, ()) if each in process.nodes]
            found.append(data.Element(
                id=node.id, kind=_kind(node), name=node.name, group=_group(node),
                leads_to=tuple(targets),
                advice=(*_advice(node, comes=node.id in comes, ways=len(targets)), *_unlisted(node, systems)),
            ))
    return tuple(found)


def _group(node: Node) -> str:
    """Give who does a step: what it names itself, as text or FEEL, before the lane it lies in."""
    if node.who is not None:
        return f"= {node.who.text}"
    return ", ".join(node.candidates) or (node.groups[0] if node.groups else "")


def _advice(node: Node, *, comes: bool, ways: int) -> tuple[str, ...]:
    """Give what will surprise a reader: a step without a name, one nothing leads to or that leads nowhere."""
    is_step = node.kind in ACTIVITIES and node.kind is not model.Kind.EVENT_SUB_PROCESS
    is_choice = node.kind is model.Kind.EXCLUSIVE and ways > 1
    inside = is_step or node.kind in GATEWAYS or node.kind in (model.Kind.CATCH, model.Kind.THROW)
    is_edge = node.kind in (model.Kind.START, model.Kind.BOUNDARY)
    is_free = node.compensates or (node.event is not None and node.event.trigger in _FREE)
    found = (
        ("unnamed", not node.name and (is_step or is_choice)),
        ("loose", inside and not comes and not ways and not is_free),
        ("nothingLeadsHere", inside and not comes and bool(ways) and not is_free),
        ("leadsNowhere", (comes if inside else is_edge) and not ways and not is_free),
    )
    return tuple(code for code, holds in found if holds)


def _unlisted(node: Node, systems: frozenset[str]) -> tuple[str, ...]:
    """Say when a call names a system that stands in no list here; one that is computed is known only then."""
    named = (each.source.text for each in node.inputs if each.target == "connection")
    texts = (_TEXT.fullmatch(text) for text in named if node.implementation == _REST)
    return ("systemUnlisted",) if any(found and found[1] not in systems for found in texts) else ()


def _kind(node: Node) -> str:
    is_plain = node.event is None or node.event.trigger is model.Trigger.NONE
    return node.kind.value if is_plain or node.event is None else f"{node.kind.value}:{node.event.trigger}"
