"""Two versions of a table or expression beside each other: what a colleague saved and what was just typed."""

from collections.abc import Iterator
from itertools import zip_longest

from django.utils.translation import gettext as _

from ocapi.kernel.ui.data import Cell, Column, PageOf, Row, Table
from ocapi.modules.rules.data import Line, Sheet
from ocapi.modules.rules.views import telling

SHOWN = 300  # characters of one side


def of_sheets(theirs: Sheet, mine: Sheet) -> Table:
    """Give each place in which two versions of a table differ."""
    return _table(tuple(each for each in _places(theirs, mine) if each[1] != each[2]))


def of_texts(place: str, theirs: str, mine: str) -> Table:
    """Give two versions of an expression, nothing when they are the same."""
    return _table(((place, theirs, mine),) if theirs != mine else ())


def _places(theirs: Sheet, mine: Sheet) -> Iterator[tuple[str, str, str]]:
    yield _("Which rules count"), telling.policy(theirs.policy), telling.policy(mine.policy)
    yield _("Columns"), _columns(theirs), _columns(mine)
    for number, (old, new) in enumerate(zip_longest(theirs.lines, mine.lines), 1):
        yield _("Rule {number}").format(number=number), _line(old), _line(new)


def _columns(sheet: Sheet) -> str:
    given, found = ([each.label or each.text for each in part] for part in (sheet.inputs, sheet.outputs))
    return f"{', '.join(given)} → {', '.join(found)}"


def _line(line: Line | None) -> str:
    if line is None:
        return ""
    cells = f"{' | '.join(line.inputs)} → {' | '.join(line.outputs)}"
    return f"{cells} ({line.note})" if line.note else cells


def _table(found: tuple[tuple[str, str, str], ...]) -> Table:
    return Table(
        caption=_("Both versions"),
        columns=(
            Column(code="at", label=_("Where")), Column(code="old", label=_("Saved by your colleague")),
            Column(code="new", label=_("Just typed")),
        ),
        page=PageOf(items=tuple(
            Row(cells=tuple(Cell(text=part[:SHOWN] or "–") for part in each)) for each in found
        ), page_size=max(len(found), 1)),
        empty_title=_("No difference"), empty_text=_("Your colleague saved the same as what stands here."),
    )
