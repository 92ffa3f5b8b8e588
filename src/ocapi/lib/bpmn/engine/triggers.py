"""What can happen to an instance: one of these is the reason of every step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The instance begins; at: the start event with a trigger, empty for the plain one."""

    process: str
    at: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The task or connector call a token waited for is done."""

    token: int
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurred:
    """A timer, message or signal that a token, or a scope's event sub-process (token 0), waited for."""

    scope: int
    token: int
    node: str
    values: Mapping[str, object] = field(default_factory=dict)
    left: int = 0
    every: str = ""
    name: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFailed:
    """A connector gave up. error: code for the model's error events, empty for an incident at once."""

    token: int
    reason: str
    detail: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """Somebody repaired the cause of an incident: the token tries again."""

    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Somebody decided that the token goes on without the step that failed."""

    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocated:
    """Somebody decided that a token goes on at another node; what it waited for or ran inside ends."""

    token: int
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """Somebody decided that a variable of a scope has another value; nothing moves by it."""

    scope: int
    name: str
    value: object


Happening: TypeAlias = (
    Started | Completed | Occurred | CallFailed | Retried | Skipped | Relocated | Corrected
)


class StepRefused(ValueError):
    """What happened does not fit the instance.

    reason: tokenGone | scopeGone | notWaiting | notStuck | cantSkip | cantRelocate, or why a value or its
    name can't be kept.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason


class StepFailed(Exception):
    """Inside the engine: the token can't take this step. The machine makes it an incident."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
