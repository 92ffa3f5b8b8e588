"""What can go wrong with an expression: text that is no FEEL, a value that does not fit, a spent budget."""

from dataclasses import dataclass


class FeelSyntaxError(ValueError):
    """The text is no FEEL expression. reason: what stands wrong; position: offset in the text, from 0."""

    def __init__(self, reason: str, *, text: str, position: int) -> None:
        before = text[:position]
        self.reason = reason
        self.position = position
        self.line = before.count("\n") + 1
        self.column = position - (before.rfind("\n") + 1) + 1
        super().__init__(f"{reason} at line {self.line}, column {self.column}")


class BudgetExceeded(RuntimeError):
    """An evaluation was stopped. limit: steps | time | callDepth | listSize | stringSize | resultSize."""

    def __init__(self, limit: str, allowed: int) -> None:
        super().__init__(f"{limit}: more than {allowed}")
        self.limit = limit
        self.allowed = allowed


class Fault(Exception):
    """Inside an evaluation: this operation has no value. The caller records it and goes on with null."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Why a (part of an) expression became null. position: offset in its text; element: DMN id, if any."""

    code: str
    detail: str = ""
    position: int = 0
    element: str = ""
