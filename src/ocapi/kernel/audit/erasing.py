"""Cuts ties again that an older state brought back; the list of them is kept by who fills `erasure_books`."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from ocapi.kernel.audit import leaves
from ocapi.kernel.audit.data import Kind
from ocapi.kernel.audit.models import SubjectRow
from ocapi.lib.actor import system

AT_ONCE = 500


class LogEraser:
    """Cuts the ties between leaves and erased persons; the tree stays valid."""

    name = "audit"

    def erase(self, *, is_erased: Callable[[UUID], bool], now: datetime) -> int:
        """Erase every person for whom `is_erased` says so; one leaf tells of it. Gives the ties cut."""
        persons = SubjectRow.objects.order_by("person").values_list("person", flat=True).distinct()
        found = [person for person in persons.iterator(chunk_size=1000) if is_erased(person)]
        count = 0
        for start in range(0, len(found), AT_ONCE):
            count += SubjectRow.objects.filter(person__in=found[start : start + AT_ONCE]).delete()[0]
        if count:
            leaves.stage(leaves.Act(
                kind=Kind.CHANGE, actor=system("registry.carry"), operation="audit.forget_person", at=now,
                resource="auditSubject",
            ))
        return count
