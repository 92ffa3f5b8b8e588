"""One step of a form as it is drawn, and the summary before sending."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import date, datetime

from django.utils.translation import gettext

from ocapi.lib import clock
from ocapi.modules.forms.data import (
    ADDRESS_PARTS,
    Choice,
    ConditionNote,
    Control,
    Draft,
    DraftSummary,
    ErrorLine,
    Field,
    FieldPage,
    FieldProblem,
    FieldType,
    FieldValue,
    FormDefinition,
    PrefilledField,
    PrefillNote,
    PrefillState,
    Progress,
    RowPage,
    Rows,
    Section,
    SectionPage,
    SummarySection,
    Upload,
    UploadRule,
    Value,
    worded,
)
from ocapi.modules.forms.services import checking, messages, rows, values, wording

_KINDS = {
    FieldType.LONG_TEXT: "textarea",
    FieldType.DATE: "date",
    FieldType.INTEGER: "number",
    FieldType.AMOUNT: "amount",
    FieldType.EMAIL: "email",
    FieldType.TELEPHONE: "tel",
    FieldType.CHOICE: "radio",
    FieldType.MULTIPLE_CHOICE: "checkboxes",
    FieldType.YES_NO: "radio",
    FieldType.UPLOAD: "file",
    FieldType.NATIONAL_NUMBER: "number",
    FieldType.ENTERPRISE_NUMBER: "number",
    FieldType.STATEMENT: "checkbox",
}
_INPUT_MODES = {"number": "numeric", "date": "numeric", "amount": "decimal", "email": "email", "tel": "tel"}
_OWN_ADDRESS = {
    "street_name": "address-line1",
    "postal_code": "postal-code",
    "municipality": "address-level2",
}
_SHORT_PARTS = ("house_number", "box_number", "postal_code")
MANY_OPTIONS = 7  # from here on a list to open is quicker to scan than radio buttons


class _Drawing:
    """What every field of one page needs: the draft, what was typed, the problems, and the words' form."""

    def __init__(
        self,
        draft: Draft,
        section: Section,
        *,
        problems: Sequence[FieldProblem],
        typed: values.Raw | None,
        address_form: str,
        report_href: str,
        today: date,
    ) -> None:
        self.section = section
        self.address_form = address_form
        self.report_href = report_href
        self.today = today
        self.answers: Mapping[str, FieldValue] = {answer.field: answer for answer in draft.answers}
        self.prefill = {each.field: each for each in draft.prefill}
        self.attachments = draft.attachments
        self.asked, self.empty_rows = draft.asked, draft.empty_rows
        # What a choice on the page can still bring into view is no less required for being hidden now.
        self.required = draft.required | {each.code for each in section.fields if each.required}
        self.problems = {problem.field: problem for problem in reversed(problems)}
        self.at_name = {problem.name: problem for problem in reversed(problems)}
        self.texts: dict[str, Sequence[str]] = {each.name: each.texts for each in draft.typed}
        if typed is not None:
            self.texts |= {name: tuple(map(values.clean, texts)) for name, texts in typed.items()}

    def inside(self, texts: Mapping[str, Sequence[str]], *, is_required: bool) -> "_Drawing":
        """Give the same drawing for one question of a row, with its own texts and no problems."""
        made = copy(self)
        made.texts, made.answers, made.prefill, made.problems = dict(texts), {}, {}, {}
        made.required = frozenset(name.split("-")[0] for name in texts) if is_required else frozenset()
        return made

    def words(self, field: Field) -> str:
        return worded(field.label, self.address_form)

    def value_texts(self, field: Field, value: Value | None) -> Mapping[str, Sequence[str]]:
        """Give what stands in the controls of a field: as typed, else as kept."""
        kept: Mapping[str, Sequence[str]] = {} if value is None else values.typed(field, value)
        return {name: self.texts.get(name, kept.get(name, ())) for name in values.names_of(field)}

    def row_texts(self, field: Field, value: Value | None) -> Mapping[str, Sequence[str]]:
        """Give what stands in the cells of a repeat: as typed, else as kept, with the rows just added."""
        if rows.is_posted(field, self.texts):
            return rows.of_field(field, self.texts)
        kept = rows.typed(field, value) if isinstance(value, Rows) else {}
        for _row in range(self.empty_rows.get(field.code, 0)):
            kept = rows.of_field(field, rows.changed(field, kept, without=None))
        return kept


