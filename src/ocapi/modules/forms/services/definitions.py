"""Form definitions: read from a content file, and refused when they contradict themselves."""

import re
from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext_noop

from ocapi.lib import codec
from ocapi.lib.actor import Assurance
from ocapi.modules.forms.data import (
    Field,
    FieldType,
    Finding,
    FormDefinition,
    FormRefused,
    Section,
    Severity,
    Wording,
    Words,
)
from ocapi.modules.forms.services import deciding, messages, ruling
from ocapi.modules.forms.services.rows import MARK, MOST_ROWS

WITH_OPTIONS = (FieldType.CHOICE, FieldType.MULTIPLE_CHOICE)
NOT_IN_ROWS = (FieldType.REPEAT, FieldType.UPLOAD)
ACCEPTED = ("pdf", "jpg", "jpeg", "png")
LEVELS = ("none", "low", "substantial", "high")
MAX_SECTIONS = 50
MAX_FIELDS = 300
MAX_OPTIONS = 300
MAX_WORDS = 2_000  # characters of one text
MAX_CODE = 40
_WITH_CONDITIONS = (FieldType.YES_NO, FieldType.STATEMENT)
_BOUNDED = (FieldType.INTEGER, FieldType.AMOUNT)
_MARKUP = re.compile(r"<\s*[a-z/!?]|&(lt|#\d+|#x[0-9a-f]+);|javascript\s*:", re.IGNORECASE)
HANDED_OVER = frozenset({"case", "reference", "to_verify", "municipality", "outcome", "motivation"})
"""Names a process gets beside the answers; no field may have one."""


def read(value: object) -> FormDefinition:
    """Read a decoded definition, or raise MalformedInput for its shape and FormRefused for its sense."""
    definition = codec.convert(value, FormDefinition)
    errors = (each for each in findings(definition) if each.severity is Severity.ERROR)
    problems = tuple(messages.plainly(each) for each in errors)
    if problems:
        raise FormRefused(problems)
    return definition


def assurance(definition: FormDefinition) -> Assurance:
    """Give the level of assurance the form asks of who fills it in."""
    return Assurance[definition.minimum_assurance.upper()]


def _found(text: str, *, at: str = "", **values: object) -> Finding:
    return Finding(
        at=at, text=text, values={name: str(value) for name, value in values.items()}, severity=Severity.ERROR
    )


def findings(definition: FormDefinition) -> Iterator[Finding]:
    """Give everything that makes a definition unusable, in the order of the form."""
    if definition.minimum_assurance not in LEVELS:
        yield _found(
            gettext_noop("minimum_assurance {level}: use none, low, substantial or high"),
            level=definition.minimum_assurance,
        )
    if not definition.sections or not all(section.fields for section in definition.sections):
        yield _found(gettext_noop("A form needs a section, and a section a field. Add one."))
    codes = [section.code for section in definition.sections]
    if len(set(codes)) != len(codes):
        yield _found(gettext_noop("Two sections have the same code. Codes are unique in a form."))
    if definition.is_internal and (definition.service or definition.case_type):
        yield _found(
            gettext_noop("A form for members of staff has no service and no case type. Leave them out.")
        )
    if not 1 <= definition.draft_days <= 366:
        yield _found(gettext_noop("draft_days must be at least 1 and at most 366."))
    fields = tuple(definition.fields)
    if len(codes) > MAX_SECTIONS or len(fields) + sum(len(each.fields) for each in fields) > MAX_FIELDS:
        yield _found(
            gettext_noop("This form is too long: at most {sections} sections and {fields} questions."),
            sections=MAX_SECTIONS,
            fields=MAX_FIELDS,
        )
        return
    for section in definition.sections:
        yield from _words_of_section(section)
    for words in (definition.title, definition.submit_label, definition.intro):
        yield from words_findings(words, at="")
    yield from _fields_findings(definition)
    yield from ruling.findings(definition)


def _words_of_section(section: Section) -> Iterator[Finding]:
    yield from words_findings(section.title, at=section.code)
    yield from words_findings(section.help, at=section.code)


def _fields_findings(definition: FormDefinition) -> Iterator[Finding]:
    earlier: dict[str, Field] = {}
    for field in definition.fields:
        if field.code in earlier:
            yield _found(
                gettext_noop("Two fields have this code. Codes are unique in a form."), at=field.code
            )
        yield from _field_findings(field)
        yield from _condition_findings(field, earlier)
        earlier[field.code] = field
    for field in definition.fields:
        yield from _row_findings(field, frozenset(earlier))


