"""Reads of onboarding."""

from django.db.models import Count, Q, QuerySet

from ocapi.lib import stem
from ocapi.modules.onboarding.data import InvalidCursor, ProcessDomain, ProcessPage, ReferenceProcess
from ocapi.modules.onboarding.models import ProcessRow

MOST_DOMAINS = 100


def domains() -> tuple[ProcessDomain, ...]:
    """Give the domains by title with their number of processes."""
    rows = ProcessRow.objects.values_list("domain", "domain_title").annotate(n=Count("id"))
    found = rows.order_by("domain_title")[:MOST_DOMAINS]
    return tuple(ProcessDomain(code=code, title=title, processes=n) for code, title, n in found)


def page(*, domain: str, q: str, cursor: str, page_size: int) -> ProcessPage:
    """Give processes by title after the cursor; every word of `q` must stand in title, group or domain."""
    rows: QuerySet[ProcessRow] = ProcessRow.objects.order_by("title", "id")
    if domain:
        rows = rows.filter(domain=domain)
    for word in stem.raw_tokens(q)[:8]:
        rows = rows.filter(search__contains=word)
    if cursor:
        title, row_id = _position(cursor)
        rows = rows.filter(Q(title__gt=title) | Q(title=title, id__gt=row_id))
    found = list(rows[: page_size + 1])
    more = len(found) > page_size
    last = found[page_size - 1] if more else None
    return ProcessPage(
        items=tuple(_process(row) for row in found[:page_size]),
        next_cursor=f"{last.id}~{last.title}" if last else "",
    )


def _position(cursor: str) -> tuple[str, int]:
    row_id, separator, title = cursor.partition("~")
    if not separator or not row_id.isdecimal() or len(row_id) > 18:
        raise InvalidCursor(cursor)
    return title, int(row_id)


def _process(row: ProcessRow) -> ReferenceProcess:
    return ReferenceProcess(
        number=row.number, title=row.title, iri=row.iri, group=row.group_title, domain=row.domain,
        domain_title=row.domain_title,
    )
