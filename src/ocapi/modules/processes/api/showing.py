"""What a task shows to who does it."""

from datetime import datetime
from uuid import UUID

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.lib.actor import Actor
from ocapi.modules.processes.data import Shown
from ocapi.modules.processes.extensions import persons_about
from ocapi.modules.processes.services import showing

MOTIVATION = "motivation"
"""The name under which a task gets the text that stands ready where its case is decided."""

_OPERATION = "processes.claim_task"


def list_shown(*, task: UUID, actor: Actor, now: datetime) -> tuple[Shown, ...]:
    """Give the values that the drawing hands a task the actor has taken, after a consultation leaf.

    Nothing for a task that nobody or somebody else has taken. Raises TaskNotFound, NotAllowed.
    """
    access.require(actor, _OPERATION)
    row = showing.open_row(task)
    if actor.person is None or not showing.is_taken_by(row, actor.person):
        return ()
    found = showing.shown_at(row, now=now)
    if found:
        audit.consulted(
            actor=actor, operation=_OPERATION, about=persons_about(row.instance.business_key),
            fields=tuple(each.label for each in found), resource=f"task/{task}",
            reference=row.instance.business_key, now=now,
        )
    return found


def find_proposal(*, reference: str, process: str, name: str, actor: Actor, now: datetime) -> str:
    """Give the text of that name that an open task of a run about a reference gets, empty for none.

    For who decides elsewhere what the task is about, such as in the case: reads of it leave a leaf there too.
    """
    if not access.may(actor, _OPERATION):
        return ""
    found = showing.proposed(reference=reference, process=process, name=name, now=now)
    if found:
        audit.consulted(
            actor=actor, operation=_OPERATION, about=persons_about(reference), fields=(name,),
            resource="task/proposal", reference=reference, now=now,
        )
    return found
