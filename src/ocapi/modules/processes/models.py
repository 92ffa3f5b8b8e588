"""Models and their versions, instances with tokens, scopes and variables, what they wait for, and history."""

from django.db import models

from ocapi.kernel.tenants import fields
from ocapi.kernel.tenants.fields import Personal
from ocapi.modules.processes.data import InstanceState, TaskState

_CONTENT = Personal(
    category="content", legal_basis="publicTask", purpose="processes.run", retention="caseRetention",
    source="organization",
)
_OPEN = models.Q(ended_at__isnull=True)
_STAFF = Personal(
    category="staff", legal_basis="publicTask", purpose="processes.run", retention="caseRetention",
    source="employer",
)


class ModelRow(fields.Record):
    """A BPMN file as it came, once per content; never copied into an instance."""

    sha256 = fields.Text(max_length=64, unique=True, personal=None)
    xml = fields.Bytes(personal=None)
    deployed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "processes_model"


class DrawingRow(fields.Record):
    """A drawing that is being worked on; what was published from it is a version of its own.

    revision: rises with each change, so that of two who save at once the second is told.
    """

    title = fields.Text(max_length=300, personal=None)
    xml = fields.Bytes(personal=None)
    revision = fields.Integer(personal=None)
    changed_at = fields.Instant(personal=None)
    based_on = fields.Identifier(null=True, personal=None)

    class Meta:
        db_table = "processes_drawing"


class ConnectionRow(fields.Record):
    """A system outside that processes may call. secret: sealed, perhaps an empty text, never shown again.

    outcome: of the last test, an HTTP status or a code.
    """

    code = fields.Text(max_length=40, unique=True, personal=None)
    title = fields.Text(max_length=200, personal=None)
    base_url = fields.Text(max_length=500, personal=None)
    header = fields.Text(max_length=60, personal=None)
    secret = fields.Bytes(personal=None)
    is_internal = fields.Boolean(personal=None)
    tested_at = fields.Instant(null=True, personal=None)
    outcome = fields.Text(max_length=40, personal=None)

    class Meta:
        db_table = "processes_connection"


class DefinitionRow(fields.Record):
    """One version of one process of a file; running instances keep the version they began with."""

    key = fields.Text(max_length=200, personal=None)
    version = fields.Integer(personal=None)
    name = fields.Text(max_length=300, personal=None)
    model = fields.Reference(ModelRow, on_delete=models.PROTECT, related_name="+", personal=None)
    is_current = fields.Boolean(personal=None)
    deployed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "processes_definition"
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="processes_version_once"),
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(is_current=True), name="processes_one_current"
            ),
        ]


class InstanceRow(fields.LastingRecord):
    """One run. next_number: of tokens and scopes. Every step locks this row and raises `revision`."""

    definition = fields.Reference(
        DefinitionRow, on_delete=models.PROTECT, related_name="+", db_index=False, personal=None
    )
    process = fields.Text(max_length=200, personal=None)
    version = fields.Integer(personal=None)
    business_key = fields.Text(max_length=200, personal=None)
    state = fields.Text(max_length=10, choices=[(s.value, s.value) for s in InstanceState], personal=None)
    next_number = fields.Integer(personal=None)
    revision = fields.Integer(personal=None)
    started_at = fields.Instant(personal=None)
    ended_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "processes_instance"
        indexes = [
            models.Index(
                fields=["business_key", "id"], opclasses=["varchar_pattern_ops", "int8_ops"],
                name="processes_instance_begins",
            ),
            models.Index(fields=["definition", "state", "id"], name="processes_instance_version"),
        ]


class _Part(models.Model):
    """A row of one instance. Its reference has no index of its own: a longer one begins with it."""

    id = models.BigAutoField(primary_key=True)

    class Meta:
        abstract = True


class _LastingPart(models.Model):
    """A row of one instance that nothing leads to by its own number: see `fields.RowNumber`."""

    id = fields.RowNumber(primary_key=True)

    class Meta:
        abstract = True


