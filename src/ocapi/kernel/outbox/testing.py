"""For tests of others: the facts as they are stored."""

from ocapi.kernel.outbox.models import EventRow


def published(prefix: str) -> list[EventRow]:
    """Give the stored facts whose type starts with `prefix`, oldest first."""
    return list(EventRow.objects.filter(type__startswith=prefix).order_by("id"))
