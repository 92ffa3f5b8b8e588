"""Fills `processes.connectors`: a service task decides or closes the case its process is about."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from ocapi.lib import actor
from ocapi.modules.cases import api
from ocapi.modules.cases.data import (
    CaseChanged,
    CaseNotFound,
    IdempotencyConflict,
    InvalidTransition,
    OutcomeUnknown,
    TextMissing,
)
from ocapi.modules.processes.data import Variables
from ocapi.modules.processes.extensions import ConnectorFailed

ROBOT = actor.system("cases.decide_by_process")


class DecideCase:
    """Records the decision of a case, with its letter and message. motivation: the reason, in plain words.

    What the decision rests on stays with the run of the process: its variables and the rules that fired.
    """

    name = "cases.decide"
    inputs: Mapping[str, str] = {"case": "string", "outcome": "string", "motivation": "string"}
    outputs: Mapping[str, str] = {"decided_outcome": "string"}
    timeout_seconds = 20
    retries = 3

    def call(self, *, values: Variables, key: str, timeout_seconds: int, now: datetime) -> Variables:
        """Decide; with the same key once. A case somebody decided in the meantime keeps that decision."""
        try:
            found = api.get_case(case=UUID(str(values["case"])), actor=ROBOT, now=now)
            if found.outcome:
                return {"decided_outcome": found.outcome}
            made = api.decide(
                case=found.uuid, outcome=str(values["outcome"]), motivation=str(values["motivation"]),
                actor=ROBOT, now=now, revision=found.revision, idempotency_key=key,
            )
        except CaseChanged:
            raise ConnectorFailed("caseChanged") from None
        except (CaseNotFound, InvalidTransition, OutcomeUnknown, TextMissing, IdempotencyConflict) as refused:
            raise ConnectorFailed(type(refused).__name__, is_final=True) from None
        return {"decided_outcome": made.outcome}

    def check_config(self) -> str:
        """Give an empty text: it needs no setting."""
        return ""


class CloseCase:
    """Closes a decided case; one that is closed already stays as it is."""

    name = "cases.close"
    inputs: Mapping[str, str] = {"case": "string"}
    outputs: Mapping[str, str] = {}
    timeout_seconds = 20
    retries = 3

    def call(self, *, values: Variables, key: str, timeout_seconds: int, now: datetime) -> Variables:
        """Close; again changes nothing."""
        try:
            found = api.get_case(case=UUID(str(values["case"])), actor=ROBOT, now=now)
            if found.status != "closed":
                api.close(case=found.uuid, actor=ROBOT, now=now, revision=found.revision)
        except CaseChanged:
            raise ConnectorFailed("caseChanged") from None
        except (CaseNotFound, InvalidTransition) as refused:
            raise ConnectorFailed(type(refused).__name__, is_final=True) from None
        return {}

    def check_config(self) -> str:
        """Give an empty text: it needs no setting."""
        return ""
