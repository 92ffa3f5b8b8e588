"""A drawing tried out: all moves played from the start, with mocks, nothing stored and nothing sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from ocapi.lib import feel
from ocapi.lib.bpmn.engine import StepRefused
from ocapi.lib.bpmn.model import Kind, Trigger
from ocapi.lib.bpmn.table import StepTable
from ocapi.lib.bpmn.trial import Trial
from ocapi.modules.processes import data
from ocapi.modules.processes.extensions import decider_of
from ocapi.modules.processes.services import called, deploying

MAX_MOVES = 100
MAX_PASSAGES = 500


def try_out(raw: bytes, process: str, moves: Sequence[data.Move], *, now: datetime) -> data.Trace:
    """Play moves and tell where the drawing stands; raises MalformedInput, DefinitionRefused, MoveRefused.

    process: id of one of its processes, the first that can run when empty. Decisions are really asked: they
    change nothing. Connectors are not: a call waits for an answer that is typed.
    """
    ready = deploying.read(raw)
    tables = {each.id: each.table for each in ready if each.table is not None}
    chosen = process if process in tables else ready[0].id
    if len(moves) > MAX_MOVES:
        raise data.MoveRefused("tooManyMoves")
    trial = Trial(tables, decide=_decide, now=now)
    for move in moves:
        _play(trial, chosen, move)
    return _trace(trial, tables[chosen])


def _decide(name: str, given: Mapping[str, object], now: datetime) -> object:
    source = decider_of(name)
    if source is None:
        raise LookupError(name)
    return source.decide(name, values=cast("data.Variables", given), now=now).value


def _play(trial: Trial, process: str, move: data.Move) -> None:
    try:
        if move.what == "start":  # as the engine does: only a start event with a trigger is named
            is_triggered = move.node in trial.tables[process].starts
            trial.start(process, move.values, at=move.node if is_triggered else "")
        elif move.what == "complete":
            trial.complete(move.number, move.values)
        elif move.what == "fail":
            trial.fail(move.number, error=move.error)
        elif move.what == "occur":
            trial.occur(move.number, move.values)
        elif move.what == "skip":
            trial.skip(move.number)
        else:
            raise data.MoveRefused("unknownMove")
    except StepRefused as refusal:
        raise data.MoveRefused(refusal.reason) from None
    except (LookupError, feel.BudgetExceeded):
        raise data.MoveRefused("moveGone") from None


def _trace(trial: Trial, table: StepTable) -> data.Trace:
    names = {step.id: called.plainly(step) for each in trial.tables.values() for step in each.steps.values()}
    return data.Trace(
        process=table.process, at=trial.now, is_ended=trial.ended, standing=trial.standing,
        nodes=tuple((node, names.get(node, node)) for node in trial.nodes),
        passages=tuple(
            data.Passage(node=each.node, name=names.get(each.node, each.node), what=each.what, at=trial.now)
            for each in trial.history[-MAX_PASSAGES:]
        ),
        variables=cast("data.Variables", trial.variables), sent=tuple(each.name for each in trial.sent),
        starts=tuple((key, names[key]) for key in _starts(table)), triggered=table.starts,
        names=names,
    )


def _starts(table: StepTable) -> list[str]:
    plain = [
        key for key in table.areas[""].starts if table.steps[key].kind is not Kind.START
        or table.steps[key].trigger is Trigger.NONE
    ]
    return [*plain[:1], *table.starts]
