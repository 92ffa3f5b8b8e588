"""The statements of a step: names from the models, one text for both databases (see tenants.Statement)."""

from ocapi.kernel.tenants.api import Insert, Statement
from ocapi.modules.processes.data import TaskState
from ocapi.modules.processes.models import (
    CallRow,
    DecisionRow,
    DefinitionRow,
    GroupRow,
    HistoryRow,
    IncidentRow,
    InstanceRow,
    MemberRow,
    MessageRow,
    ResultRow,
    ScopeRow,
    SubscriptionRow,
    TaskRow,
    TimerRow,
    TokenRow,
    VariableRow,
)

_HELD = (
    "i.{i.id}, i.{i.uuid}, i.{i.definition}, i.{i.process}, i.{i.version}, i.{i.business_key}, i.{i.state},"
    " i.{i.next_number}, i.{i.started_at}, i.{i.ended_at}"
)
_TASK = (
    "t.{t.id}, t.{t.uuid}, t.{t.scope}, t.{t.token}, t.{t.node}, t.{t.title}, t.{t.kind}, t.{t.group},"
    " t.{t.assignee}, t.{t.due_at}, t.{t.created_at}, t.{t.others}"
)
_CANCELLED = f"'{TaskState.CANCELLED.value}'"

CURRENT = Statement(
    "SELECT {d.id}, {d.uuid}, {d.key}, {d.version} FROM {d} WHERE {d.key} = %s AND {d.is_current}",
    d=DefinitionRow,
)
LOCK = Statement(f"SELECT {_HELD} FROM {{i}} i WHERE i.{{i.id}} = %s", locks="i", i=InstanceRow)
LOCK_FREE = Statement(
    f"SELECT {_HELD} FROM {{i}} i WHERE i.{{i.id}} {{among}} ORDER BY i.{{i.id}}", locks="i SKIP LOCKED",
    i=InstanceRow,
)
LOOK = Statement(f"SELECT {_HELD} FROM {{i}} i WHERE i.{{i.id}} = %s", i=InstanceRow)
LOCK_BY_UUID = Statement(f"SELECT {_HELD} FROM {{i}} i WHERE i.{{i.uuid}} = %s", locks="i", i=InstanceRow)
LOCK_TASK = Statement(
    f"SELECT {_HELD}, {_TASK} FROM {{t}} t JOIN {{i}} i ON i.{{i.id}} = t.{{t.instance}}"
    " WHERE t.{t.uuid} = %s AND t.{t.ended_at} IS NULL", locks="i", i=InstanceRow, t=TaskRow,
)
PATH = Statement(
    "SELECT {s.path} FROM {s} WHERE {s.instance} = %s AND {s.number} = %s", s=ScopeRow,
)
PARTS = Statement(
    "SELECT 0, {s.number}, {s.parent}, {s.host}, {s.total}, {s.started}, {s.done}, {s.index},"
    " {s.node}, {s.kind}, {s.process}, {s.path} FROM {s} WHERE {s.instance} = %s AND {s.number} {among}"
    " UNION ALL SELECT 1, {t.number}, {t.scope}, {t.child}, {t.turns}, 0, 0, 0, {t.node}, {t.stage},"
    " {t.via}, '' FROM {t} WHERE {t.instance} = %s AND {t.scope} {among}"
    " UNION ALL SELECT 2, {v.scope}, 0, 0, 0, 0, 0, 0, {v.name}, {v.value}, '', '' FROM {v}"
    " WHERE {v.instance} = %s AND {v.scope} {among}", s=ScopeRow, t=TokenRow, v=VariableRow,
)
RESULTS = Statement(
    "SELECT {r.index}, {r.value} FROM {r} WHERE {r.instance} = %s AND {r.scope} = %s ORDER BY {r.index}",
    r=ResultRow,
)

BEGIN = Insert(
    InstanceRow, "uuid", "definition", "process", "version", "business_key", "state", "next_number",
    "revision", "started_at", "ended_at", ending=" RETURNING {t.id}",
)
GO_ON = Statement(
    "UPDATE {i} SET {i.next_number} = %s, {i.revision} = {i.revision} + 1 WHERE {i.id} = %s", i=InstanceRow
)
END = Statement(
    "UPDATE {i} SET {i.next_number} = %s, {i.revision} = {i.revision} + 1,"
    " {i.state} = %s, {i.ended_at} = %s WHERE {i.id} = %s", i=InstanceRow,
)

