"""Form definitions: read from a content file, and refused when they contradict themselves."""

from collections.abc import Iterator
from datetime import date

from ocapi.lib import codec
from ocapi.lib.actor import Assurance
from ocapi.modules.forms.data import Field, FieldType, FormDefinition, FormRefused

_WITH_OPTIONS = (FieldType.CHOICE, FieldType.MULTIPLE_CHOICE)
_WITH_CONDITIONS = (FieldType.YES_NO, FieldType.STATEMENT)
_BOUNDED = (FieldType.INTEGER, FieldType.AMOUNT)
ACCEPTED = ("pdf", "jpg", "jpeg", "png")


def read(value: object) -> FormDefinition:
    """Read a decoded definition, or raise MalformedInput for its shape and FormRefused for its sense."""
    definition = codec.convert(value, FormDefinition)
    problems = tuple(_problems(definition))
    if problems:
        raise FormRefused(problems)
    return definition


def assurance(definition: FormDefinition) -> Assurance:
    """Give the level of assurance the form asks of who fills it in."""
    return Assurance[definition.minimum_assurance.upper()]


def _problems(definition: FormDefinition) -> Iterator[str]:
    if definition.minimum_assurance not in ("none", "low", "substantial", "high"):
        yield f"minimum_assurance {definition.minimum_assurance!r}: use none, low, substantial or high"
    if not definition.sections or not all(section.fields for section in definition.sections):
        yield "a form needs a section, and a section a field"
    codes = [section.code for section in definition.sections]
    if len(set(codes)) != len(codes):
        yield "two sections have the same code; codes are unique in a form"
    if definition.draft_days < 1:
        yield "draft_days must be at least 1"
    earlier: dict[str, Field] = {}
    for field in definition.fields:
        if field.code in earlier:
            yield f"{field.code}: two fields have this code; codes are unique in a form"
        yield from (f"{field.code}: {text}" for text in _field_problems(field, earlier))
        earlier[field.code] = field


def _field_problems(field: Field, earlier: dict[str, Field]) -> Iterator[str]:
    if not field.code.isidentifier():
        yield "a code holds letters, digits and underscores only"
    if (field.type in _WITH_OPTIONS) != bool(field.options):
        yield "options go with choice and multiple_choice, and with those only"
    if len({option.code for option in field.options}) != len(field.options):
        yield "two options have the same code"
    if (field.type is FieldType.UPLOAD) != (field.upload is not None):
        yield "an upload field, and only that, has a member upload"
    if field.upload and not set(field.upload.accepted) <= set(ACCEPTED):
        yield f"upload.accepted: use {', '.join(ACCEPTED)}"
    if field.upload and (field.upload.max_files < 1 or field.upload.max_bytes < 1):
        yield "upload: max_files and max_bytes must be at least 1"
    for bound in (field.min, field.max):
        if bound is not None and not _is_bound(field.type, bound):
            yield f"min or max {bound!r} does not fit a field of type {field.type.value}"
    yield from _condition_problems(field, earlier)


def _is_bound(kind: FieldType, bound: int | str) -> bool:
    if kind in _BOUNDED:
        return isinstance(bound, int)
    if kind is not FieldType.DATE or not isinstance(bound, str):
        return False
    try:
        return bound == "today" or bool(date.fromisoformat(bound))
    except ValueError:
        return False


def _condition_problems(field: Field, earlier: dict[str, Field]) -> Iterator[str]:
    if field.show_when is None:
        return
    leading = earlier.get(field.show_when.field)
    if leading is None:
        yield f"show_when names {field.show_when.field}, which is no earlier field"
    elif leading.type in _WITH_CONDITIONS:
        if not isinstance(field.show_when.equals, bool):
            yield "show_when.equals must be true or false for a yes or no"
    elif field.show_when.equals not in {option.code for option in leading.options}:
        yield f"show_when.equals must be an option of {leading.code}"
