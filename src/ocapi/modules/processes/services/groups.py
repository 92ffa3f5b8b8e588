"""Who here does the work of a group that drawings name: members, and who gets each new task."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import ids
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn import StepTable
from ocapi.lib.bpmn.model import Kind, WaitKind
from ocapi.modules.processes import queries
from ocapi.modules.processes.data import GroupRefused, NotInGroup, ProcessNotFound, WorkGroup
from ocapi.modules.processes.models import DefinitionRow, GroupRow, MemberRow, TaskRow
from ocapi.modules.processes.services.statements import MEMBERS, RECEIVERS
from ocapi.modules.processes.services.tables import TABLES
from ocapi.modules.rules import api as rules

ROLE = "clerk"  # who may take and complete tasks
MOST_GROUPS = 500  # of all processes together
MOST_MEMBERS = 200


def listed() -> tuple[WorkGroup, ...]:
    """Give the groups that drawings in use name, that tasks wait for, or that were added, by process."""
    names = {each.key: each.name or each.key for each in queries.definitions()}
    waiting = {(process, group): count for process, group, count in _waiting() if process in names}
    rows = {(row.process, row.group): row for row in _rows() if row.process in names}
    members = _members(row.id for row in rows.values())
    found = dict.fromkeys((*_drawn(), *waiting, *rows))
    return tuple(
        _told(row, process, group, names[process], members, waiting.get((process, group), 0))
        if (row := rows.get((process, group)))
        else WorkGroup(
            process=process, process_name=names[process], group=group,
            waiting=waiting.get((process, group), 0),
        )
        for process, group in sorted(found, key=lambda at: (names[at[0]].lower(), at[1].lower()))
        if group
    )[:MOST_GROUPS]


def _told(
    row: GroupRow, process: str, group: str, name: str, members: dict[int, frozenset[UUID]], waiting: int
) -> WorkGroup:
    return WorkGroup(
        process=process, process_name=name, group=group, title=row.title, receiver=row.receiver,
        members=members.get(row.id, frozenset()), waiting=waiting,
    )


def _rows() -> Iterable[GroupRow]:
    return GroupRow.objects.order_by("process", "group")[:MOST_GROUPS]


def _waiting() -> Iterable[tuple[str, str, int]]:
    open_tasks = TaskRow.objects.filter(ended_at__isnull=True).values_list("instance__process", "group")
    return open_tasks.annotate(Count("id")).order_by("instance__process", "group")[:MOST_GROUPS]


def _drawn() -> list[tuple[str, str]]:
    current = DefinitionRow.objects.filter(is_current=True).order_by("key").values_list("key", "uuid")
    return [
        (key, group)
        for key, uuid in current[:MOST_GROUPS]
        for group in _named(TABLES.get(str(uuid)))
        if group
    ]


def _named(table: StepTable) -> Iterator[str]:
    """Give the groups in a drawing; where a formula gives them, all texts its decision tables can answer."""
    asked = [step for step in table.steps.values() if step.own_wait is WaitKind.TASK]
    for step in asked:
        if step.who is None:
            yield from (step.group, *step.others)
    if any(step.who is not None for step in asked):
        for step in table.steps.values():
            if step.kind is Kind.RULE:
                yield from rules.texts_of(decision=step.reference)


def _members(groups: Iterable[int]) -> dict[int, frozenset[UUID]]:
    found: dict[int, set[UUID]] = {}
    for group, person in MemberRow.objects.filter(group__in=list(groups)).values_list("group", "person"):
        found.setdefault(group, set()).add(person)
    return {group: frozenset(people) for group, people in found.items()}


def find(process: str, group: str) -> WorkGroup:
    """Give one group, also one nobody said anything of. Raises ProcessNotFound for an unknown process."""
    definition = DefinitionRow.objects.filter(key=process, is_current=True).first()
    if definition is None:
        raise ProcessNotFound(process)
    name, row = definition.name or process, GroupRow.objects.filter(process=process, group=group).first()
    if row is None:
        return WorkGroup(process=process, process_name=name, group=group)
    return _told(row, process, group, name, _members([row.id]), 0)


def save(wanted: WorkGroup, *, known: Collection[UUID], now: datetime) -> None:
    """Keep who does the work of a group; known: who may be chosen. Raises GroupRefused, ProcessNotFound."""
    find(wanted.process, wanted.group)
    if not 0 < len(wanted.group.strip()) <= 200 or not wanted.group.isprintable():
        raise GroupRefused("group", "spelling")
    if len(wanted.title) > 200 or not wanted.title.isprintable():
        raise GroupRefused("title", "spelling")
    if not wanted.members <= set(known) or len(wanted.members) > MOST_MEMBERS:
        raise GroupRefused("members", "unknown")
    able = wanted.members or set(known)
    if wanted.receiver is not None and wanted.receiver not in able:
        raise GroupRefused("receiver", "notAMember")
    row, _is_new = GroupRow.objects.update_or_create(
        process=wanted.process, group=wanted.group,
        defaults={"title": wanted.title, "receiver": wanted.receiver},
        create_defaults={"uuid": ids.new_uuid(now), "title": wanted.title, "receiver": wanted.receiver},
    )
    MemberRow.objects.filter(group=row).delete()
    MemberRow.objects.bulk_create([MemberRow(group=row, person=each) for each in sorted(wanted.members)])


def receivers(process: str, *, now: datetime) -> dict[str, UUID]:
    """Give who gets new tasks, by group; without those who do no tasks any more."""
    found = {group: tenants.read_uuid(person) for group, person in RECEIVERS.rows(process)}
    if not found:
        return {}
    able = {each.person for each in accounts.list_role_holders(code=ROLE, now=now)}
    return {group: person for group, person in found.items() if person in able}


def able(process: str, groups: Collection[str]) -> frozenset[UUID] | None:
    """Give who may do a task of these groups; None when one of them, or no group at all, is for everybody."""
    wanted = list(dict.fromkeys(groups))
    members: dict[str, set[UUID]] = {}
    for group, person in MEMBERS.rows(process, wanted) if wanted else ():
        members.setdefault(group, set()).add(tenants.read_uuid(person))
    if len(members) < len(wanted) or not wanted:
        return None
    return frozenset().union(*members.values())


def require_member(process: str, groups: tuple[str, ...], actor: Actor) -> None:
    """Refuse a person who is in none of the groups of a task; a system acts for whoever asked it."""
    if actor.person is None:
        return
    found = able(process, groups)
    if found is not None and actor.person not in found:
        raise NotInGroup(tuple(titles({(process, each) for each in groups}).values()))


def titles(places: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Give what groups are called here, by process and group."""
    rows = GroupRow.objects.filter(process__in={process for process, _group in places}).order_by("id")
    named = rows.values_list("process", "group", "title")[:MOST_GROUPS]
    held = {(process, group): title for process, group, title in named if title}
    return {place: held.get(place) or place[1] for place in places}


def of_person(person: UUID) -> tuple[tuple[str, str], ...]:
    """Give the groups somebody is a member of, by process and name."""
    rows = MemberRow.objects.filter(person=person).order_by("id")
    return tuple(rows.values_list("group__process", "group__group")[:MOST_GROUPS])
