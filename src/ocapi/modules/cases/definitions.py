"""A case type as its file defines it, and the pure rules that follow from it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ocapi.lib import codec
from ocapi.modules.cases.data import Action, CaseTypeRefused, CaseTypeSummary, Label

Text = str | dict[str, str]

TARGETS = {
    Action.START: "inProgress",
    Action.ASK_INFORMATION: "informationRequested",
    Action.ANSWER_INFORMATION: "inProgress",
    Action.DECIDE: "decided",
    Action.CLOSE: "closed",
}
"""The status each action leads to; a case type without that status, or without the transition, forbids it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusLabel:
    """What staff and citizens read for a status."""

    citizen: Text
    desk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A status; nothing can be done to a case in a final one."""

    code: str
    final: bool
    label: StatusLabel
    explanation: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long the decision may take, in calendar days from the day after receipt.

    pauses_while: statuses in which the term stands still. warn_days: from how many days left it is urgent.
    """

    days: int
    legal: bool
    starts: str
    pauses_while: tuple[str, ...]
    warn_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long a closed case is kept, by which rule, and what happens then."""

    years: int
    basis: str
    starts: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseType:
    """A case type, member by member as content/README.md describes it.

    process: key of the process that a new case starts, when one of that key is deployed; None for none.
    """

    code: str
    version: str
    title: dict[str, str]
    form: str | None
    service: str | None
    kind_of_organization: tuple[str, ...]
    handler_role: str
    unit: str
    initial_status: str
    statuses: tuple[Status, ...]
    transitions: tuple[dict[str, str], ...]
    outcomes: tuple[Label, ...]
    term: Term
    information_request_days: int
    retention: Retention
    letters: dict[str, str]
    personal_categories: tuple[str, ...]
    process: str | None = None

    def status(self, code: str) -> Status:
        """Give the status of that code; raises KeyError for one this version does not have."""
        for each in self.statuses:
            if each.code == code:
                return each
        raise KeyError(code)

    def outcome_label(self, code: str) -> str:
        """Give the label of an outcome, or an empty text."""
        return next((each.label for each in self.outcomes if each.code == code), "")

    def is_final(self, status: str) -> bool:
        """Tell whether nothing follows that status."""
        return self.status(status).final

    def is_paused(self, status: str) -> bool:
        """Tell whether the term stands still in that status."""
        return status in self.term.pauses_while

    def allows(self, action: Action, *, status: str) -> bool:
        """Tell whether the action is possible in that status."""
        if action is Action.ASSIGN:
            return not self.is_final(status)
        if action is Action.START and status != self.initial_status:
            return False
        if action is Action.ANSWER_INFORMATION and status != TARGETS[Action.ASK_INFORMATION]:
            return False
        wanted = {"from": status, "to": TARGETS[action]} if action in TARGETS else {}
        return wanted in self.transitions

    def allowed_actions(self, *, status: str) -> frozenset[Action]:
        """Give every action that is possible in that status."""
        return frozenset(action for action in Action if self.allows(action, status=status))


def read(raw: bytes) -> CaseType:
    """Read a case type from its YAML file; raises MalformedInput, CaseTypeRefused."""
    made = codec.decode_yaml(raw, CaseType)
    problems = tuple(_problems(made))
    if problems:
        raise CaseTypeRefused(problems)
    return made


def _problems(made: CaseType) -> Iterator[str]:
    statuses = {status.code for status in made.statuses}
    outcomes = {outcome.code for outcome in made.outcomes}
    if made.initial_status not in statuses:
        yield f"initial_status: {made.initial_status} is no status"
    for transition in made.transitions:
        if set(transition) != {"from", "to"} or not set(transition.values()) <= statuses:
            yield f"transitions: {transition} must go from one status to another"
    for code in made.term.pauses_while:
        if code not in statuses:
            yield f"term.pauses_while: {code} is no status"
    if made.term.days < 1 or made.information_request_days < 1:
        yield "term.days and information_request_days: at least 1"
    for wanted in {"receipt", "information_request", *outcomes} - set(made.letters):
        yield f"letters: {wanted} is missing"
    if not any(status.final for status in made.statuses):
        yield "statuses: one must be final"


def told(text: Text, *, address_form: str) -> str:
    """Give a text in the reader's address form; a plain text serves both."""
    return text if isinstance(text, str) else text[address_form]


def labels(statuses: Iterable[Status]) -> tuple[Label, ...]:
    """Give codes and desk labels of statuses, in their order."""
    return tuple(Label(code=status.code, label=status.label.desk) for status in statuses)


def summary(case_type: CaseType) -> CaseTypeSummary:
    """Give a case type as others see it."""
    return CaseTypeSummary(
        code=case_type.code, version=case_type.version, title=case_type.title["nl"],
        service=case_type.service or "", form=case_type.form or "", term_days=case_type.term.days,
        statuses=labels(case_type.statuses), outcomes=case_type.outcomes,
    )
