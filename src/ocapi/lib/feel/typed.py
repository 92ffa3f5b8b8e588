"""Values as people type them: `name = FEEL`, one per line; for trials and test cases."""

from datetime import datetime

from ocapi.lib.feel.errors import BudgetExceeded, FeelSyntaxError
from ocapi.lib.feel.expression import compile_expression
from ocapi.lib.feel.values import Value

MAX_LINES = 100
MAX_LINE = 2_000  # characters


class LineRefused(ValueError):
    """A line that is no `name = value`. number: from 1; detail: what could not be read."""

    def __init__(self, number: int, detail: str) -> None:
        super().__init__(f"{number}: {detail}")
        self.number = number
        self.detail = detail


def read_lines(text: str, *, now: datetime) -> dict[str, Value]:
    """Give the values by name, empty lines left out; raises LineRefused."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MAX_LINES:
        raise LineRefused(lines[MAX_LINES][0], f"more than {MAX_LINES} lines")
    found: dict[str, Value] = {}
    for number, line in lines:
        name, mark, written = line.partition("=")
        plain = name.strip().replace("_", "a").replace(" ", "a").replace("-", "a")
        if not mark or not plain.isalnum() or len(line) > MAX_LINE:
            raise LineRefused(number, line[:80])
        found[name.strip()] = read_value(written.strip(), number=number, now=now)
    return found


def read_value(text: str, *, now: datetime, number: int = 1) -> Value:
    """Give the value of a FEEL expression that names nothing; raises LineRefused."""
    try:
        given = compile_expression(text).evaluate({}, now=now)
    except (FeelSyntaxError, BudgetExceeded) as refusal:
        raise LineRefused(number, str(refusal)[:80]) from None
    if given.issues:
        raise LineRefused(number, text[:80])
    return given.value
