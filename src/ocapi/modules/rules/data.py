"""What others may know of rules: versions of decision models, their test cases, answers and the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from ocapi.lib.dmn import Answer, TableAnswer
from ocapi.lib.dmn.kit_report import KitMissing, KitReport, LevelScore, NodeResult
from ocapi.lib.dmn.parts import Part
from ocapi.lib.dmn.sheets import Column, Line, Sheet
from ocapi.lib.feel.values import Value

__all__ = [
    "Answer", "Case", "CasesFailed", "Column", "Decided", "DecisionFailed", "DecisionNotFound",
    "DecisionTaken", "DraftChanged", "DraftNotFound", "FactRefused", "FailedCase", "Input",
    "KitMissing", "KitReport", "LevelScore", "Line", "ModelDraft", "ModelNotUsable", "ModelVersion",
    "NodeResult", "Part", "Sheet", "TableAnswer", "TriedCase", "TypedCase", "Value",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A test case beside a model: with these facts, the decision gives this answer. Facts are invented."""

    name: str
    decision: str
    facts: Mapping[str, object]
    expected: object


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCase:
    """A test case whose answer differs; both as FEEL writes them. got: the reason when there is no answer."""

    name: str
    decision: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One version of a decision model. key: its name; version: from 1; cases: how many it passed."""

    uuid: UUID
    key: str
    version: int
    sha256: str
    decisions: tuple[str, ...]
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A fact that a model asks for. type: as FEEL writes it, such as `number` or `list<string>`."""

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An answer that can be stored with what it decided.

    value: as FEEL; tables: each table that was asked, with the rules that fired and the inputs they saw;
    words: the same in Dutch, a sentence each; issues: why parts of it are null.
    """

    decision: str
    model: str
    version: int
    value: Value
    tables: tuple[TableAnswer, ...] = ()
    words: tuple[str, ...] = ()
    issues: tuple[str, ...] = field(default=())

    def explanation(self) -> dict[str, object]:
        """Give what is to be kept beside a decision, as JSON can hold it."""
        return {
            "decision": self.decision, "model": self.model, "version": self.version,
            "words": list(self.words), "tables": [each.as_json() for each in self.tables],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCase:
    """A test case as somebody types it. facts: `name = FEEL`, one per line; expected: FEEL."""

    name: str
    decision: str
    facts: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedCase:
    """What a draft gave for a test case. problem: code when it can't be tried; words: why this answer."""

    case: TypedCase
    got: str = ""
    has_passed: bool = False
    problem: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDraft:
    """A decision model that is being worked on. key: its name in the file.

    sheets: its tables; parts: everything in the file; decisions: the names it answers; tried: its test cases
    with what they give now; problem and element: why it can't answer yet, empty when it can. All but
    the first four only from `get_draft`.
    """

    uuid: UUID
    title: str
    revision: int
    changed_at: datetime
    key: str = ""
    sheets: tuple[Sheet, ...] = ()
    parts: tuple[Part, ...] = ()
    decisions: tuple[str, ...] = ()
    tried: tuple[TriedCase, ...] = ()
    problem: str = ""
    element: str = ""


class ModelNotUsable(ValueError):
    """A file is no decision model that can answer. reason: code; element: where; told: what to repair."""

    def __init__(self, reason: str, *, element: str = "", told: str = "") -> None:
        super().__init__(": ".join(part for part in (reason, element, told) if part))
        self.reason = reason
        self.element = element
        self.told = told


class CasesFailed(ValueError):
    """A model was not saved, because its test cases do not pass; `failed` names them."""

    def __init__(self, failed: tuple[FailedCase, ...]) -> None:
        super().__init__("; ".join(
            f"{each.name}: {each.decision} gives {each.got}, not {each.expected}" for each in failed
        ))
        self.failed = failed


class DecisionTaken(ValueError):
    """Another model answers a decision of that name already; `by` is its key."""

    def __init__(self, decision: str, by: str) -> None:
        super().__init__(f"{decision} is answered by {by}")
        self.decision = decision
        self.by = by


class DecisionNotFound(LookupError):
    """No model of the bound organization answers that decision (in that version)."""


class FactRefused(ValueError):
    """A fact the model does not ask for, or one that is not of its type. name: of the fact; detail: why."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name
        self.detail = detail


class DecisionFailed(ValueError):
    """The decision gives no answer. reason: code of a spent budget or of a value that is none."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason


class DraftNotFound(LookupError):
    """No draft of a decision model of that uuid in the bound organization."""


class DraftChanged(ValueError):
    """Somebody saved the draft meanwhile; nothing was saved. revision: the newest."""

    def __init__(self, revision: int) -> None:
        super().__init__(str(revision))
        self.revision = revision
