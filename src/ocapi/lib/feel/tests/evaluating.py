"""What the tests of FEEL share: evaluating a text at one instant."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ocapi.lib.feel import Outcome, compile_expression
from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.showing import literal

NOW = datetime(2026, 7, 1, 12, 30, tzinfo=ZoneInfo("Europe/Brussels"))


def outcome(text: str, **values: object) -> Outcome:
    """Evaluate a text with these names in scope; `_` in a name stands for a space."""
    known = {name.replace("_", " "): value for name, value in values.items()}
    return compile_expression(text, names=known).evaluate(known, now=NOW)


def shown(text: str, **values: object) -> str:
    """Evaluate a text and write the value as FEEL."""
    return literal(Run(now=NOW), outcome(text, **values).value)


def reasons(text: str, **values: object) -> list[str]:
    """Give the codes of what went wrong."""
    return [issue.code for issue in outcome(text, **values).issues]