def _field_findings(field: Field) -> Iterator[Finding]:
    at = field.code
    if not field.code.isidentifier() or not field.code.isascii() or len(field.code) > MAX_CODE:
        yield _found(gettext_noop("A code holds letters, digits and underscores only, at most 40."), at=at)
    elif field.code in ruling.TAKEN or field.code in HANDED_OVER:
        yield _found(
            gettext_noop("This code means something else in rules and processes. Choose another one."), at=at
        )
    if (field.type in WITH_OPTIONS) != bool(field.options):
        yield _found(gettext_noop("Options go with choice and multiple_choice, and with those only."), at=at)
    if len({option.code for option in field.options}) != len(field.options):
        yield _found(gettext_noop("Two options have the same code. Give each its own."), at=at)
    if len(field.options) > MAX_OPTIONS:
        yield _found(gettext_noop("There are more than 300 options. Use a shorter list."), at=at)
    if (field.type is FieldType.UPLOAD) != (field.upload is not None):
        yield _found(gettext_noop("An upload field, and only that, says which files it takes."), at=at)
    if field.upload and not set(field.upload.accepted) <= set(ACCEPTED):
        yield _found(gettext_noop("upload.accepted: use {kinds}."), at=at, kinds=", ".join(ACCEPTED))
    if field.upload and not field.upload.accepted:
        yield _found(gettext_noop("upload.accepted: use {kinds}."), at=at, kinds=", ".join(ACCEPTED))
    if field.upload and (field.upload.max_files < 1 or field.upload.max_bytes < 1):
        yield _found(gettext_noop("Upload: max_files and max_bytes must be at least 1."), at=at)
    for bound in (field.min, field.max):
        if bound is not None and not _is_bound(field.type, bound):
            yield _found(
                gettext_noop("min or max {bound} does not fit a field of type {kind}."),
                at=at,
                bound=repr(bound),
                kind=field.type.value,
            )
    yield from _calculation_findings(field)
    for words in (field.label, field.help, field.row_title, *(option.label for option in field.options)):
        yield from words_findings(words, at=at)
    for own in (*field.errors.values(), *(check.message for check in field.checks)):
        yield from words_findings(own, at=at)


def _calculation_findings(field: Field) -> Iterator[Finding]:
    if field.calculation and field.type not in deciding.COMPUTABLE:
        yield _found(
            gettext_noop("A field of type {kind} can't be calculated. Use a text, number, date or choice."),
            at=field.code,
            kind=field.type.value,
        )
    if field.calculation and (field.required or field.required_when or field.prefill):
        yield _found(
            gettext_noop("A calculated field is not typed: take away required and prefill."), at=field.code
        )


def words_findings(words: Words | None, *, at: str) -> Iterator[Finding]:
    """Give what is wrong with a text: markup in it, a missing address form, too long."""
    texts = (words.formal, words.informal) if isinstance(words, Wording) else (words or "",)
    if isinstance(words, Wording) and not all(text.strip() for text in texts):
        yield _found(gettext_noop("A text is there in one address form only. Fill in both."), at=at)
    for text in dict.fromkeys(texts):
        if _MARKUP.search(text):
            yield _found(
                gettext_noop("“{words}” holds markup or a script. Texts are plain: take it out."),
                at=at,
                words=text[:60],
            )
        if len(text) > MAX_WORDS:
            yield _found(gettext_noop("A text is longer than 2,000 characters. Shorten it."), at=at)


def _row_findings(field: Field, codes: frozenset[str]) -> Iterator[Finding]:
    at = field.code
    if field.type is FieldType.REPEAT and not field.fields:
        yield _found(gettext_noop("These rows have no question yet. Add one."), at=at)
    if field.type is not FieldType.REPEAT and field.fields:
        yield _found(gettext_noop("Only a repeat has questions of its own. Take them out."), at=at)
    if not 0 <= field.min_rows <= field.max_rows <= MOST_ROWS or field.max_rows < 1:
        yield _found(
            gettext_noop("A repeat has at most {most} rows, and min_rows is not more than max_rows."),
            at=at,
            most=MOST_ROWS,
        )
    seen: set[str] = set()
    for cell in field.fields:
        if cell.code in seen or cell.code in codes or cell.code == MARK:
            yield _found(
                gettext_noop("{code} is used twice, or is the name of a row. Choose another code."),
                at=at,
                code=cell.code,
            )
        if cell.type in NOT_IN_ROWS or cell.prefill or cell.show_when or _is_ruled(cell):
            yield _found(
                gettext_noop("{code}: a row takes no repeat, file, prefill, condition or calculation."),
                at=at,
                code=cell.code,
            )
        seen.add(cell.code)
        yield from _field_findings(cell)


def _is_ruled(cell: Field) -> bool:
    return bool(cell.visible_when or cell.required_when or cell.calculation)


def _is_bound(kind: FieldType, bound: int | str) -> bool:
    if kind in _BOUNDED:
        return isinstance(bound, int)
    if kind is not FieldType.DATE or not isinstance(bound, str):
        return False
    try:
        return bound == "today" or bool(date.fromisoformat(bound))
    except ValueError:
        return False


def _condition_findings(field: Field, earlier: dict[str, Field]) -> Iterator[Finding]:
    if field.show_when is None:
        return
    leading = earlier.get(field.show_when.field)
    if leading is None:
        yield _found(
            gettext_noop("show_when names {code}, which is no earlier field."),
            at=field.code,
            code=field.show_when.field,
        )
    elif leading.type in _WITH_CONDITIONS:
        if not isinstance(field.show_when.equals, bool):
            yield _found(
                gettext_noop("show_when.equals must be true or false for a yes or no."), at=field.code
            )
    elif field.show_when.equals not in {option.code for option in leading.options}:
        yield _found(
            gettext_noop("show_when.equals must be an option of {code}."), at=field.code, code=leading.code
        )
