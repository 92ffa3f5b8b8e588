"""Edits of a working copy: each gives a new definition, whatever the linter thinks of it. Pure."""

from dataclasses import replace

from ocapi.modules.forms.data import (
    Difference,
    Edit,
    EditRefused,
    Field,
    FormDefinition,
    Move,
    Place,
    Remove,
    Section,
    SetField,
    SetForm,
    SetSection,
)
from ocapi.modules.forms.services import writing
from ocapi.modules.forms.services.definitions import MAX_CODE, MAX_FIELDS, MAX_SECTIONS


def edited(definition: FormDefinition, edit: Edit) -> FormDefinition:
    """Give the definition after an edit; raises EditRefused."""
    if isinstance(edit, SetForm):
        return replace(
            definition,
            title=edit.title,
            intro=edit.intro,
            submit_label=edit.submit_label,
            minimum_assurance=edit.minimum_assurance,
            minutes=edit.minutes,
            draft_days=edit.draft_days,
            personal_purpose=edit.personal_purpose,
            service=edit.service,
            case_type=edit.case_type,
            is_internal=edit.is_internal,
        )
    if isinstance(edit, SetSection):
        return _with_section(definition, edit)
    if isinstance(edit, SetField):
        return _with_field(definition, edit)
    if isinstance(edit, Move):
        return _moved(definition, edit)
    return _without(definition, edit)


def _require_code(code: str) -> None:
    plain = code.replace("-", "_")
    if not plain.isidentifier() or not code.isascii() or len(code) > MAX_CODE:
        raise EditRefused("codeRefused")


def _with_section(definition: FormDefinition, edit: SetSection) -> FormDefinition:
    _require_code(edit.code)
    if any(each.code == edit.code for each in definition.sections):
        sections = tuple(
            replace(each, title=edit.title, help=edit.help) if each.code == edit.code else each
            for each in definition.sections
        )
        return replace(definition, sections=sections)
    if len(definition.sections) >= MAX_SECTIONS:
        raise EditRefused("tooLarge")
    made = Section(code=edit.code, title=edit.title, help=edit.help, fields=())
    return replace(definition, sections=(*definition.sections, made))


def _with_field(definition: FormDefinition, edit: SetField) -> FormDefinition:
    _require_code(edit.field.code)
    if edit.repeat:
        held = definition.find_field(edit.repeat)
        if held is None:
            raise EditRefused("fieldUnknown")
        fields = _put(held.fields, edit.field, edit.replaces)
        return _with_field(
            definition, SetField(section=edit.section, field=replace(held, fields=fields), replaces=held.code)
        )
    taken = {each.code for each in definition.fields} - {edit.replaces}
    if edit.field.code in taken:
        raise EditRefused("codeTaken")
    if len(taken) >= MAX_FIELDS:
        raise EditRefused("tooLarge")
    if not any(each.code == edit.section for each in definition.sections):
        raise EditRefused("sectionUnknown")
    sections = tuple(
        replace(each, fields=_put(each.fields, edit.field, edit.replaces))
        if each.code == edit.section
        else each
        for each in definition.sections
    )
    return replace(definition, sections=sections)


def _put(fields: tuple[Field, ...], field: Field, replaces: str) -> tuple[Field, ...]:
    if not replaces:
        if any(each.code == field.code for each in fields):
            raise EditRefused("codeTaken")
        return (*fields, field)
    if not any(each.code == replaces for each in fields):
        raise EditRefused("fieldUnknown")
    return tuple(field if each.code == replaces else each for each in fields)


def _moved(definition: FormDefinition, edit: Move) -> FormDefinition:
    step = -1 if edit.to is Place.UP else 1
    sections = list(definition.sections)
    if edit.is_section:
        place = _place([each.code for each in sections], edit.code, "sectionUnknown")
        return replace(definition, sections=tuple(_shifted(sections, place, step)))
    for number, section in enumerate(sections):
        codes = [each.code for each in section.fields]
        if edit.code not in codes:
            continue
        place, fields = codes.index(edit.code), list(section.fields)
        beside = number + step
        if 0 <= place + step < len(fields):
            sections[number] = replace(section, fields=tuple(_shifted(fields, place, step)))
        elif 0 <= beside < len(sections):
            field, other = fields.pop(place), sections[beside]
            joined = (*other.fields, field) if step < 0 else (field, *other.fields)
            sections[number] = replace(section, fields=tuple(fields))
            sections[beside] = replace(other, fields=joined)
        return replace(definition, sections=tuple(sections))
    raise EditRefused("fieldUnknown")


def _place(codes: list[str], code: str, reason: str) -> int:
    if code not in codes:
        raise EditRefused(reason)
    return codes.index(code)


def _shifted(held: list[Field] | list[Section], place: int, step: int) -> list[Field] | list[Section]:
    if 0 <= place + step < len(held):
        held[place], held[place + step] = held[place + step], held[place]  # type: ignore[call-overload]
    return held


def _without(definition: FormDefinition, edit: Remove) -> FormDefinition:
    if edit.is_section:
        kept = tuple(each for each in definition.sections if each.code != edit.code)
        if len(kept) == len(definition.sections):
            raise EditRefused("sectionUnknown")
        return replace(definition, sections=kept)
    if definition.find_field(edit.code) is None:
        raise EditRefused("fieldUnknown")
    sections = tuple(
        replace(each, fields=tuple(field for field in each.fields if field.code != edit.code))
        for each in definition.sections
    )
    return replace(definition, sections=sections)


def differences(old: FormDefinition, new: FormDefinition) -> tuple[Difference, ...]:
    """Give what differs between two definitions: members of the form, then sections and fields by code."""
    before, after = _by_place(old), _by_place(new)
    return tuple(
        Difference(at=at, member=member, old=before.get((at, member), ""), new=after.get((at, member), ""))
        for at, member in dict.fromkeys((*before, *after))
        if before.get((at, member), "") != after.get((at, member), "")
    )


def _by_place(definition: FormDefinition) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    form = writing.plain(definition)
    assert isinstance(form, dict)
    for member, value in form.items():
        if member not in ("sections", "version"):
            found["", member] = writing.shown(value)
    for number, section in enumerate(definition.sections, start=1):
        found[section.code, "place"] = str(number)
        found[section.code, "title"] = writing.shown(writing.plain(section.title))
        found[section.code, "help"] = writing.shown(writing.plain(section.help))
        for place, field in enumerate(section.fields, start=1):
            members = writing.plain(field)
            assert isinstance(members, dict)
            found[field.code, "place"] = f"{section.code} {place}"
            for member, value in members.items():
                found[field.code, member] = writing.shown(value)
    return found
