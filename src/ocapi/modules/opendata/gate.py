"""The privacy gate: what may not leave, what leaves emptied, and where a second person must look. Pure.

Three nets, each enough to stop a table: the tags of the fields the columns come from; what stands in the
cells; and how few persons a row can be about. A module's own word never overrules a tag.
Sources: conventions.md 7 (k >= 5, complementary cells, free text never leaves), GDPR art. 4(1).
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from ocapi.lib import identifiers, suppression
from ocapi.modules.opendata.data import (
    Column,
    ColumnKind,
    Finding,
    Offer,
    Outcome,
    Table,
    Value,
    Verdict,
)

K = 5  # smallest group of persons that is shown (conventions.md 7.8)
MAX_AGGREGATE = 2_000  # rows of counts that are protected together; suppression costs more than linear time
SCANNED = frozenset({ColumnKind.TEXT, ColumnKind.LINK, ColumnKind.INTEGER})
SHOWN = 5  # rows that are named, of those in which something was found
TOTALS_ARE_DEAR = 1  # a total may be known from elsewhere, so a cell is withheld before it

_MAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{2,190}\.[a-z]{2,}", re.IGNORECASE)
_MOBILE = re.compile(r"(?<!\d)(?:\+32|0032|0)[\s./-]?4\d{2}(?:[\s./-]?\d{2}){3}(?!\d)")
_NATIONAL = re.compile(r"(?<!\d)\d{2}[. ]?\d{2}[. ]?\d{2}[- .]?\d{3}[- .]?\d{2}(?!\d)")
_UUID = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32,})(?![0-9a-f])", re.IGNORECASE
)
"""Drawn by chance, or a fingerprint: its digits may look like anybody's number and are nobody's."""
_IBAN = re.compile(r"\bBE\d{2}(?:\s?\d{4}){3}\b", re.IGNORECASE)


def judge(offer: Offer, table: Table, *, tags: Mapping[str, str]) -> tuple[Table, Verdict]:
    """Give the table as it may be shown, with the verdict on it.

    tags: category of personal data by `table.column`, of every tagged field of the platform.
    """
    findings = [*_columns(table, tags), *_cells(table), *_groups(table)]
    hidden = 0
    if offer.is_aggregate or any(column.is_count for column in table.columns):
        findings.append(Finding(code="aboutPersons", outcome=Outcome.SECOND_PERSON))
        if len(table.rows) > MAX_AGGREGATE:
            findings.append(Finding(code="tooManyCounts", outcome=Outcome.REFUSED, rows=len(table.rows)))
        else:
            table, hidden = _protected(table)
            if hidden:
                findings.append(Finding(code="smallCounts", outcome=Outcome.SECOND_PERSON, rows=hidden))
    worst = Outcome.CLEAR
    for each in findings:
        if each.outcome is Outcome.REFUSED or worst is Outcome.CLEAR:
            worst = each.outcome
        if worst is Outcome.REFUSED:
            break
    return table, Verdict(outcome=worst, findings=tuple(findings), hidden=hidden)


def without(table: Table, names: Collection[str]) -> Table:
    """Give a table without the columns of these names."""
    kept = [place for place, each in enumerate(table.columns) if each.name not in names]
    return Table(
        columns=tuple(table.columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in table.rows),
    )


def empty_columns(table: Table) -> tuple[str, ...]:
    """Give the names of the columns in which no row says anything; none of a table without rows."""
    if not table.rows:
        return ()
    held = enumerate(table.columns)
    return tuple(
        each.name for place, each in held if all(row[place] is None or row[place] == "" for row in table.rows)
    )


def is_worse(now: Verdict, before: Verdict) -> bool:
    """Tell whether a table that was let through would be judged more strictly now."""
    order = (Outcome.CLEAR, Outcome.SECOND_PERSON, Outcome.REFUSED)
    return order.index(now.outcome) > order.index(before.outcome)


def _columns(table: Table, tags: Mapping[str, str]) -> Iterator[Finding]:
    for column in table.columns:
        category = tags.get(column.field, "") or column.category
        if category:
            yield Finding(code="personalField", outcome=Outcome.REFUSED, column=column.name, detail=category)
        if column.kind is ColumnKind.FREE_TEXT:
            yield Finding(code="freeText", outcome=Outcome.REFUSED, column=column.name)
        if column.near_person:
            yield Finding(code="nearPerson", outcome=Outcome.SECOND_PERSON, column=column.name)


def _cells(table: Table) -> Iterator[Finding]:
    for place, column in enumerate(table.columns):
        if column.kind not in SCANNED:
            continue
        found: dict[str, list[int]] = {}
        for number, row in enumerate(table.rows, start=1):
            for code in _marks(row[place]):
                found.setdefault(code, []).append(number)
        for code, rows in sorted(found.items()):
            yield Finding(
                code=code,
                outcome=Outcome.REFUSED,
                column=column.name,
                rows=len(rows),
                first=tuple(rows[:SHOWN]),
            )


def _marks(value: Value) -> Iterator[str]:
    """Give the codes of what in a cell points at one person."""
    if value is None:
        return
    text = _UUID.sub("|", str(value))
    if "@" in text and _MAIL.search(text):
        yield "mailAddress"
    if any(not _is_enterprise(each) for each in _MOBILE.findall(text)):
        yield "mobileNumber"
    if _IBAN.search(text):
        yield "bankAccount"
    if any(_is_national(each) for each in _NATIONAL.findall(text)):
        yield "nationalNumber"


def _is_enterprise(text: str) -> bool:
    """Tell whether what looks like a mobile number is that of an enterprise by its check digits: ten digits
    in one piece.
    """
    try:
        return text.isdecimal() and bool(identifiers.parse_kbo(text))
    except identifiers.InvalidIdentifier:
        return False


def _is_national(text: str) -> bool:
    digits = "".join(each for each in text if each.isdigit())
    try:
        identifiers.parse_insz(digits, allow_synthetic=True)
    except identifiers.InvalidIdentifier:
        return False
    return True


def _groups(table: Table) -> Iterator[Finding]:
    """Find rows that few share: with the columns of the group known, one of them is somebody."""
    places = [place for place, column in enumerate(table.columns) if column.is_group]
    if not places or any(column.is_count for column in table.columns):
        return
    sizes = Counter(tuple(row[place] for place in places) for row in table.rows)
    small = sum(size for size in sizes.values() if size < K)
    if small:
        names = ", ".join(table.columns[place].name for place in places)
        yield Finding(code="smallGroups", outcome=Outcome.REFUSED, rows=small, detail=names)


def _protected(table: Table) -> tuple[Table, int]:
    """Empty the counts under K, and as many others as keep those from being computed."""
    counts = [place for place, column in enumerate(table.columns) if column.is_count]
    groups = [place for place, column in enumerate(table.columns) if column.is_group]
    rows = [list(row) for row in table.rows]
    hidden = 0
    for place in counts:
        values: dict[suppression.Cell, int] = {}
        for number, row in enumerate(rows):
            value = row[place]
            if isinstance(value, int):
                values["cell", number] = value
        sums = list(_sums(rows, groups, values))
        found = suppression.protect(values, sums, k=K, rank=_rank)
        for cell in (*found.small, *found.withheld):
            if isinstance(cell, tuple) and cell[0] == "cell":
                rows[cell[1]][place] = None
                hidden += 1
    return replace(table, rows=tuple(tuple(row) for row in rows)), hidden


def _rank(cell: suppression.Cell) -> int:
    return TOTALS_ARE_DEAR if isinstance(cell, tuple) and cell[0] == "total" else 0


def _sums(
    rows: list[list[Value]], groups: list[int], values: dict[suppression.Cell, int]
) -> Iterator[suppression.Sum]:
    """Give the totals a reader may know: of everything, and of each value of each group column."""
    known = list(values)
    lines: dict[suppression.Cell, list[suppression.Cell]] = {("total", -1, ""): known}
    for place in groups:
        for cell in known:
            assert isinstance(cell, tuple)
            lines.setdefault(("total", place, str(rows[cell[1]][place])), []).append(cell)
    for total, parts in lines.items():
        if len(parts) > 1:
            values[total] = sum(values[each] for each in parts)
            yield suppression.Sum(total=total, parts=tuple(parts))


def public_columns(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Give columns as they are kept with public rows: without the names of fields inside."""
    return tuple(replace(each, field="") for each in columns)
