"""For tests of others: the leaves as they are stored."""

from uuid import UUID

from ocapi.kernel.audit.models import LeafRow, SubjectRow


def leaves_of(operation: str) -> list[LeafRow]:
    """Give the stored leaves of an operation, oldest first."""
    return list(LeafRow.objects.filter(operation=operation).order_by("id"))


def operations_of(beginning: str) -> list[str]:
    """Give the operations that begin so, of every stored leaf, oldest first."""
    rows = LeafRow.objects.filter(operation__startswith=beginning).order_by("id")
    return list(rows.values_list("operation", flat=True))


def persons_of(leaf: LeafRow) -> list[UUID]:
    """Give the persons a leaf is tied to."""
    return list(SubjectRow.objects.filter(leaf=leaf).values_list("person", flat=True))
