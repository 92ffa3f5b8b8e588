"""The engine: what happened to one instance, and its few affected tokens, in; the changes out. No storage."""

from ocapi.lib.bpmn.engine.machine import CORRECTED, take_step
from ocapi.lib.bpmn.engine.state import (
    Changes,
    Incident,
    Passage,
    Scope,
    Sent,
    Snapshot,
    Stage,
    Token,
    Wait,
    World,
)
from ocapi.lib.bpmn.engine.triggers import (
    CallFailed,
    Completed,
    Corrected,
    Happening,
    Occurred,
    Relocated,
    Retried,
    Skipped,
    Started,
    StepRefused,
)
from ocapi.lib.bpmn.model import WaitKind

__all__ = [
    "CORRECTED", "CallFailed", "Changes", "Completed", "Corrected", "Happening", "Incident", "Occurred",
    "Passage", "Relocated", "Retried", "Scope", "Sent", "Skipped", "Snapshot", "Stage", "Started",
    "StepRefused", "Token", "Wait", "WaitKind", "World", "take_step",
]
