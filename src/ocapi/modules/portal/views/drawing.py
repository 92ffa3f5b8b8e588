"""From what forms and cases give to what the design system draws: fields, differences, steps."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ocapi.kernel.ui import data as ui
from ocapi.lib import written
from ocapi.modules.cases.data import StatusStep
from ocapi.modules.cases.data import StepState as CaseStep
from ocapi.modules.forms import api as forms
from ocapi.modules.forms.data import Control, DraftSummary, FieldPage, SectionPage

STEP_STATES = {
    CaseStep.DONE: ui.StepState.DONE,
    CaseStep.CURRENT: ui.StepState.CURRENT,
    CaseStep.TODO: ui.StepState.TODO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a step. note: said above its controls. accept: name of the button that undoes a
    dispute.
    """

    page: FieldPage
    fields: tuple[ui.Field, ...]
    note: str = ""
    accept: str = ""
    rows: tuple["QuestionRow", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """One row of a repeat. mark: name of what says that the row is there. remove: name of its button."""

    title: str
    mark: str
    questions: tuple[Question, ...]
    remove: str


def questions(page: SectionPage) -> tuple[Question, ...]:
    """Give the questions of a step with their controls."""
    return tuple(_question(each) for each in page.fields)


def _question(page: FieldPage) -> Question:
    note = page.prefill
    return Question(
        page=page,
        fields=tuple(forms.field_of(control, page) for control in page.controls),
        note=note.problem if note and (note.is_locked or page.is_group) else "",
        accept=f"accept-{page.code}" if note and note.is_disputed else "",
        rows=tuple(
            QuestionRow(
                title=row.title,
                mark=f"{page.code}-{number}-row",
                questions=tuple(_question(each) for each in row.fields),
                remove=row.remove_name,
            )
            for number, row in enumerate(page.rows)
        ),
    )


def shown(page: FieldPage) -> str:
    """Give the answer of a question as one line of text."""
    inner = (control for row in page.rows for each in row.fields for control in each.controls)
    controls = (*page.controls, *inner)
    return ", ".join(text for control in controls if (text := _shown(control)))


def _shown(control: Control) -> str:
    chosen = control.values or ((control.value,) if control.value else ())
    labels = {option.value: option.label for option in control.options}
    files = tuple(each.name for each in control.uploads)
    return ", ".join((*(labels.get(text, text) for text in chosen), *files))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One question in both versions."""

    label: str
    mine: str
    theirs: str


def differences(*, mine: SectionPage, theirs: SectionPage) -> tuple[Difference, ...]:
    """Give the questions whose answer differs between two versions of one step."""
    pairs = zip(mine.fields, theirs.fields, strict=True)
    rows = (Difference(label=a.label, mine=shown(a), theirs=shown(b)) for a, b in pairs)
    return tuple(row for row in rows if row.mine != row.theirs)


def open_problems(summary: DraftSummary) -> tuple[ui.FieldError, ...]:
    """Give what stops a draft from being sent, each line leading to its section in the summary."""
    return tuple(
        ui.FieldError(
            text=_("{section}: there is something left to fill in").format(section=each.title),
            field_id=f"deel-{each.code}",
        )
        for each in summary.sections
        if not each.is_complete
    )


def steps(found: Sequence[StatusStep]) -> tuple[ui.Step, ...]:
    """Give the status steps of a case."""
    return tuple(
        ui.Step(
            label=each.label,
            state=STEP_STATES[each.state],
            on=written.in_words(each.on) if each.on else "",
            machine_on=each.on.isoformat() if each.on else "",
            text=each.text,
        )
        for each in found
    )