def section_page(
    definition: FormDefinition,
    draft: Draft,
    section: Section,
    *,
    problems: Sequence[FieldProblem],
    typed: values.Raw | None,
    address_form: str,
    report_href: str,
    now: datetime,
) -> SectionPage:
    """Draw one section; fields that hang on an answer of another section stand there only when asked."""
    drawing = _Drawing(
        draft,
        section,
        problems=problems,
        typed=typed,
        address_form=address_form,
        report_href=report_href,
        today=clock.local_day(now),
    )
    codes = [each.code for each in definition.sections]
    place = codes.index(section.code)
    with messages.in_form(address_form):
        fields = tuple(_field(each, drawing) for each in section.fields if _stands_here(each, drawing))
    return SectionPage(
        draft=draft.uuid,
        revision=draft.revision,
        form=definition.code,
        form_title=worded(definition.title, address_form),
        intro=worded(definition.intro, address_form),
        code=section.code,
        title=worded(section.title, address_form),
        help=worded(section.help, address_form),
        number=place + 1,
        count=len(codes),
        previous=codes[place - 1] if place else "",
        next=codes[place + 1] if place + 1 < len(codes) else "",
        fields=fields,
        errors=tuple(
            ErrorLine(text=each.message, control_id=f"id_{each.name or each.field}") for each in problems
        ),
        minutes=definition.minutes,
        expires_on=messages.day(draft.expires_on.isoformat(), drawing.today),
    )


def _stands_here(field: Field, drawing: _Drawing) -> bool:
    if field.code in drawing.asked:
        return True
    if field.show_when is None or field.visible_when:
        return False
    return any(each.code == field.show_when.field for each in drawing.section.fields)


def _field(field: Field, drawing: _Drawing) -> FieldPage:
    prefilled = drawing.prefill.get(field.code)
    is_locked = checking.is_locked(field, prefilled)
    answer = drawing.answers.get(field.code)
    value = answer.value if answer else None
    problem = drawing.problems.get(field.code)
    if field.type is FieldType.REPEAT:
        return _repeat(field, value, drawing)
    is_locked = is_locked or bool(field.calculation)
    is_group = field.type is FieldType.ADDRESS and not is_locked
    return FieldPage(
        code=field.code,
        type=field.type,
        label=drawing.words(field),
        help=worded(field.help, drawing.address_form),
        is_required=field.code in drawing.required,
        is_group=is_group,
        is_calculated=bool(field.calculation),
        controls=_address_controls(field, value, drawing)
        if is_group
        else (_control(field, value, drawing, is_locked=is_locked),),
        error=problem.message if problem else "",
        is_visible=field.code in drawing.asked,
        prefill=_note(field, prefilled, is_locked, drawing) if prefilled else None,
        show_when=_condition(field, drawing),
    )


def _repeat(field: Field, value: Value | None, drawing: _Drawing) -> FieldPage:
    texts, problem = drawing.row_texts(field, value), drawing.problems.get(field.code)
    count = rows.count(field, texts)
    is_own = problem is not None and problem.name in ("", field.code)
    return FieldPage(
        code=field.code,
        type=field.type,
        label=drawing.words(field),
        help=worded(field.help, drawing.address_form),
        is_required=field.code in drawing.required,
        is_group=True,
        controls=(),
        error=problem.message if problem and is_own else "",
        is_visible=field.code in drawing.asked,
        show_when=_condition(field, drawing),
        add_name=f"add-{field.code}" if count < field.max_rows else "",
        rows=tuple(_row(field, number, texts, drawing, count=count) for number in range(count)),
    )


def _row(
    field: Field, number: int, texts: Mapping[str, Sequence[str]], drawing: _Drawing, *, count: int
) -> RowPage:
    return RowPage(
        title=wording.row_title(field, number + 1, address_form=drawing.address_form),
        remove_name=f"remove-{field.code}-{number}" if count > rows.least(field) else "",
        fields=tuple(_cell(field, number, cell, texts, drawing) for cell in field.fields),
    )


def _cell(
    field: Field, number: int, cell: Field, texts: Mapping[str, Sequence[str]], drawing: _Drawing
) -> FieldPage:
    """Draw a question of a row as the same question outside one, under the names of its row."""
    own = {name: texts.get(rows.cell_name(field, number, name), ()) for name in values.names_of(cell)}
    inside = drawing.inside(own, is_required=cell.required)
    is_group = cell.type is FieldType.ADDRESS
    drawn = (
        _address_controls(cell, None, inside)
        if is_group
        else (_control(cell, None, inside, is_locked=False),)
    )
    controls = tuple(_in_row(field, number, control, drawing) for control in drawn)
    first = next((control.error for control in controls if control.error), "")
    return FieldPage(
        code=cell.code,
        type=cell.type,
        label=drawing.words(cell),
        help=worded(cell.help, drawing.address_form),
        is_required=cell.required,
        is_group=is_group,
        controls=controls,
        error=first,
    )


def _in_row(field: Field, number: int, control: Control, drawing: _Drawing) -> Control:
    name = rows.cell_name(field, number, control.name)
    problem = drawing.at_name.get(name)
    return replace(control, name=name, error=problem.message if problem else "", autocomplete="")