class ScopeRow(_LastingPart):
    """The inside of a process, sub-process or repetition; see lib.bpmn.engine.Scope."""

    instance = fields.Reference(
        InstanceRow, on_delete=models.CASCADE, related_name="+", db_index=False, personal=None
    )
    number = fields.Integer(personal=None)
    parent = fields.Integer(personal=None)
    host = fields.Integer(personal=None)
    node = fields.Text(max_length=200, personal=None)
    kind = fields.Text(max_length=10, personal=None)
    process = fields.Text(max_length=36, personal=None)
    path = fields.Text(max_length=500, personal=None)
    total = fields.Integer(personal=None)
    started = fields.Integer(personal=None)
    done = fields.Integer(personal=None)
    index = fields.Integer(personal=None)

    class Meta:
        db_table = "processes_scope"
        constraints = [models.UniqueConstraint(fields=["instance", "number"], name="processes_scope_once")]
        indexes = [
            models.Index(
                fields=["instance", "parent"], condition=models.Q(parent__gt=0), name="processes_scope_parent"
            ),
        ]


class TokenRow(_LastingPart):
    """Where an instance is; see lib.bpmn.engine.Token. One that has ended has no row."""

    instance = fields.Reference(
        InstanceRow, on_delete=models.CASCADE, related_name="+", db_index=False, personal=None
    )
    number = fields.Integer(personal=None)
    scope = fields.Integer(personal=None)
    node = fields.Text(max_length=200, personal=None)
    stage = fields.Text(max_length=10, personal=None)
    via = fields.Text(max_length=200, personal=None)
    child = fields.Integer(personal=None)
    turns = fields.Integer(personal=None)

    class Meta:
        db_table = "processes_token"
        constraints = [models.UniqueConstraint(fields=["instance", "number"], name="processes_token_once")]
        indexes = [models.Index(fields=["instance", "scope"], name="processes_token_scope")]


class VariableRow(_LastingPart):
    """A variable of a scope; `value` is lib.bpmn.engine.values' JSON."""

    instance = fields.Reference(
        InstanceRow, on_delete=models.CASCADE, related_name="+", db_index=False, personal=None
    )
    scope = fields.Integer(personal=None)
    name = fields.Text(max_length=200, personal=None)
    value = fields.LongText(personal=_CONTENT)

    class Meta:
        db_table = "processes_variable"
        constraints = [
            models.UniqueConstraint(fields=["instance", "scope", "name"], name="processes_variable_once")
        ]


class ResultRow(_LastingPart):
    """What one run of a repetition left; read when the last has ended, not before."""

    instance = fields.Reference(
        InstanceRow, on_delete=models.CASCADE, related_name="+", db_index=False, personal=None
    )
    scope = fields.Integer(personal=None)
    index = fields.Integer(personal=None)
    value = fields.LongText(personal=_CONTENT)

    class Meta:
        db_table = "processes_result"
        constraints = [
            models.UniqueConstraint(fields=["instance", "scope", "index"], name="processes_result_once")
        ]


class TaskRow(fields.LastingRecord):
    """Work for a person, open while `ended_at` is empty. Rows stay after the work, for the case's history.

    others: groups besides `group` that may do it, each on a line of its own between two breaks; most have
    none: null. At most 600 characters of names, which an index of PostgreSQL can hold.
    """

    instance = fields.Reference(
        InstanceRow, on_delete=models.CASCADE, related_name="+", db_index=False, personal=None
    )
    scope = fields.Integer(personal=None)
    token = fields.Integer(personal=None)
    node = fields.Text(max_length=200, personal=None)
    title = fields.Text(max_length=300, personal=None)
    kind = fields.Text(max_length=20, personal=None)
    group = fields.Text(max_length=200, personal=None)
    others = fields.Text(max_length=700, null=True, personal=None)
    assignee = fields.Identifier(null=True, personal=_STAFF)
    due_at = fields.Instant(null=True, personal=None)
    state = fields.Text(max_length=10, choices=[(s.value, s.value) for s in TaskState], personal=None)
    created_at = fields.Instant(personal=None)
    ended_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "processes_task"
        indexes = [
            models.Index(fields=["group", "id"], condition=_OPEN, name="processes_task_group"),
            models.Index(
                fields=["assignee", "id"], condition=_OPEN & models.Q(assignee__isnull=False),
                name="processes_task_assignee",
            ),
            models.Index(fields=["id"], condition=_OPEN, name="processes_task_open"),
            models.Index(
                fields=["id", "others"], condition=_OPEN & models.Q(others__isnull=False),
                name="processes_task_others",
            ),
            models.Index(fields=["instance", "token"], name="processes_task_token"),
        ]


