"""The rows of a repeat: read from posted texts, added and taken away without a script. Pure.

A cell is posted as `<repeat>-<row>-<question>`; an empty row by its mark `<repeat>-<row>-row`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ocapi.modules.forms.data import Field, FieldType, Rows, Section, Value
from ocapi.modules.forms.services import values

MARK = "row"  # no question of a repeat has this code
MOST_ROWS = 50


def cell_name(field: Field, row: int, code: str) -> str:
    """Give the name under which a question of a row is posted."""
    return f"{field.code}-{row}-{code}"


def is_posted(field: Field, raw: values.Raw) -> bool:
    """Tell whether anything of a repeat was posted."""
    return bool(_numbers(field, raw))


def _numbers(field: Field, raw: values.Raw) -> list[int]:
    """Give the numbers of the rows that were posted, each at most the largest a browser of ours sends."""
    pattern = re.compile(rf"{re.escape(field.code)}-(\d{{1,3}})-", re.ASCII)
    found = {int(match[1]) for name in raw if (match := pattern.match(name))}
    return sorted(found)[: field.max_rows + 1]


def of_field(field: Field, raw: values.Raw) -> dict[str, list[str]]:
    """Give what was posted for a repeat, its rows numbered anew from 0."""
    made: dict[str, list[str]] = {}
    for place, number in enumerate(_numbers(field, raw)):
        made[cell_name(field, place, MARK)] = ["1"]
        for cell in field.fields:
            for name in values.names_of(cell):
                texts = list(raw.get(cell_name(field, number, name), ()))[: values.MAX_TEXTS]
                if texts:
                    made[cell_name(field, place, name)] = texts
    return made


def pressed(section: Section, raw: values.Raw) -> tuple[Field, int | None] | None:
    """Give the repeat whose button was pressed, with the row to take away, None to add one."""
    for field in section.fields:
        if field.type is not FieldType.REPEAT:
            continue
        if f"add-{field.code}" in raw:
            return field, None
        for number in _numbers(field, raw):
            if f"remove-{field.code}-{number}" in raw:
                return field, number
    return None


def changed(field: Field, raw: values.Raw, *, without: int | None) -> dict[str, Sequence[str]]:
    """Give what was posted with one row more, or without one; never more rows than the repeat may have."""
    if without is not None:
        gone = f"{field.code}-{without}-"
        return {name: texts for name, texts in raw.items() if not name.startswith(gone)}
    numbers = _numbers(field, raw)
    following = numbers[-1] + 1 if numbers else 0
    if len(numbers) >= field.max_rows:
        return dict(raw)
    return {**raw, cell_name(field, following, MARK): ["1"]}


def read(field: Field, raw: values.Raw, *, today: date, allow_synthetic: bool) -> Rows | None:
    """Read the rows; raises Unreadable that names every cell that is no answer."""
    texts = of_field(field, raw)
    items: list[Mapping[str, Value]] = []
    wrong: list[str] = []
    for number in range(len(_numbers(field, texts))):
        row: dict[str, Value] = {}
        for cell in field.fields:
            own = {name: texts.get(cell_name(field, number, name), ()) for name in values.names_of(cell)}
            try:
                value = values.read(cell, own, today=today, allow_synthetic=allow_synthetic)
            except values.Unreadable as refused:
                wrong.append(cell_name(field, number, refused.name or cell.code))
                continue
            if value is not None:
                row[cell.code] = value
        items.append(row)
    if wrong:
        raise values.Unreadable(" ".join(wrong))
    return Rows(items=tuple(items)) if items else None


def filled(rows: Rows) -> Rows | None:
    """Give the rows in which something is filled in."""
    kept = tuple(row for row in rows.items if row)
    return Rows(items=kept) if kept else None


def from_json(field: Field, stored: object) -> Rows | None:
    """Give rows back from their JSON form; None when it is none."""
    if not isinstance(stored, list):
        return None
    return Rows(items=tuple(_row(field, row) for row in stored if isinstance(row, dict)))


def _row(field: Field, stored: Mapping[str, object]) -> dict[str, Value]:
    found = {cell.code: values.from_json(cell.type, stored.get(cell.code)) for cell in field.fields}
    return {code: value for code, value in found.items() if value is not None}


def typed(field: Field, rows: Rows) -> dict[str, list[str]]:
    """Give the posted texts that would be read as these rows."""
    made: dict[str, list[str]] = {}
    for number, row in enumerate(rows.items):
        made[cell_name(field, number, MARK)] = ["1"]
        for cell in field.fields:
            if cell.code in row:
                made |= {
                    cell_name(field, number, name): texts
                    for name, texts in values.typed(cell, row[cell.code]).items()
                }
    return made


def count(field: Field, texts: values.Raw) -> int:
    """Give how many rows to draw: those there are, and at least as many as have to be filled in."""
    return max(len(_numbers(field, texts)), least(field))


def least(field: Field) -> int:
    """Give how many rows have to be filled in."""
    return max(field.min_rows, 1 if field.required else 0)


def cells(field: Field, row: int) -> Iterator[tuple[Field, str]]:
    """Give each question of a row with the name of its first control."""
    for cell in field.fields:
        yield cell, cell_name(field, row, values.names_of(cell)[0])
