"""The rules of a form: which fields are asked, which answer counts, and what is wrong with it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from ocapi.lib import clock
from ocapi.modules.forms.data import (
    CALCULATED,
    CITIZEN,
    AnswerState,
    Check,
    Fault,
    Field,
    FieldType,
    FieldValue,
    FormDefinition,
    PrefilledField,
    PrefillState,
    Rows,
    Section,
    Value,
)
from ocapi.modules.forms.services import deciding, rows, values

DEFAULT_LENGTHS = {FieldType.TEXT: 1_000, FieldType.LONG_TEXT: 10_000, FieldType.EMAIL: 254}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a draft holds, by field code, as far as the rules need it.

    given: answers of the citizen. unreadable: names of controls whose text is no answer, by field code, with
    spaces between several. files: how many are attached.
    """

    given: Mapping[str, Value]
    unreadable: Mapping[str, str]
    prefill: Mapping[str, PrefilledField]
    files: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One fault in one field. name: the control it stands at, empty for the first. cell: question in a row.

    check: the rule of the form that does not hold, with fault REFUSED.
    """

    field: Field
    fault: Fault
    name: str = ""
    cell: Field | None = None
    check: Check | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the rules make of what was filled in.

    answers: those that count of the fields that are asked, by code, in order. facts: every field by code, as
    FEEL knows it, null when not asked or not answered. broken: the checks that do not hold.
    """

    answers: Mapping[str, FieldValue]
    asked: frozenset[str]
    required: frozenset[str]
    facts: Mapping[str, object]
    broken: tuple[Found, ...]


def is_locked(field: Field, prefilled: PrefilledField | None) -> bool:
    """Tell whether the source's value stands and the citizen can't type over it."""
    return (
        field.read_only_when_prefilled
        and prefilled is not None
        and prefilled.value is not None
        and not prefilled.is_disputed
    )


def answer_of(field: Field, filled: Filled) -> FieldValue | None:
    """Give the answer that counts: the source's while it stands, else the citizen's or what is offered."""
    prefilled = filled.prefill.get(field.code)
    offered = prefilled.value if prefilled and not prefilled.is_disputed else None
    given = filled.given.get(field.code)
    if (
        offered is not None
        and prefilled is not None
        and (is_locked(field, prefilled) or given in (None, offered))
    ):
        is_confirmed = given is not None and not is_locked(field, prefilled)
        state = AnswerState.CONFIRMED if is_confirmed else AnswerState.PREFILLED
        return FieldValue(field=field.code, value=offered, source=prefilled.source, state=state)
    if isinstance(given, Rows):
        given = rows.filled(given)
    if given is None:
        return None
    unsure = prefilled is not None and (prefilled.is_disputed or prefilled.state is PrefillState.SOURCE_DOWN)
    is_claim = prefilled is not None and prefilled.is_disputed
    state = AnswerState.DISPUTED if is_claim else AnswerState.TYPED
    return FieldValue(field=field.code, value=given, source=CITIZEN, is_to_verify=unsure, state=state)


def decide(definition: FormDefinition, filled: Filled, *, now: datetime) -> Decided:
    """Go through a form once, in order: a rule sees the answers of the fields before it, and today.

    A rule that can't be computed stops nobody: its question is asked, its check counts as passed, and the
    answer is marked to verify.
    """
    run = deciding.Deciding(now=now)
    answers: dict[str, FieldValue] = {}
    facts: dict[str, object] = dict.fromkeys(deciding.names_of(definition))
    asked, required = set(), set()
    for field in definition.fields:
        if not _is_asked(field, answers, facts, run):
            continue
        asked.add(field.code)
        if _is_required(field, facts, run):
            required.add(field.code)
        answer = _calculated(field, facts, run) if field.calculation else answer_of(field, filled)
        if answer is not None:
            answers[field.code] = answer
            facts[field.code] = deciding.fact_of(field, answer.value)
        if field.type is FieldType.UPLOAD:
            facts[field.code] = filled.files.get(field.code, 0)
    broken = _checked(definition, answers, facts, run)
    return Decided(
        answers=answers, asked=frozenset(asked), required=frozenset(required), facts=facts, broken=broken
    )


def _is_asked(
    field: Field, answers: Mapping[str, FieldValue], facts: Mapping[str, object], run: deciding.Deciding
) -> bool:
    if field.show_when is not None and not _holds(field, answers):
        return False
    if not field.visible_when:
        return True
    try:
        return run.value(field.visible_when, facts) is True
    except deciding.Uncomputable:
        return True


def _holds(field: Field, answers: Mapping[str, FieldValue]) -> bool:
    assert field.show_when is not None
    leading = answers.get(field.show_when.field)
    if leading is None:
        return False
    if isinstance(leading.value, tuple):
        return field.show_when.equals in leading.value
    return leading.value == field.show_when.equals and type(leading.value) is type(field.show_when.equals)


def _is_required(field: Field, facts: Mapping[str, object], run: deciding.Deciding) -> bool:
    if field.required or not field.required_when:
        return field.required
    return run.truth(field.required_when, facts, unless=False)


def _calculated(field: Field, facts: Mapping[str, object], run: deciding.Deciding) -> FieldValue | None:
    try:
        value = deciding.value_of(field, run.value(field.calculation, facts))
    except deciding.Uncomputable:
        return None
    return None if value is None else FieldValue(
        field=field.code, value=value, source=CALCULATED, state=AnswerState.CALCULATED
    )