class GroupRow(fields.Record):
    """Who here does the work of one group that the drawings of a process name; without a row, everybody.

    title: what the group is called here. receiver: who gets each new task of it, null for nobody.
    """

    process = fields.Text(max_length=200, personal=None)
    group = fields.Text(max_length=200, personal=None)
    title = fields.Text(max_length=200, personal=None)
    receiver = fields.Identifier(null=True, personal=_STAFF)

    class Meta:
        db_table = "processes_group"
        constraints = [
            models.UniqueConstraint(fields=["process", "group"], name="processes_group_once")
        ]


class MemberRow(_Part):
    """Somebody who does the work of a group. A group without members is done by everybody."""

    group = fields.Reference(GroupRow, on_delete=models.CASCADE, related_name="+", personal=None)
    person = fields.Identifier(personal=_STAFF)

    class Meta:
        db_table = "processes_member"
        constraints = [
            models.UniqueConstraint(fields=["group", "person"], name="processes_member_once")
        ]


class TimerRow(_Part):
    """A timer that is armed: of an instance, or of a start event when only the definition is set."""

    instance = fields.Reference(
        InstanceRow, null=True, on_delete=models.CASCADE, related_name="+", db_index=False, personal=None
    )
    definition = fields.Reference(
        DefinitionRow, null=True, on_delete=models.CASCADE, related_name="+", personal=None
    )
    scope = fields.Integer(personal=None)
    token = fields.Integer(personal=None)
    node = fields.Text(max_length=200, personal=None)
    due_at = fields.Instant(personal=None)
    left = fields.Integer(personal=None)
    every = fields.Text(max_length=100, personal=None)
    is_held = fields.Boolean(personal=None)

    class Meta:
        db_table = "processes_timer"
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(is_held=False), name="processes_timer_due"
            ),
            models.Index(fields=["instance", "token"], name="processes_timer_token"),
        ]


class SubscriptionRow(_Part):
    """A message or signal that is waited for: by an instance, or by a start event."""

    instance = fields.Reference(
        InstanceRow, null=True, on_delete=models.CASCADE, related_name="+", db_index=False, personal=None
    )
    definition = fields.Reference(
        DefinitionRow, null=True, on_delete=models.CASCADE, related_name="+", personal=None
    )
    scope = fields.Integer(personal=None)
    token = fields.Integer(personal=None)
    node = fields.Text(max_length=200, personal=None)
    kind = fields.Text(max_length=10, personal=None)
    name = fields.Text(max_length=200, personal=None)
    key = fields.Text(max_length=200, personal=None)

    class Meta:
        db_table = "processes_subscription"
        indexes = [
            models.Index(fields=["kind", "name", "key", "id"], name="processes_subscription_key"),
            models.Index(fields=["instance", "token"], name="processes_subscription_token"),
        ]


class CallRow(fields.Record):
    """A connector's work that is still to be done; its uuid is the key by which a repetition is known."""

    instance = fields.Reference(
        InstanceRow, on_delete=models.CASCADE, related_name="+", db_index=False, personal=None
    )
    scope = fields.Integer(personal=None)
    token = fields.Integer(personal=None)
    node = fields.Text(max_length=200, personal=None)
    connector = fields.Text(max_length=100, personal=None)
    values = fields.LongText(personal=_CONTENT)
    attempts = fields.Integer(personal=None)

    class Meta:
        db_table = "processes_call"
        indexes = [models.Index(fields=["instance", "token"], name="processes_call_token")]


class MessageRow(fields.Record):
    """A message or signal on its way. instance: of a signal that waits until this suspended one goes on."""

    instance = fields.Reference(
        InstanceRow, null=True, on_delete=models.CASCADE, related_name="+", personal=None
    )
    kind = fields.Text(max_length=10, personal=None)
    name = fields.Text(max_length=200, personal=None)
    key = fields.Text(max_length=200, personal=None)
    values = fields.LongText(personal=_CONTENT)
    last = fields.Integer(personal=None)
    sent_at = fields.Instant(personal=None)

    class Meta:
        db_table = "processes_message"


class IncidentRow(fields.Record):
    """A step that could not be taken; open while `resolved_at` is empty."""

    instance = fields.Reference(
        InstanceRow, on_delete=models.CASCADE, related_name="+", db_index=False, personal=None
    )
    token = fields.Integer(personal=None)
    node = fields.Text(max_length=200, personal=None)
    reason = fields.Text(max_length=60, personal=None)
    detail = fields.Text(max_length=300, personal=None)
    raised_at = fields.Instant(personal=None)
    resolved_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "processes_incident"
        indexes = [
            models.Index(fields=["instance", "token"], name="processes_incident_token"),
            models.Index(
                fields=["id"], condition=models.Q(resolved_at__isnull=True), name="processes_incident_open"
            ),
        ]


