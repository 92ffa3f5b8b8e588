"""What a form decides in FEEL: answers as facts, and rules run within one budget. Pure.

The same facts are handed to the process that a form starts, so an expression means the same in both.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from ocapi.lib import clock, feel
from ocapi.lib.feel.temporal import Date
from ocapi.lib.feel.temporal_text import show
from ocapi.lib.kept import Kept
from ocapi.modules.forms.data import ADDRESS_PARTS, Address, Field, FieldType, FormDefinition, Rows, Value

STEPS = 100_000  # of all rules of one look at a form together; a rule over 50 rows spends a few hundred
MILLISECONDS = 100  # of one rule
KEPT = 500  # compiled rules, some 5 kB each
COMPUTABLE = frozenset(
    {
        FieldType.TEXT,
        FieldType.LONG_TEXT,
        FieldType.INTEGER,
        FieldType.AMOUNT,
        FieldType.YES_NO,
        FieldType.CHOICE,
        FieldType.DATE,
    }
)
_KEPT: Kept[feel.Expression] = Kept(KEPT)


def names_of(definition: FormDefinition) -> tuple[str, ...]:
    """Give the names a rule of this form may use: the codes of its questions."""
    return tuple(field.code for field in definition.fields)


def compiled(text: str, names: tuple[str, ...]) -> feel.Expression:
    """Compile a rule; raises FeelSyntaxError with the place."""
    return _KEPT.get(f"{' '.join(names)}\0{text}", lambda _key: feel.compile_expression(text, names=names))


def fact_of(field: Field, value: Value | None) -> object:
    """Give an answer as FEEL knows it: a whole date as date, an amount in euros, an address as context.

    A date of which only the year or month is known stays text; what is not answered is null.
    """
    if isinstance(value, Rows):
        return [_row_facts(field, row) for row in value.items if row]
    if isinstance(value, Address):
        return {part: getattr(value, part) for part in ADDRESS_PARTS}
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, int) and field.type is FieldType.AMOUNT:
        return Decimal(value) / 100
    if field.type is FieldType.DATE and isinstance(value, str) and len(value) == len("2026-01-01"):
        return date.fromisoformat(value)
    return value


def _row_facts(field: Field, row: Mapping[str, Value]) -> dict[str, object]:
    return {each.code: fact_of(each, row.get(each.code)) for each in field.fields}


def row_facts(field: Field, row: Mapping[str, Value], facts: Mapping[str, object]) -> dict[str, object]:
    """Give what a rule inside a row may use: the answers of the form and those of the row."""
    return {**facts, **_row_facts(field, row)}


def value_of(field: Field, fact: object) -> Value | None:
    """Give what FEEL computed as an answer of a field; None when it does not fit the type of the field."""
    kind = field.type
    if kind in (FieldType.INTEGER, FieldType.AMOUNT):
        return _number(kind, fact)
    if kind is FieldType.YES_NO:
        return fact if isinstance(fact, bool) else None
    if kind is FieldType.DATE:
        return show(fact) if isinstance(fact, Date) else None
    if not isinstance(fact, str) or kind not in COMPUTABLE:
        return None
    if kind is FieldType.CHOICE and fact not in {option.code for option in field.options}:
        return None
    return fact or None


def _number(kind: FieldType, fact: object) -> int | None:
    if not isinstance(fact, Decimal) or abs(fact) >= Decimal(10) ** 15:
        return None
    if kind is FieldType.AMOUNT:
        return int((fact * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return int(fact) if fact == fact.to_integral_value() else None


class Uncomputable(ValueError):
    """A rule could not be computed: its budget was spent, or its text is no FEEL."""


class Deciding:
    """One look at a form: all its rules together spend at most STEPS."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now.astimezone(clock.BRUSSELS)
        self._left = STEPS

    @property
    def is_spent(self) -> bool:
        """Tell whether nothing can be computed any more."""
        return self._left <= 0

    def value(self, text: str, facts: Mapping[str, object]) -> object:
        """Compute a rule over facts; raises Uncomputable."""
        if self._left <= 0:
            raise Uncomputable(text)
        limits = feel.Limits(steps=self._left, milliseconds=MILLISECONDS)
        try:
            found = compiled(text, tuple(facts)).evaluate(facts, now=self._now, limits=limits)
        except feel.BudgetExceeded:
            self._left = 0
            raise Uncomputable(text) from None
        except (feel.FeelSyntaxError, feel.NotAValue):
            raise Uncomputable(text) from None
        self._left -= found.steps
        return found.value

    def truth(self, text: str, facts: Mapping[str, object], *, unless: bool) -> bool:
        """Say whether a rule holds; `unless` when it can't be computed or gives neither true nor false."""
        try:
            found = self.value(text, facts)
        except Uncomputable:
            return unless
        return found if isinstance(found, bool) else unless