def _control(field: Field, value: Value | None, drawing: _Drawing, *, is_locked: bool) -> Control:
    kind = _KINDS.get(field.type, "text")
    if field.type is FieldType.CHOICE and len(field.options) >= MANY_OPTIONS:
        kind = "select"
    texts = drawing.value_texts(field, value)[field.code] if not is_locked else ()
    if is_locked and value is not None:
        kind, texts = "text", (wording.text_of(field, value, address_form=drawing.address_form),)
    problem = drawing.problems.get(field.code)
    drawn = Control(
        name=field.code,
        kind=kind,
        label=drawing.words(field),
        value=next(iter(texts), ""),
        values=tuple(texts) if kind == "checkboxes" else (),
        help=worded(field.help, drawing.address_form),
        error=problem.message if problem else "",
        is_required=field.code in drawing.required,
        options=() if is_locked else _options(field, kind, drawing),
        autocomplete=field.autocomplete,
        inputmode=_INPUT_MODES.get(kind, ""),
        max_length=field.max_length or 0,
        unit="€" if kind == "amount" else field.unit,
    )
    return drawn if field.upload is None else _with_files(drawn, field, field.upload, drawing)


def _with_files(control: Control, field: Field, rule: UploadRule, drawing: _Drawing) -> Control:
    return replace(
        control,
        accepted=tuple(f".{extension}" for extension in rule.accepted),
        max_size=messages.size(rule.max_bytes),
        is_multiple=rule.max_files > 1,
        uploads=tuple(
            Upload(
                file=each.file,
                name=each.name,
                size=messages.size(each.size_bytes),
                remove_name=f"remove-{field.code}-{each.file}",
            )
            for each in drawing.attachments
            if each.field == field.code
        ),
    )


def _options(field: Field, kind: str, drawing: _Drawing) -> tuple[Choice, ...]:
    if field.type is FieldType.YES_NO:
        return Choice(value=values.YES, label=gettext("Yes")), Choice(value=values.NO, label=gettext("No"))
    listed = tuple(
        Choice(value=option.code, label=worded(option.label, drawing.address_form))
        for option in field.options
    )
    return (Choice(value="", label=gettext("Choose…")), *listed) if kind == "select" else listed


def _address_controls(field: Field, value: Value | None, drawing: _Drawing) -> tuple[Control, ...]:
    texts = drawing.value_texts(field, value)
    problem = drawing.problems.get(field.code)
    labels = dict(
        zip(
            ADDRESS_PARTS,
            (
                gettext("Street"),
                gettext("House number"),
                gettext("Box number"),
                gettext("Postal code"),
                gettext("Municipality"),
            ),
            strict=True,
        )
    )
    tokens = _OWN_ADDRESS if field.prefill else {}
    return tuple(
        Control(
            name=name,
            kind="text",
            label=labels[part],
            value=next(iter(texts[name]), ""),
            error=problem.message
            if problem and name == (problem.name or f"{field.code}-street_name")
            else "",
            is_required=field.code in drawing.required and part != "box_number",
            autocomplete=tokens.get(part, ""),
            max_length=100,
            inputmode="numeric" if part == "postal_code" else "",
            width="short" if part in _SHORT_PARTS else "",
        )
        for part, name in zip(ADDRESS_PARTS, values.names_of(field), strict=True)
    )


def _note(field: Field, prefilled: PrefilledField, is_locked: bool, drawing: _Drawing) -> PrefillNote:
    problem = ""
    if prefilled.state is PrefillState.SOURCE_DOWN:
        problem = messages.filled(messages.SOURCE_DOWN, source=prefilled.source_title)
    elif prefilled.state is PrefillState.STALE and is_locked:
        problem = messages.filled(messages.STALE, source=prefilled.source_title)
    return PrefillNote(
        state=prefilled.state,
        source=prefilled.source_title,
        is_locked=is_locked,
        date=messages.day(clock.local_day(prefilled.fetched_at).isoformat(), drawing.today),
        is_disputed=prefilled.is_disputed,
        problem=problem,
        report_href=drawing.report_href.replace("{field}", field.code) if is_locked else "",
    )


def _condition(field: Field, drawing: _Drawing) -> ConditionNote | None:
    condition = field.show_when
    leading = next(
        (each for each in drawing.section.fields if condition and each.code == condition.field), None
    )
    if condition is None or leading is None:
        return None
    answer = wording.text_of(leading, condition.equals, address_form=drawing.address_form)
    text = messages.filled(messages.ASKED_WHEN, answer=answer, question=drawing.words(leading))
    return ConditionNote(
        name=leading.code, value=values.typed(leading, condition.equals)[leading.code][0], text=text
    )


def summary(
    definition: FormDefinition, draft: Draft, *, problems: tuple[FieldProblem, ...], address_form: str
) -> DraftSummary:
    """Write out a whole draft, section by section."""
    answers = {answer.field: answer for answer in draft.answers}
    written = tuple(
        wording.answered(definition, answers, draft.attachments, draft.asked, address_form=address_form)
    )
    progress = {state.code: state.progress for state in draft.sections}
    return DraftSummary(
        draft=draft.uuid,
        revision=draft.revision,
        form=definition.code,
        form_title=worded(definition.title, address_form),
        submit_label=worded(definition.submit_label, address_form),
        problems=problems,
        sections=tuple(
            SummarySection(
                code=section.code,
                title=worded(section.title, address_form),
                is_complete=progress[section.code] is Progress.COMPLETE,
                answers=tuple(each for each in written if each.section == section.code),
            )
            for section in definition.sections
        ),
    )
