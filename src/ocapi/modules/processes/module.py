"""The manifest of processes."""

from ocapi.kernel.access.data import Cell, Leaf, Operation, Surface
from ocapi.kernel.registry.data import (
    ALL_KINDS,
    Audience,
    Command,
    Manifest,
    Mount,
    Navigation,
    PersonalData,
    Tier,
    Title,
    rest_api,
)
from ocapi.kernel.registry.extensions import content_loaders
from ocapi.kernel.ui.extensions import desk_notes
from ocapi.lib.actor import Assurance
from ocapi.modules.processes import events
from ocapi.modules.processes.adapters.desk import TasksWaiting
from ocapi.modules.processes.adapters.event import EventConnector
from ocapi.modules.processes.adapters.forms import FormsConnector
from ocapi.modules.processes.adapters.lower import DocumentsConnector, NotifyConnector, RulesConnector
from ocapi.modules.processes.adapters.mock import MockConnector
from ocapi.modules.processes.adapters.packs import ProcessLoader
from ocapi.modules.processes.adapters.rest_call import RestConnector
from ocapi.modules.processes.adapters.rules import RulesDecider
from ocapi.modules.processes.extensions import connectors, deciders

_CLERK = {"anonymous": Cell.LOGIN, "clerk": Cell.ALLOW, "suspended": Cell.DENY}
_ADMIN = {"anonymous": Cell.LOGIN, "tenant_admin": Cell.ALLOW, "suspended": Cell.DENY}
_SYSTEM = {"peer_system": Cell.ALLOW}
_READ, _WRITE, _ADMINISTER = (
    "processes:instances:read", "processes:instances:write", "processes:definitions:write"
)


def _operation(
    name: str, resource: str, cells: dict[str, Cell], *, leaf: Leaf = Leaf.CHANGE, scope: str = _WRITE,
    personal: bool = False, four_eyes: bool = False, note: str = "",
) -> Operation:
    return Operation(
        name=f"processes.{name}", surface=Surface.DESK, resource=resource, cells=cells, personal=personal,
        min_loa=Assurance.SUBSTANTIAL, leaf=leaf, purpose="processes.run", scope=scope, note=note,
        four_eyes=four_eyes,
    )


OPERATIONS = (
    _operation("deploy", "processDefinition", {**_ADMIN, **_SYSTEM}, scope=_ADMINISTER),
    _operation(
        "read_definitions", "processDefinition", {**_CLERK, **_ADMIN, **_SYSTEM}, leaf=Leaf.NONE, scope=_READ
    ),
    _operation(
        "read_drawings", "processDrawing", _ADMIN, leaf=Leaf.NONE,
        note="drawings that are being worked on; trying one out stores nothing",
    ),
    _operation("edit_drawing", "processDrawing", _ADMIN),
    _operation(
        "list_connections", "processConnection", _ADMIN, leaf=Leaf.NONE, note="addresses and never a secret",
    ),
    _operation("edit_connection", "processConnection", _ADMIN),
    _operation(
        "list_groups", "taskGroup", _ADMIN, leaf=Leaf.NONE, note="groups and how many members, no name",
    ),
    _operation(
        "edit_group", "taskGroup", _ADMIN, personal=True,
        note="from the list of colleagues' names; looking at that list leaves a leaf",
    ),
    _operation(
        "list_jobs", "processInstance", {**_CLERK, **_ADMIN}, leaf=Leaf.NONE,
        note="what the worker will do and when, no variable",
    ),
    _operation("start", "processInstance", {**_CLERK, **_SYSTEM}, personal=True),
    _operation(
        "read_instance", "processInstance", {**_CLERK, **_SYSTEM}, leaf=Leaf.CONSULTATION, scope=_READ,
        personal=True, note="variables may tell of persons; administrators see tasks and incidents only",
    ),
    _operation(
        "list_tasks", "task", {**_CLERK, **_ADMIN, **_SYSTEM}, leaf=Leaf.NONE, scope=_READ,
        note="a reference to the case and no personal data",
    ),
    _operation(
        "list_incidents", "incident", {**_CLERK, **_ADMIN, **_SYSTEM}, leaf=Leaf.NONE, scope=_READ,
        note="element and reason, no variable",
    ),
    _operation(
        "list_instances", "processInstance", {**_CLERK, **_ADMIN, **_SYSTEM}, leaf=Leaf.NONE, scope=_READ,
        note="where a run stands and its reference, no variable",
    ),
    _operation(
        "claim_task", "task", _CLERK, personal=True,
        note="what a taken task shows of its run; looking at that leaves a leaf",
    ),
    _operation(
        "assign_task", "task", _CLERK, personal=True,
        note="to a colleague, from the list of colleagues' names; looking at that list leaves a leaf",
    ),
    _operation("complete_task", "task", {**_CLERK, **_SYSTEM}, personal=True),
    _operation("correlate_message", "processInstance", {**_CLERK, **_SYSTEM}, personal=True),
    _operation("broadcast_signal", "processInstance", {**_ADMIN, **_SYSTEM}, personal=True),
    _operation("cancel", "processInstance", {**_CLERK, **_SYSTEM}, personal=True),
    _operation("suspend", "processInstance", {**_CLERK, **_SYSTEM}, personal=True, note="and resume"),
    _operation(
        "migrate", "processInstance", {**_ADMIN, **_SYSTEM}, scope=_ADMINISTER, personal=True,
        note="moves instances and shows none",
    ),
    _operation("repair_incident", "incident", {**_CLERK, **_SYSTEM}, personal=True),
    _operation(
        "relocate", "processInstance", _CLERK, personal=True, four_eyes=True,
        note="to another element of its drawing; never confirmed by the person who asked",
    ),
    _operation(
        "correct_variable", "processInstance", _CLERK, personal=True, four_eyes=True,
        note="a value of a run; never confirmed by the person who asked, names in the leaf and no value",
    ),
)

