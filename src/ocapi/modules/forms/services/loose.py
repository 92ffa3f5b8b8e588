"""A form filled in without a draft: read from what was posted, decided, and drawn on one page. Pure."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from ocapi.lib import clock
from ocapi.lib.actor import Subject
from ocapi.modules.forms.data import (
    Answers,
    Draft,
    FieldPage,
    FieldProblem,
    FieldType,
    FormDefinition,
    LoosePage,
    Section,
    Typed,
    Value,
    worded,
)
from ocapi.modules.forms.services import checking, pages, rows, values, wording, writing

NOBODY = Subject(kind="nobody", uuid=UUID(int=0))
EXAMPLE = "voorbeeld-"  # before the name of each control, which stands beside the inputs that change it


def page(
    definition: FormDefinition,
    raw: values.Raw | None,
    *,
    now: datetime,
    address_form: str,
    allow_synthetic: bool,
) -> LoosePage:
    """Give the form on one page; raw: what was posted, None when it is shown for the first time."""
    pressed = next((found for each in definition.sections if (found := rows.pressed(each, raw or {}))), None)
    if raw is not None and pressed:
        raw = rows.changed(pressed[0], raw, without=pressed[1])
    filled = _filled(definition, raw or {}, now=now, allow_synthetic=allow_synthetic)
    decided = checking.decide(definition, filled, now=now)
    today = clock.local_day(now)
    found = checking.faults(definition, filled, now=now, decided=decided)
    problems = wording.problems_of(found, address_form=address_form, today=today)
    shown = () if raw is None or pressed else problems
    draft = _draft(definition, filled, decided, raw or {}, now=now)
    return LoosePage(
        title=worded(definition.title, address_form),
        intro=worded(definition.intro, address_form),
        submit_label=worded(definition.submit_label, address_form),
        sections=tuple(
            pages.section_page(
                definition,
                draft,
                section,
                problems=_of_section(shown, section.fields),
                typed=raw,
                address_form=address_form,
                report_href="",
                now=now,
            )
            for section in definition.sections
        ),
        answers=Answers(
            form=definition.code,
            version=definition.version,
            sha256=writing.sha256(definition),
            facts=decided.facts,
            answers=tuple(
                wording.answered(definition, decided.answers, (), decided.asked, address_form=address_form)
            ),
            problems=problems,
        ),
    )


def _of_section(problems: tuple[FieldProblem, ...], fields: tuple[object, ...]) -> tuple[FieldProblem, ...]:
    codes = {getattr(field, "code", "") for field in fields}
    return tuple(each for each in problems if each.field in codes)


def _filled(
    definition: FormDefinition, raw: values.Raw, *, now: datetime, allow_synthetic: bool
) -> checking.Filled:
    given: dict[str, Value] = {}
    unreadable: dict[str, str] = {}
    for field in definition.fields:
        read = rows.read if field.type is FieldType.REPEAT else values.read
        try:
            value = read(field, raw, today=clock.local_day(now), allow_synthetic=allow_synthetic)
        except values.Unreadable as refused:
            unreadable[field.code] = refused.name
            continue
        if value is not None:
            given[field.code] = value
    return checking.Filled(given=given, unreadable=unreadable, prefill={}, files={})


def _draft(
    definition: FormDefinition,
    filled: checking.Filled,
    decided: checking.Decided,
    raw: values.Raw,
    *,
    now: datetime,
) -> Draft:
    return Draft(
        uuid=NOBODY.uuid,
        form=definition.code,
        version=definition.version,
        owner=NOBODY,
        revision=0,
        sections=(),
        answers=tuple(decided.answers.values()),
        asked=decided.asked,
        required=decided.required,
        empty_rows={},
        typed=tuple(Typed(name=name, texts=tuple(texts)) for name, texts in raw.items()),
        prefill=(),
        attachments=(),
        started_at=now,
        saved_at=now,
        expires_on=clock.local_day(now),
    )


def example(definition: FormDefinition, *, section: str, now: datetime, address_form: str) -> LoosePage:
    """Give a section as it looks, or every one for a code that is none; each question of it stands there.

    What hangs on another answer stands there under a note that says so. Names begin with EXAMPLE.
    """
    chosen = tuple(each for each in definition.sections if each.code == section) or definition.sections
    always = replace(definition, sections=tuple(map(_always, chosen)))
    drawn = page(always, None, now=now, address_form=address_form, allow_synthetic=False)
    hanging = {each.code for part in chosen for each in part.fields if each.show_when or each.visible_when}
    return replace(
        drawn,
        sections=tuple(
            replace(part, fields=tuple(_as_example(each, each.code in hanging) for each in part.fields))
            for part in drawn.sections
        ),
    )


def _always(section: Section) -> Section:
    fields = tuple(replace(each, show_when=None, visible_when="", checks=()) for each in section.fields)
    return replace(section, fields=fields)


def _as_example(field: FieldPage, is_hanging: bool) -> FieldPage:
    note = gettext("This question is asked only after certain answers.") if is_hanging else ""
    return replace(
        field,
        code=EXAMPLE + field.code,
        help=f"{note} {field.help}".strip(),
        controls=tuple(
            replace(each, name=EXAMPLE + each.name, autocomplete="", help=f"{note} {each.help}".strip())
            if not field.is_group
            else replace(each, name=EXAMPLE + each.name, autocomplete="")
            for each in field.controls
        ),
        rows=tuple(
            replace(row, fields=tuple(_as_example(each, is_hanging=False) for each in row.fields))
            for row in field.rows
        ),
    )
