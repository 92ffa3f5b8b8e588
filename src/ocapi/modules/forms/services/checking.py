"""The rules of a form: which fields are asked, which answer counts, and what is wrong with it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ocapi.modules.forms.data import (
    CITIZEN,
    Fault,
    Field,
    FieldType,
    FieldValue,
    FormDefinition,
    PrefilledField,
    PrefillState,
    Section,
    Value,
)
from ocapi.modules.forms.services import values

DEFAULT_LENGTHS = {FieldType.TEXT: 1_000, FieldType.LONG_TEXT: 10_000, FieldType.EMAIL: 254}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a draft holds, by field code, as far as the rules need it.

    given: answers of the citizen. unreadable: names of controls whose text is no answer, by field code.
    files: how many are attached.
    """

    given: Mapping[str, Value]
    unreadable: Mapping[str, str]
    prefill: Mapping[str, PrefilledField]
    files: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One fault in one field; name: the control it stands at, empty for the first."""

    field: Field
    fault: Fault
    name: str = ""


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
        return FieldValue(field=field.code, value=offered, source=prefilled.source)
    if given is None:
        return None
    unsure = prefilled is not None and (prefilled.is_disputed or prefilled.state is PrefillState.SOURCE_DOWN)
    return FieldValue(field=field.code, value=given, source=CITIZEN, is_to_verify=unsure)


def answers_of(definition: FormDefinition, filled: Filled) -> dict[str, FieldValue]:
    """Give the answers that count of the fields that are asked, by field code, in order.

    A field is asked when its condition holds for the answer of an earlier field that is itself asked.
    """
    answers: dict[str, FieldValue] = {}
    for field in definition.fields:
        if is_asked(field, answers) and (answer := answer_of(field, filled)) is not None:
            answers[field.code] = answer
    return answers


def is_asked(field: Field, answers: Mapping[str, FieldValue]) -> bool:
    """Tell whether a field is asked, given the answers of the fields before it."""
    if field.show_when is None:
        return True
    leading = answers.get(field.show_when.field)
    if leading is None:
        return False
    if isinstance(leading.value, tuple):
        return field.show_when.equals in leading.value
    return leading.value == field.show_when.equals and type(leading.value) is type(field.show_when.equals)


def faults(
    definition: FormDefinition, filled: Filled, *, today: date, section: Section | None = None
) -> list[Found]:
    """List what is wrong, in order, in one section or in the whole form."""
    answers = answers_of(definition, filled)
    wanted = tuple(section.fields) if section else tuple(definition.fields)
    return [
        found
        for field in wanted
        if is_asked(field, answers)
        for found in _of_field(field, filled, answers, today)
    ]


def _of_field(
    field: Field, filled: Filled, answers: Mapping[str, FieldValue], today: date
) -> Iterator[Found]:
    if field.type is FieldType.UPLOAD:
        yield from _of_upload(field, filled.files.get(field.code, 0))
        return
    locked = is_locked(field, filled.prefill.get(field.code))
    if locked:
        return  # what the source says is not for the citizen to repair
    if field.code in filled.unreadable:
        yield Found(field=field, fault=Fault.INVALID, name=filled.unreadable[field.code])
        return
    answer = answers.get(field.code)
    if answer is None or (field.type is FieldType.STATEMENT and answer.value is not True):
        if field.required:
            yield Found(field=field, fault=Fault.REQUIRED)
        return
    fault = _of_value(field, answer.value, today)
    if fault is not None:
        yield Found(field=field, fault=fault)


def _of_upload(field: Field, count: int) -> Iterator[Found]:
    if field.required and not count:
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