class RelocationRow(fields.Record):
    """Somebody asks to let a token go on at another node; a colleague confirms it, and the row is gone.

    source: the node it stood at then; when it stands elsewhere, the row means nothing any more.
    """

    instance = fields.Reference(
        InstanceRow, on_delete=models.CASCADE, related_name="+", db_index=False, personal=None
    )
    token = fields.Integer(personal=None)
    source = fields.Text(max_length=200, personal=None)
    target = fields.Text(max_length=200, personal=None)
    reason = fields.Text(max_length=300, personal=_CONTENT)
    asked_by = fields.Identifier(personal=_STAFF)
    asked_at = fields.Instant(personal=None)

    class Meta:
        db_table = "processes_relocation"
        constraints = [
            models.UniqueConstraint(fields=["instance", "token"], name="processes_relocation_once")
        ]


class CorrectionRow(fields.Record):
    """Somebody asks to give a variable another value; a colleague confirms it, and the row is gone.

    before: what stood there then, null for nothing; when something else stands there, the row means nothing
    any more. Both are JSON as `VariableRow` has it.
    """

    instance = fields.Reference(
        InstanceRow, on_delete=models.CASCADE, related_name="+", db_index=False, personal=None
    )
    scope = fields.Integer(personal=None)
    name = fields.Text(max_length=200, personal=None)
    before = fields.LongText(null=True, personal=_CONTENT)
    value = fields.LongText(personal=_CONTENT)
    reason = fields.Text(max_length=300, personal=_CONTENT)
    asked_by = fields.Identifier(personal=_STAFF)
    asked_at = fields.Instant(personal=None)

    class Meta:
        db_table = "processes_correction"
        constraints = [
            models.UniqueConstraint(fields=["instance", "scope", "name"], name="processes_correction_once")
        ]


class MigrationRow(fields.Record):
    """Runs of one version that somebody lets go on in another; the worker looks at each, then moves each.

    last: the instance that was dealt with last in this stage. nodes: old id to new one. refused: how many
    can't move, by node and reason, and `runs`: the first of them, each with its nodes.
    """

    source = fields.Reference(
        DefinitionRow, on_delete=models.PROTECT, related_name="+", db_index=False, personal=None
    )
    target = fields.Reference(
        DefinitionRow, on_delete=models.PROTECT, related_name="+", db_index=False, personal=None
    )
    nodes = fields.Document(personal=None)
    stage = fields.Text(max_length=10, personal=None)
    asked_by = fields.Identifier(null=True, personal=_STAFF)
    asked_at = fields.Instant(personal=None)
    ended_at = fields.Instant(null=True, personal=None)
    total = fields.Integer(personal=None)
    done = fields.Integer(personal=None)
    fits = fields.Integer(personal=None)
    last = fields.Integer(personal=None)
    refused = fields.Document(personal=None)

    class Meta:
        db_table = "processes_migration"
        indexes = [models.Index(fields=["source", "id"], name="processes_migration_of")]


class HistoryRow(_LastingPart):
    """What happened at a node, in order of id; rows are only ever added and no step reads them.

    node: of `corrected`, the name of the variable.
    """

    instance = fields.Reference(
        InstanceRow, on_delete=models.CASCADE, related_name="+", db_index=False, personal=None
    )
    token = fields.Integer(personal=None)
    node = fields.Text(max_length=200, personal=None)
    what = fields.Text(max_length=20, personal=None)
    at = fields.Instant(personal=None)

    class Meta:
        db_table = "processes_history"
        indexes = [models.Index(fields=["instance", "id"], name="processes_history_order")]


class DecisionRow(_LastingPart):
    """A decision that a business rule task took, with the rules that gave it; rows are only ever added."""

    instance = fields.Reference(
        InstanceRow, on_delete=models.CASCADE, related_name="+", db_index=False, personal=None
    )
    decision = fields.Text(max_length=200, personal=None)
    explanation = fields.LongText(personal=_CONTENT)
    made_at = fields.Instant(personal=None)

    class Meta:
        db_table = "processes_decision"
        indexes = [models.Index(fields=["instance", "id"], name="processes_decision_order")]
