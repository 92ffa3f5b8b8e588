"""The process of a case: started with what the applicant answered, and told what happens to the case."""

from datetime import datetime
from typing import cast

from ocapi.kernel.registry import api as registry
from ocapi.lib import actor
from ocapi.lib.actor import Actor
from ocapi.modules.cases import queries
from ocapi.modules.cases.models import CaseRow
from ocapi.modules.forms import api as forms
from ocapi.modules.processes import api as processes
from ocapi.modules.processes.data import MessageUnmatched, ProcessNotFound, StepNotPossible, Variables

STARTER = actor.system("cases.start_process")


def start(row: CaseRow, *, now: datetime) -> bool:
    """Start the process that the case type names; gives False when there is none of it here.

    A case without a form has no typed answers to decide by, and one that is decided needs no process.
    """
    process = queries.case_type_of(row.case_type).process
    if not process or row.submission is None or row.outcome:
        return False
    try:
        processes.start(
            process=process, business_key=row.reference, variables=_variables(row, now=now), actor=STARTER,
            now=now,
        )
    except (ProcessNotFound, StepNotPossible):
        return False  # the worklist shows the case: it is handled by hand
    return True


def _variables(row: CaseRow, *, now: datetime) -> Variables:
    assert row.submission is not None
    sent = forms.read_submission(submission=row.submission, actor=STARTER, now=now)
    facts = forms.read_facts(submission=row.submission, actor=STARTER, now=now)
    doubted = tuple(each.field for each in sent.answers if each.is_to_verify)
    given = {
        "case": str(row.uuid), "reference": row.reference, "to_verify": list(dict.fromkeys(doubted)),
        "municipality": registry.setting("organization.name"),
    }
    return cast(Variables, facts | given)


def proposal(row: CaseRow, *, actor: Actor, now: datetime) -> str:
    """Give the motivation that the process of a case has ready for who decides; empty for none."""
    process = queries.case_type_of(row.case_type).process
    if not process or row.submission is None:
        return ""
    return processes.find_proposal(
        reference=row.reference, process=process, name=processes.MOTIVATION, actor=actor, now=now
    )


def tell(row: CaseRow, *, message: str, now: datetime) -> bool:
    """Send the process of a case a message; gives False when it does not wait for it."""
    if not queries.case_type_of(row.case_type).process or row.submission is None:
        return False
    try:
        processes.correlate_message(
            name=message, key=row.reference, variables={"outcome": row.outcome}, actor=STARTER, now=now
        )
    except (MessageUnmatched, StepNotPossible):
        return False
    return True
