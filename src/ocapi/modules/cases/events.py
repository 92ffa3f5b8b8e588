"""Facts of cases. None holds personal data: codes, days and the case's own uuid."""

from datetime import date
from uuid import UUID

from ocapi.lib.envelope import Fact, event


@event("be.ocapi.cases.case.received.v1")
class CaseReceived(Fact):
    """Emitted when a case is created, by whatever channel; not when a form is saved as a draft."""

    case: UUID
    case_type: str
    service: str
    channel: str
    status: str
    outcome: str
    received_on: date
    due_on: date
    decided_on: date | None


@event("be.ocapi.cases.case.started.v1")
class CaseStarted(Fact):
    """Emitted when a clerk takes a new case in hand; not when it is only assigned."""

    case: UUID
    case_type: str
    service: str
    channel: str
    status: str
    outcome: str
    received_on: date
    due_on: date
    decided_on: date | None


@event("be.ocapi.cases.case.information_requested.v1")
class CaseInformationRequested(Fact):
    """Emitted when the applicant is asked for more information; not when a colleague is."""

    case: UUID
    case_type: str
    service: str
    channel: str
    status: str
    outcome: str
    received_on: date
    due_on: date
    decided_on: date | None


@event("be.ocapi.cases.case.information_answered.v1")
class CaseInformationAnswered(Fact):
    """Emitted when the question is answered, due_on being the moved term; not when a file comes unasked."""

    case: UUID
    case_type: str
    service: str
    channel: str
    status: str
    outcome: str
    received_on: date
    due_on: date
    decided_on: date | None


@event("be.ocapi.cases.case.decided.v1")
class CaseDecided(Fact):
    """Emitted when the decision is recorded and its letter made; not when a letter is previewed."""

    case: UUID
    case_type: str
    service: str
    channel: str
    status: str
    outcome: str
    received_on: date
    due_on: date
    decided_on: date | None


@event("be.ocapi.cases.case.closed.v1")
class CaseClosed(Fact):
    """Emitted when a decided case is closed; not when a case is merged, moved or deleted."""

    case: UUID
    case_type: str
    service: str
    channel: str
    status: str
    outcome: str
    received_on: date
    due_on: date
    decided_on: date | None
