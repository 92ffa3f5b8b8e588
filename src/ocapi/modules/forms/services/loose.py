"""A form filled in without a draft: read from what was posted, decided, and drawn on one page. Pure."""

from datetime import datetime
from uuid import UUID

from ocapi.lib import clock
from ocapi.lib.actor import Subject
from ocapi.modules.forms.data import (
    Answers,
    Draft,
    FieldProblem,
    FieldType,
    FormDefinition,
    LoosePage,
    Typed,
    Value,
    worded,
)
from ocapi.modules.forms.services import checking, pages, rows, values, wording, writing

NOBODY = Subject(kind="nobody", uuid=UUID(int=0))


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
