"""Draw processes: drafts on the server, judged, compared, tried with mocks, published as a version."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn import comparing
from ocapi.modules.processes import queries
from ocapi.modules.processes.data import (
    ConnectorInfo,
    Definition,
    Difference,
    Drawing,
    DrawingChanged,
    Element,
    Move,
    Report,
    Trace,
)
from ocapi.modules.processes.extensions import connectors
from ocapi.modules.processes.services import asking, deploying, drawings, looking, trying
from ocapi.modules.rules import api as rules


def list_drawings(*, actor: Actor) -> tuple[Drawing, ...]:
    """Give every drawing that is being worked on, the last changed first. Raises NotAllowed."""
    access.require(actor, "processes.read_drawings")
    return drawings.listed()


def get_drawing(*, drawing: UUID, actor: Actor) -> Drawing:
    """Give a drawing without its file. Raises DrawingNotFound, NotAllowed."""
    access.require(actor, "processes.read_drawings")
    return drawings.told(drawings.row_of(drawing))


def read_drawn(*, drawing: UUID, actor: Actor) -> bytes:
    """Give the file of a drawing as it was saved. Raises DrawingNotFound, NotAllowed."""
    access.require(actor, "processes.read_drawings")
    return bytes(drawings.row_of(drawing).xml)


def create_drawing(
    *, actor: Actor, now: datetime, title: str = "", raw: bytes = b"", definition: UUID | None = None
) -> Drawing:
    """Begin a drawing: blank under a title, from a file kept as it came, or from a published version.

    Raises MalformedInput for a file that is no BPMN 2.0, ProcessNotFound, NotAllowed.
    """
    access.require(actor, "processes.edit_drawing")
    source = looking.row_of(definition) if definition is not None else None
    given = bytes(source.model.xml) if source is not None else raw or drawings.blank(title)
    name = source.name if source is not None else title or drawings.title_of(given)
    drawings.title_of(given)
    with transaction.atomic():
        row = drawings.create(given, title=name, based_on=definition, now=now)
        _changed(actor, row.uuid, ("title", "xml"), now)
    return drawings.told(row)


def save_drawing(
    *, drawing: UUID, raw: bytes, revision: int, actor: Actor, now: datetime
) -> Drawing:
    """Save a drawing over the revision that was seen; it need not be executable yet, saving it again is one.

    Raises DrawingChanged with the newest revision when somebody saved another meanwhile, then nothing is
    saved; MalformedInput for what is no BPMN 2.0, DrawingNotFound, NotAllowed.
    """
    access.require(actor, "processes.edit_drawing")
    title = drawings.title_of(raw)
    with transaction.atomic():
        row = drawings.save(drawing, raw, title=title, revision=revision, now=now)
        _changed(actor, drawing, ("xml",), now)
    return drawings.told(row)


def discard_drawing(*, drawing: UUID, actor: Actor, now: datetime) -> None:
    """Throw a drawing away; versions published from it stay. Raises DrawingNotFound, NotAllowed."""
    access.require(actor, "processes.edit_drawing")
    with transaction.atomic():
        drawings.row_of(drawing).delete()
        _changed(actor, drawing, ("xml",), now)


def publish_drawing(
    *, drawing: UUID, revision: int, actor: Actor, now: datetime
) -> tuple[Definition, ...]:
    """Make the drawing that was seen the newest version; runs keep the version they began with.

    Raises DrawingChanged, DrawingNotFound, DefinitionRefused with every reason, StepNotPossible, NotAllowed.
    """
    access.require(actor, "processes.deploy")
    row = drawings.row_of(drawing)
    if row.revision != revision:
        raise DrawingChanged(row.revision)
    raw = bytes(row.xml)
    ready = deploying.ready_of(drawings.judge(raw))
    with transaction.atomic():
        made = deploying.deploy(raw, ready, now=now)
        row.based_on = made[0].uuid
        row.save(update_fields=["based_on"])
        for each in made:
            audit.changed(
                actor=actor, operation="processes.deploy", resource=f"processDefinition/{each.uuid}", now=now,
                fields=("xml",),
            )
    return tuple(queries.definition(each) for each in made)


def check_drawing(*, raw: bytes, actor: Actor) -> Report:
    """Tell what of a drawing can't run here, names it uses included. Raises MalformedInput, NotAllowed."""
    access.require(actor, "processes.read_drawings")
    return drawings.judge(raw)


def list_elements(*, raw: bytes, actor: Actor) -> tuple[Element, ...]:
    """Give the elements of a drawing in words, at most 500. Raises MalformedInput, NotAllowed."""
    access.require(actor, "processes.read_drawings")
    return drawings.elements(raw)


def compare_drawings(*, before: bytes, after: bytes, actor: Actor) -> tuple[Difference, ...]:
    """Tell what was added, removed and changed between two drawings. Raises MalformedInput, NotAllowed."""
    access.require(actor, "processes.read_definitions")
    return comparing.compare(before, after)


def try_drawing(
    *, raw: bytes, moves: Sequence[Move], actor: Actor, now: datetime, process: str = ""
) -> Trace:
    """Play a drawing with mocks: nothing is stored, sent or asked of another system.

    moves: from the start, at most 100. Decisions are answered by the newest version of their model.
    Raises MalformedInput, DefinitionRefused, MoveRefused, NotAllowed.
    """
    access.require(actor, "processes.read_drawings")
    return trying.try_out(raw, process, moves, now=now)


def list_connectors(*, actor: Actor) -> tuple[ConnectorInfo, ...]:
    """Give what a service task may name, with typed inputs and outputs. Raises NotAllowed."""
    access.require(actor, "processes.read_definitions")
    return tuple(
        ConnectorInfo(
            name=each.name, inputs=dict(each.inputs), outputs=dict(each.outputs), problem=each.check_config(),
            timeout_seconds=each.timeout_seconds, retries=each.retries,
        ) for each in sorted(connectors, key=lambda each: each.name)
    )


def list_decisions(*, actor: Actor) -> tuple[str, ...]:
    """Give the names of decisions that a business rule task may ask. Raises NotAllowed."""
    access.require(actor, "processes.read_definitions")
    found = rules.list_models(actor=actor) if access.may(actor, "rules.read_models") else ()
    return tuple(sorted({name for each in found for name in each.decisions}))


def _changed(actor: Actor, drawing: UUID, fields: tuple[str, ...], now: datetime) -> None:
    audit.changed(
        actor=actor, operation="processes.edit_drawing", resource=f"processDrawing/{drawing}", now=now,
        fields=fields,
    )


def list_askable(*, actor: Actor) -> tuple[tuple[str, str], ...]:
    """Give code and title of the forms a task may ask, by title: none of them asks for a file.

    Empty for who may not see forms. Raises NotAllowed.
    """
    access.require(actor, "processes.read_drawings")
    return asking.askable() if access.may(actor, "forms.read_designs") else ()
