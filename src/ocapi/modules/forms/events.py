"""Facts this module publishes."""

from uuid import UUID

from ocapi.lib.envelope import Fact, event


@event("be.ocapi.forms.submission.submitted.v1")
class SubmissionSubmitted(Fact):
    """Emitted once when a citizen sends a form; not when a draft is saved, expires or is sent a second time.

    service, case_type: codes, empty when the form leads to none. No answers travel: read the submission.
    """

    submission: UUID
    form: str
    version: str
    service: str
    case_type: str


@event("be.ocapi.forms.request.answered.v1")
class RequestAnswered(Fact):
    """Emitted once when somebody sends the form a process asked for; not when they begin or save it.

    occasion: the key it was asked under. No answers travel: read the submission.
    """

    request: UUID
    submission: UUID
    form: str
    reference: str
    occasion: str
