"""Versions of processes: a file in, its executable processes as definitions, their start events armed."""

import dataclasses
import hashlib
from datetime import datetime

from ocapi.lib import bpmn, feel, ids
from ocapi.lib.bpmn import Finding, ProcessReport, Step, StepTable, timing
from ocapi.lib.bpmn.model import Kind, Trigger
from ocapi.modules.processes.data import DefinitionRefused, Report, StepNotPossible
from ocapi.modules.processes.extensions import connectors, decider_of
from ocapi.modules.processes.models import DefinitionRow, ModelRow, SubscriptionRow, TimerRow
from ocapi.modules.processes.services import awaiting, storing


def read(raw: bytes) -> tuple[ProcessReport, ...]:
    """Give the processes of a file that can be executed here.

    A process that is not marked as executable is a drawing beside the others. Raises MalformedInput, and
    DefinitionRefused with all reasons when another can't be executed or none is left.
    """
    return ready_of(judged(raw))


def ready_of(report: Report) -> tuple[ProcessReport, ...]:
    """Give what can run of a file that was judged; raises DefinitionRefused as `read` does."""
    is_broken = any(
        not each.is_executable and all(found.reason != "notMarked" for found in each.reasons)
        for each in report.processes
    )
    ready = tuple(each for each in report.processes if each.is_executable)
    if is_broken or not ready:
        raise DefinitionRefused(report)
    return ready


def judged(raw: bytes) -> Report:
    """Tell of each process of a file whether it can run here; raises MalformedInput."""
    report = bpmn.inspect(raw)
    return Report(
        processes=tuple(_with_names(each) for each in report.processes), reasons=report.reasons,
        kept=report.kept,
    )


def _with_names(report: ProcessReport) -> ProcessReport:
    if report.table is None:
        return report
    missing = [finding for step in report.table.steps.values() for finding in _unknown(step)]
    return dataclasses.replace(report, table=None, reasons=tuple(missing)) if missing else report


def _unknown(step: Step) -> list[Finding]:
    if found := awaiting.problems(step):
        return found
    if step.kind is Kind.SERVICE or (step.kind is Kind.SEND and bool(step.reference)):
        return _call_problems(step)
    if step.kind is Kind.RULE and decider_of(step.reference) is None:
        return [_finding(step, "decisionUnknown", step.reference)]
    return []


def _call_problems(step: Step) -> list[Finding]:
    connector = connectors.find(step.reference)
    if connector is None:
        return [_finding(step, "connectorUnknown", step.reference)]
    given = {name for _formula, name in step.inputs}
    missing = [name for name, kind in connector.inputs.items() if name not in given and kind != "any"]
    return [_finding(step, "inputMissing", name) for name in missing]


def _finding(step: Step, reason: str, detail: str) -> Finding:
    return Finding(element=step.id, kind=step.kind.value, reason=reason, detail=detail)


def deploy(raw: bytes, ready: tuple[ProcessReport, ...], *, now: datetime) -> list[DefinitionRow]:
    """Store a file and a new version of each process; the same file again changes nothing."""
    sha256 = hashlib.sha256(raw).hexdigest()
    model, _is_new = ModelRow.objects.get_or_create(
        sha256=sha256, defaults={"uuid": ids.new_uuid(now), "xml": raw, "deployed_at": now}
    )
    return [_deploy_one(model, report, now=now) for report in ready]


def _deploy_one(model: ModelRow, report: ProcessReport, *, now: datetime) -> DefinitionRow:
    last = DefinitionRow.objects.select_related("model").filter(key=report.id).order_by("-version").first()
    if last is not None and last.model_id == model.id and last.is_current:
        return last
    DefinitionRow.objects.filter(key=report.id, is_current=True).update(is_current=False)
    TimerRow.objects.filter(definition__key=report.id).delete()
    SubscriptionRow.objects.filter(definition__key=report.id).delete()
    row = DefinitionRow.objects.create(
        uuid=ids.new_uuid(now), key=report.id, version=last.version + 1 if last else 1,
        name=report.name[:300], model=model, is_current=True, deployed_at=now,
    )
    assert report.table is not None
    _arm(row, report.table, now=now)
    return row


def _arm(row: DefinitionRow, table: StepTable, *, now: datetime) -> None:
    starts = [table.steps[each] for each in table.starts]
    SubscriptionRow.objects.bulk_create([
        SubscriptionRow(
            definition=row, scope=0, token=0, node=each.id, kind=each.trigger.value, name=each.event.name,
            key="",
        ) for each in starts if each.trigger in (Trigger.MESSAGE, Trigger.SIGNAL)
    ])
    storing.add_timers([
        _start_timer(row, each, now=now) for each in starts if each.trigger is Trigger.TIMER
    ])


def _start_timer(row: DefinitionRow, step: Step, *, now: datetime) -> TimerRow:
    try:
        value = step.literal or (step.when.code.evaluate({}, now=now).value if step.when else None)
        due = timing.read(kind=step.event.timer, value=value, now=now)
    except (timing.NotATime, feel.BudgetExceeded):
        raise StepNotPossible("notATime", step.id) from None
    return start_timer(row, step.id, due)


def start_timer(definition: DefinitionRow, node: str, due: timing.Due) -> TimerRow:
    """Give the row of a start event's timer."""
    return TimerRow(
        definition=definition, scope=0, token=0, node=node, due_at=due.at, left=due.left, every=due.every,
        is_held=False,
    )
