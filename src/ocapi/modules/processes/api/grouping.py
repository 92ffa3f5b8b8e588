"""Settings of an organization: who does the work of the groups that drawings name."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.audit import api as audit
from ocapi.lib.actor import Actor, Subject
from ocapi.modules.processes.data import Colleague, WorkGroup
from ocapi.modules.processes.services import groups

READ, EDIT_GROUP = "processes.list_groups", "processes.edit_group"


def list_groups(*, actor: Actor) -> tuple[WorkGroup, ...]:
    """Give the groups of all processes in use and who does their work, by process. Raises NotAllowed."""
    access.require(actor, READ)
    return groups.listed()


def get_group(*, process: str, group: str, actor: Actor) -> WorkGroup:
    """Give one group, also one nobody said anything of yet. Raises ProcessNotFound, NotAllowed."""
    access.require(actor, READ)
    return groups.find(process, group)


def list_able(*, actor: Actor, now: datetime) -> tuple[Colleague, ...]:
    """Give who can be made a member, by name, at most 200, after a consultation leaf. Raises NotAllowed."""
    access.require(actor, EDIT_GROUP)
    people = _able(now)
    audit.consulted(
        actor=actor, operation=EDIT_GROUP, about=(), fields=("name",), resource="task/colleagues", now=now
    )
    names = accounts.names_of([Subject(kind="person", uuid=each) for each in people], now=now)
    found = (Colleague(person=each.uuid, name=name) for each, name in names.items() if name)
    return tuple(sorted(found, key=lambda each: each.name))


def save_group(*, group: WorkGroup, actor: Actor, now: datetime) -> None:
    """Keep who does the work of a group; the same again changes nothing.

    Open tasks follow at once: members may take them. A receiver gets the tasks that come from now on.
    Raises GroupRefused with part and code, ProcessNotFound, NotAllowed; then nothing is kept.
    """
    access.require(actor, EDIT_GROUP)
    with transaction.atomic():
        groups.save(group, known=_able(now), now=now)
        audit.changed(
            actor=actor, operation=EDIT_GROUP, resource=f"processGroup/{group.process}", now=now,
            fields=("title", "members", "receiver"), about=tuple(sorted(group.members)),
        )


def titles_of(*, places: Collection[tuple[str, str]], actor: Actor) -> dict[tuple[str, str], str]:
    """Give what groups are called here, by process and name in its drawing. Raises NotAllowed."""
    access.require(actor, "processes.list_tasks")
    return groups.titles(places)


def able_to_do(*, process: str, names: tuple[str, ...], actor: Actor) -> frozenset[UUID] | None:
    """Give who may do a task of these groups, None for everybody with that right. Raises NotAllowed."""
    access.require(actor, "processes.list_tasks")
    return groups.able(process, names)


def _able(now: datetime) -> tuple[UUID, ...]:
    return tuple(
        dict.fromkeys(each.person for each in accounts.list_role_holders(code=groups.ROLE, now=now))
    )