MANIFEST = Manifest(
    name="processes",
    title=Title(nl="Processen", en="Processes"),
    purpose="Processes drawn in BPMN, carried out step by step: tasks for people, terms, messages, repairs.",
    layer="engine 4",
    kinds=ALL_KINDS,
    mounts=(
        Mount(prefix="desk/werkstromen/", urls="ocapi.modules.processes.urls", audience=Audience.DESK),
    ),
    apis=(
        rest_api("processes", Title(nl="Werkstromen", en="Processes")),
    ),
    scopes={
        "processes:definitions:write": Title(
            nl="Werkstromen in gebruik nemen en lopende dossiers overzetten",
            en="deploy processes and migrate runs",
        ),
        "processes:instances:read": Title(
            nl="Werkstromen, taken en incidenten bekijken",
            en="read processes, tasks and incidents",
        ),
        "processes:instances:write": Title(
            nl="Werkstromen starten en sturen, taken afwerken",
            en="start and steer processes, complete tasks",
        ),
    },
    operations=OPERATIONS,
    navigation=(
        Navigation(
            audience=Audience.DESK, title=Title(nl="Taken", en="Tasks"), url_name="processes:tasks",
            operation="processes.claim_task", order=15, icon="check",
            hint=Title(nl="Wat een werkstroom van iemand vraagt.", en="What a workflow asks of somebody."),
        ),
        Navigation(
            audience=Audience.DESK, title=Title(nl="Werkstromen", en="Workflows"),
            url_name="processes:overview", operation="processes.read_definitions", order=60, icon="sort",
            hint=Title(
                nl="Wat er loopt, waar het staat en wat vastzit.", en="What runs, where, and what is stuck."
            ),
        ),
    ),
    events_out=(
        events.InstanceStarted,
        events.InstanceCompleted,
        events.InstanceFailed,
        events.TaskCreated,
        events.TaskCompleted,
        events.IncidentRaised,
        events.VariableCorrected,
        events.MessagePublished,
    ),
    extension_points=("connectors", "deciders", "subjects"),
    provides=(
        (connectors, MockConnector), (connectors, RestConnector), (connectors, EventConnector),
        (connectors, NotifyConnector), (connectors, DocumentsConnector), (connectors, RulesConnector),
        (connectors, FormsConnector),
        (deciders, RulesDecider), (content_loaders, ProcessLoader), (desk_notes, TasksWaiting),
    ),
    content=("decisions", "workflows"),  # a drawing is refused when it asks a table nobody has
    handlers="ocapi.modules.processes.handlers",
    jobs="ocapi.modules.processes.jobs",
    commands=(
        Command(
            name="inspect",
            help="tell of BPMN files what of them can be executed, and why the rest can't",
            function="ocapi.modules.processes.commands.inspect",
            needs_tenant=False,
        ),
    ),
    personal_data=(
        PersonalData(
            activity=Title(nl="Processen uitvoeren", en="Carrying out processes"),
            purpose="processes.run",
            legal_basis="publicTask",
            categories=("content", "staff"),
            subjects=("applicants", "members of staff"),
            retention="caseRetention: as long as the case the instance is about",
            recipients=("the unit that handles the case", "the systems its connectors name"),
        ),
    ),
    standards=("BPMN 2.0.2", "FEEL", "ISO 8601"),
    carry="whole",
    tier=Tier.BRONZE,
)
