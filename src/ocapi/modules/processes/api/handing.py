"""Hand a task to a colleague."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.audit import api as audit
from ocapi.lib.actor import Actor, Subject
from ocapi.modules.processes import queries
from ocapi.modules.processes.data import Colleague, NotAColleague, Task, TaskState
from ocapi.modules.processes.services import groups, handling


def list_colleagues(*, actor: Actor, now: datetime) -> tuple[Colleague, ...]:
    """Give who tasks can be given to, by name, at most 200, after a consultation leaf. Raises NotAllowed."""
    access.require(actor, "processes.assign_task")
    holders = accounts.list_role_holders(code=groups.ROLE, now=now)
    people = tuple(dict.fromkeys(each.person for each in holders))
    audit.consulted(
        actor=actor, operation="processes.assign_task", about=(), fields=("name",),
        resource="task/colleagues", now=now,
    )
    names = accounts.names_of([Subject(kind="person", uuid=each) for each in people], now=now)
    found = (Colleague(person=each.uuid, name=name) for each, name in names.items() if name)
    return tuple(sorted(found, key=lambda each: each.name))


def assign_task(*, task: UUID, person: UUID, actor: Actor, now: datetime) -> Task:
    """Give a task that is free, or the actor's own, to a colleague; again changes nothing.

    Raises TaskNotFound, TaskClaimed, NotAColleague (also when others do the work of its group), NotAllowed.
    """
    access.require(actor, "processes.assign_task")
    if all(each.person != person for each in accounts.list_role_holders(code=groups.ROLE, now=now)):
        raise NotAColleague(str(person))
    with transaction.atomic():
        row, instance = handling.locked_task(task)
        able = groups.able(instance.process, queries.groups_of(row.group, row.others))
        if able is not None and person not in able:
            raise NotAColleague(str(person))
        handling.assign(row, person=person, actor=actor)
        audit.changed(
            actor=actor, operation="processes.assign_task", resource=f"task/{task}", now=now,
            fields=("assignee",), about=(person,),
        )
    return handling.told(row, instance, TaskState.OPEN)