RECEIVERS = Statement(
    "SELECT {g.group}, {g.receiver} FROM {g} WHERE {g.process} = %s AND {g.receiver} IS NOT NULL", g=GroupRow
)
MEMBERS = Statement(
    "SELECT g.{g.group}, m.{m.person} FROM {g} g JOIN {m} m ON m.{m.group} = g.{g.id}"
    " WHERE g.{g.process} = %s AND g.{g.group} {among}", g=GroupRow, m=MemberRow,
)
TAKE_TASK = Statement(
    "UPDATE {t} SET {t.assignee} = %s WHERE {t.id} = %s AND {t.ended_at} IS NULL"
    " AND ({t.assignee} IS NULL OR {t.assignee} = %s)", t=TaskRow,
)
COMPLETE_TASK = Statement(
    "UPDATE {t} SET {t.assignee} = %s," f" {{t.state}} = '{TaskState.COMPLETED.value}',"
    " {t.ended_at} = %s WHERE {t.id} = %s AND {t.ended_at} IS NULL"
    " AND ({t.assignee} IS NULL OR {t.assignee} = %s)", t=TaskRow,
)
CANCEL_TASKS = Statement(
    f"UPDATE {{t}} SET {{t.state}} = {_CANCELLED}, {{t.ended_at}} = %s"
    " WHERE {t.instance} = %s AND {t.token} {among} AND {t.ended_at} IS NULL", t=TaskRow,
)
CANCEL_TASKS_INSIDE = Statement(
    f"UPDATE {{t}} SET {{t.state}} = {_CANCELLED}, {{t.ended_at}} = %s"
    " WHERE {t.instance} = %s AND {t.scope} {among} AND {t.ended_at} IS NULL", t=TaskRow,
)
RESOLVE = Statement(
    "UPDATE {i} SET {i.resolved_at} = %s WHERE {i.instance} = %s AND {i.token} {among}"
    " AND {i.resolved_at} IS NULL", i=IncidentRow,
)
RESOLVE_INSIDE = Statement(
    "UPDATE {i} SET {i.resolved_at} = %s WHERE {i.instance} = %s AND {i.resolved_at} IS NULL AND {i.token} IN"
    " (SELECT {t.number} FROM {t} WHERE {t.instance} = %s AND {t.scope} {among})", i=IncidentRow, t=TokenRow,
)

_OF_TOKENS = "DELETE FROM {x} WHERE {x.instance} = %s AND {x.token} {among}"
_OF_SCOPES = "DELETE FROM {x} WHERE {x.instance} = %s AND {x.scope} {among}"
CLEAR_TIMERS = Statement(_OF_TOKENS, x=TimerRow)
CLEAR_SUBSCRIPTIONS = Statement(_OF_TOKENS, x=SubscriptionRow)
CLEAR_CALLS = Statement(_OF_TOKENS, x=CallRow)
DISARM_TIMERS = Statement(f"{_OF_SCOPES} AND {{x.token}} = 0", x=TimerRow)
DISARM_SUBSCRIPTIONS = Statement(f"{_OF_SCOPES} AND {{x.token}} = 0", x=SubscriptionRow)
DROP_INSIDE = tuple(
    Statement(_OF_SCOPES, x=model)
    for model in (TokenRow, TimerRow, SubscriptionRow, CallRow, VariableRow, ResultRow)
)
DROP_SCOPES = Statement("DELETE FROM {x} WHERE {x.instance} = %s AND {x.number} {among}", x=ScopeRow)
INNER_SCOPES = Statement(
    "SELECT {x.number} FROM {x} WHERE {x.instance} = %s AND {x.parent} {among} AND {x.parent} > 0", x=ScopeRow
)

NEW_SCOPES = Insert(
    ScopeRow, "instance", "number", "parent", "host", "node", "kind", "process", "path", "total", "started",
    "done", "index",
)
CHANGE_SCOPE = Statement(
    "UPDATE {x} SET {x.started} = %s, {x.done} = %s WHERE {x.instance} = %s AND {x.number} = %s", x=ScopeRow
)
NEW_TOKENS = Insert(TokenRow, "instance", "number", "scope", "node", "stage", "via", "child", "turns")
CHANGE_TOKEN = Statement(
    "UPDATE {x} SET {x.node} = %s, {x.stage} = %s, {x.via} = %s, {x.child} = %s, {x.turns} = %s"
    " WHERE {x.instance} = %s AND {x.number} = %s", x=TokenRow,
)
END_TOKENS = Statement("DELETE FROM {x} WHERE {x.instance} = %s AND {x.number} {among}", x=TokenRow)
SET_VARIABLES = Insert(
    VariableRow, "instance", "scope", "name", "value",
    ending=" ON CONFLICT ({t.instance}, {t.scope}, {t.name}) DO UPDATE SET {t.value} = EXCLUDED.{t.value}",
)
NEW_RESULTS = Insert(ResultRow, "instance", "scope", "index", "value")
NEW_HISTORY = Insert(HistoryRow, "instance", "token", "node", "what", "at")
NEW_DECISIONS = Insert(DecisionRow, "instance", "decision", "explanation", "made_at")
NEW_TASKS = Insert(
    TaskRow, "uuid", "instance", "scope", "token", "node", "title", "kind", "group", "others", "assignee",
    "due_at", "state", "created_at",
)
NEW_TIMERS = Insert(
    TimerRow, "instance", "definition", "scope", "token", "node", "due_at", "left", "every", "is_held"
)
NEW_SUBSCRIPTIONS = Insert(SubscriptionRow, "instance", "scope", "token", "node", "kind", "name", "key")
NEW_CALLS = Insert(
    CallRow, "uuid", "instance", "scope", "token", "node", "connector", "values", "attempts"
)
NEW_INCIDENTS = Insert(
    IncidentRow, "uuid", "instance", "token", "node", "reason", "detail", "raised_at"
)
NEW_MESSAGES = Insert(MessageRow, "uuid", "kind", "name", "key", "values", "last", "sent_at")

ARMED = Statement("SELECT {x.id} FROM {x} WHERE {x.id} {among} AND NOT {x.is_held}", x=TimerRow)
TAKE_TIMER = Statement("DELETE FROM {x} WHERE {x.id} = %s", x=TimerRow)
TAKE_SUBSCRIPTION = Statement("DELETE FROM {x} WHERE {x.id} = %s", x=SubscriptionRow)
