"""Values as people type them: `name = FEEL`, one per line."""

from datetime import datetime
from typing import cast

from ocapi.lib import feel
from ocapi.modules.processes import data

MAX_LINES = 100
MAX_LINE = 2_000  # characters


class LineRefused(ValueError):
    """A line that is no `name = value`. number: from 1; detail: what could not be read."""

    def __init__(self, number: int, detail: str) -> None:
        super().__init__(f"{number}: {detail}")
        self.number = number
        self.detail = detail


def values(text: str, *, now: datetime) -> dict[str, data.Value]:
    """Give the values by name, empty lines left out; raises LineRefused."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MAX_LINES:
        raise LineRefused(lines[MAX_LINES][0], f"more than {MAX_LINES} lines")
    found: dict[str, data.Value] = {}
    for number, line in lines:
        name, mark, written = line.partition("=")
        name = name.strip()
        if not mark or not name or len(line) > MAX_LINE or not name.replace("_", "a").isalnum():
            raise LineRefused(number, line[:80])
        found[name] = value(written.strip(), number=number, now=now)
    return found


def value(text: str, *, number: int, now: datetime) -> data.Value:
    """Give the value of a FEEL expression that names nothing; raises LineRefused."""
    try:
        given = feel.compile_expression(text).evaluate({}, now=now)
    except (feel.FeelSyntaxError, feel.BudgetExceeded) as refusal:
        raise LineRefused(number, str(refusal)[:80]) from None
    if given.issues:
        raise LineRefused(number, text[:80])
    return cast("data.Value", given.value)