def _checked(
    definition: FormDefinition,
    answers: dict[str, FieldValue],
    facts: Mapping[str, object],
    run: deciding.Deciding,
) -> tuple[Found, ...]:
    """Give the checks that do not hold; an answer whose check can't be computed is marked to verify."""
    found: list[Found] = []
    for field in definition.fields:
        answer = answers.get(field.code)
        if answer is None:
            continue
        for place, check, known in _rules_of(field, answer.value, facts):
            try:
                holds = run.value(check.rule, known) is not False
            except deciding.Uncomputable:
                answers[field.code] = replace(answer, is_to_verify=True)
                continue
            if not holds:
                name, cell = place
                found.append(Found(field=field, fault=Fault.REFUSED, name=name, cell=cell, check=check))
    return tuple(found)


def _rules_of(
    field: Field, value: Value, facts: Mapping[str, object]
) -> Iterator[tuple[tuple[str, Field | None], Check, Mapping[str, object]]]:
    for check in field.checks:
        yield ("", None), check, facts
    if isinstance(value, Rows):
        for number, row in enumerate(value.items):
            known = deciding.row_facts(field, row, facts)
            for cell, name in rows.cells(field, number):
                if cell.code in row:
                    yield from (((name, cell), check, known) for check in cell.checks)


def faults(
    definition: FormDefinition,
    filled: Filled,
    *,
    now: datetime,
    section: Section | None = None,
    decided: Decided | None = None,
) -> list[Found]:
    """List what is wrong, in order, in one section or in the whole form. decided: of `decide`, if at hand."""
    held = decided or decide(definition, filled, now=now)
    today = clock.local_day(now)
    wanted = tuple(section.fields) if section else tuple(definition.fields)
    found = []
    for field in wanted:
        if field.code in held.asked and not field.calculation:
            own = list(_of_field(field, filled, held, today))
            found += own or [each for each in held.broken if each.field is field]
    return found


def _of_field(field: Field, filled: Filled, held: Decided, today: date) -> Iterator[Found]:
    is_required = field.code in held.required
    if field.type is FieldType.UPLOAD:
        yield from _of_upload(field, filled.files.get(field.code, 0), is_required=is_required)
        return
    if is_locked(field, filled.prefill.get(field.code)):
        return  # what the source says is not for the citizen to repair
    if field.code in filled.unreadable:
        yield from _of_unreadable(field, filled.unreadable[field.code])
        return
    answer = held.answers.get(field.code)
    if field.type is FieldType.REPEAT:
        yield from _of_rows(field, answer, today, is_required=is_required)
        return
    if answer is None or (field.type is FieldType.STATEMENT and answer.value is not True):
        if is_required:
            yield Found(field=field, fault=Fault.REQUIRED)
        return
    fault = _of_value(field, answer.value, today)
    if fault is not None:
        yield Found(field=field, fault=fault)


def _of_unreadable(field: Field, names: str) -> Iterator[Found]:
    if field.type is not FieldType.REPEAT:
        yield Found(field=field, fault=Fault.INVALID, name=names)
        return
    for name in names.split():
        code = name.split("-")[2]
        cell = next((each for each in field.fields if each.code == code), None)
        yield Found(field=field, fault=Fault.INVALID, name=name, cell=cell)


def _of_rows(field: Field, answer: FieldValue | None, today: date, *, is_required: bool) -> Iterator[Found]:
    items = answer.value.items if answer is not None and isinstance(answer.value, Rows) else ()
    if not items and not is_required:
        return
    if not items:
        yield Found(field=field, fault=Fault.REQUIRED)
    elif len(items) < field.min_rows:
        yield Found(field=field, fault=Fault.TOO_FEW)
    elif len(items) > field.max_rows:
        yield Found(field=field, fault=Fault.TOO_MANY)
    for number, row in enumerate(items):
        for cell, name in rows.cells(field, number):
            fault = _of_cell(cell, row.get(cell.code), today)
            if fault is not None:
                yield Found(field=field, fault=fault, name=name, cell=cell)


def _of_cell(cell: Field, value: Value | None, today: date) -> Fault | None:
    if value is None or (cell.type is FieldType.STATEMENT and value is not True):
        return Fault.REQUIRED if cell.required else None
    return _of_value(cell, value, today)


def _of_upload(field: Field, count: int, *, is_required: bool) -> Iterator[Found]:
    if is_required and not count:
        yield Found(field=field, fault=Fault.REQUIRED)
    elif field.upload and count > field.upload.max_files:
        yield Found(field=field, fault=Fault.TOO_MANY)


def _of_value(field: Field, value: Value, today: date) -> Fault | None:
    if isinstance(value, str) and field.type is FieldType.DATE:
        return _of_date(field, value, today)
    if isinstance(value, str):
        limit = field.max_length or DEFAULT_LENGTHS.get(field.type, values.MAX_TYPED)
        return Fault.TOO_LONG if len(value) > limit else None
    if isinstance(value, int) and not isinstance(value, bool):
        if isinstance(field.min, int) and value < field.min:
            return Fault.TOO_SMALL
        if isinstance(field.max, int) and value > field.max:
            return Fault.TOO_LARGE
    return None


def _of_date(field: Field, value: str, today: date) -> Fault | None:
    """Compare as far as the date is known: 2026 is not after 23 November 2026."""
    known = len(value)
    for bound, fault in ((field.min, Fault.TOO_EARLY), (field.max, Fault.TOO_LATE)):
        if bound is None:
            continue
        limit = (today.isoformat() if bound == "today" else str(bound))[:known]
        if (value < limit) if fault is Fault.TOO_EARLY else (value > limit):
            return fault
    return None
