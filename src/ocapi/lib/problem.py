"""Problems as APIs answer them (RFC 9457, BelGIF types), and exceptions that bring their own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

BELGIF = "urn:problem-type:belgif:"
OCAPI = "urn:problem-type:ocapi:"
INPUT = "urn:problem-type:belgif:input-validation:"
INPUT_EXTENDED = "urn:problem-type:belgif-ext:input-validation:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing wrong with the input.

    kind: last part of the URN, e.g. `unknownInput`. place: body | path | query | header. name: JSON path or
    name of the parameter. detail: for developers, without the value.
    """

    kind: str
    place: str
    name: str
    detail: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What a refused request is answered with.

    type: full URN. headers: pairs to add to the answer. scopes: those the caller lacks (403 missingScope).
    """

    status: int
    type: str
    title: str
    detail: str = ""
    issues: tuple[Issue, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    scopes: tuple[str, ...] = ()


@runtime_checkable
class CarriesProblem(Protocol):
    """An exception that says itself how an API answers it."""

    @property
    def problem(self) -> Problem:
        """Give the problem."""


class IfMatchMissing(Exception):
    """A change of something that others change too came without If-Match."""

    problem = Problem(
        status=428, type=f"{OCAPI}api:preconditionRequired", title="Precondition required",
        detail="send If-Match with the ETag of the version you read",
    )


class IfMatchStale(Exception):
    """If-Match names a version that is no longer the newest."""

    problem = Problem(
        status=412, type=f"{OCAPI}api:preconditionFailed", title="Precondition failed",
        detail="it was changed in the meantime; read it again",
    )


class InputRefused(ValueError):
    """Well-formed input breaks a rule; `issues` say which."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__(", ".join(f"{issue.kind} {issue.name}" for issue in self.issues))

    @property
    def problem(self) -> Problem:
        """Give the 400 with every issue."""
        return bad_request(self.issues)


def bad_request(issues: Iterable[Issue]) -> Problem:
    """Give the 400 for input with these issues."""
    return Problem(
        status=400, type=f"{BELGIF}badRequest", title="Bad Request", issues=tuple(issues),
        detail="the input is not valid; see the issues",
    )


def etag_of(revision: int | str) -> str:
    """Give the strong ETag of a revision."""
    return f'"{revision}"'


def revision_of(if_match: str | None) -> int:
    """Give the revision a caller's If-Match names; raises IfMatchMissing, IfMatchStale for another form.

    Weak tags and `*` never match: a change is always made to a version that was read.
    """
    if not if_match:
        raise IfMatchMissing
    inner = if_match.strip()
    if len(inner) > 2 and inner[0] == inner[-1] == '"' and inner[1:-1].isascii() and inner[1:-1].isdecimal():
        return int(inner[1:-1][:18])
    raise IfMatchStale
