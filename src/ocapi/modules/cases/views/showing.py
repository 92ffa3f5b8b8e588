"""From cases to the values that components draw: badges, tables, steps, history."""


from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ocapi.kernel.ui.data import (
    Cell,
    Column,
    ColumnKind,
    Definition,
    NavigationItem,
    PageOf,
    Row,
    Step,
    Table,
    TimelineEvent,
)
from ocapi.kernel.ui.data import StepState as UiStepState
from ocapi.lib import written
from ocapi.modules.cases.data import Action, CaseDetail, CasePage, CaseSummary, HistoryEvent
from ocapi.modules.forms import api as forms

ICONS = {
    Action.RECEIVE: "inbox", Action.ASSIGN: "person", Action.START: "folder", Action.ASK_INFORMATION: "help",
    Action.ANSWER_INFORMATION: "message", Action.DECIDE: "check", Action.CLOSE: "lock",
}


def status_tone(case: CaseSummary) -> str:
    """Give the tone of the status badge."""
    if not case.is_open:
        return "neutral"
    return "success" if case.outcome else "info"


def term_text(case: CaseSummary) -> str:
    """Say in words how the term stands; empty when it no longer counts."""
    if not case.is_open or case.outcome:
        return ""
    if case.is_paused:
        return _("Term paused")
    if case.is_overdue:
        late = -case.days_left
        return ngettext("%(days)s day late", "%(days)s days late", late) % {"days": late}
    if case.days_left == 0:
        return _("Last day")
    return ngettext("%(days)s day left", "%(days)s days left", case.days_left) % {"days": case.days_left}


def term_tone(case: CaseSummary) -> str:
    """Give the tone of the term badge."""
    if not case.is_open or case.outcome or case.is_paused:
        return "neutral"
    return "error" if case.is_overdue else "warning" if case.is_due_soon else "success"


def columns() -> tuple[Column, ...]:
    """Give the columns of the worklist; the codes are the values of `sort`."""
    return (
        Column(code="reference", label=_("Case"), kind=ColumnKind.CODE),
        Column(code="applicant", label=_("Applicant")),
        Column(code="status", label=_("Status")),
        Column(code="receivedOn", label=_("Received"), kind=ColumnKind.DATE, sortable=True),
        Column(code="dueOn", label=_("Term"), kind=ColumnKind.DATE, sortable=True),
        Column(code="left", label=_("Time left")),
        Column(code="assignee", label=_("Handler")),
    )


def table(page: CasePage, *, sort: str, export_href: str, caption: str, empty_title: str, empty_text: str,
          empty_href: str = "", empty_action: str = "") -> Table:
    """Give a worklist as a table."""
    return Table(
        caption=caption, columns=columns(), sort=sort, export_href=export_href, empty_title=empty_title,
        empty_text=empty_text, empty_href=empty_href, empty_action=empty_action,
        page=PageOf(items=tuple(_row(each) for each in page.items), page_size=page.page_size,
                    next_cursor=page.next_cursor, previous_cursor=page.previous_cursor),
    )


def _row(case: CaseSummary) -> Row:
    left = term_text(case).replace(" ", "\N{NO-BREAK SPACE}")  # a badge of two lines is hard to scan
    return Row(highlighted=case.is_overdue, cells=(
        Cell(text=case.reference, href=reverse("cases:detail", kwargs={"case": case.uuid}), note=case.title),
        Cell(text=case.applicant_name),
        Cell(text=case.status_label, tone=status_tone(case)),
        Cell(text=written.in_digits(case.received_on)),
        Cell(text=written.in_digits(case.due_on)),
        Cell(text=left, tone=term_tone(case)) if left else Cell(text="–"),
        Cell(text=handler(case)),
    ))


def handler(case: CaseSummary) -> str:
    """Name the handler as far as the case knows it."""
    if case.assignee is None:
        return _("Nobody yet")
    return case.assignee_name or _("A colleague")


def steps(case: CaseDetail) -> tuple[Step, ...]:
    """Give the way of a case."""
    return tuple(
        Step(
            label=each.label,
            state=UiStepState(each.state.value),
            on=written.in_words(each.on) if each.on else "",
            machine_on=each.on.isoformat() if each.on else "",
        )
        for each in case.steps
    )


def history(events: tuple[HistoryEvent, ...]) -> tuple[TimelineEvent, ...]:
    """Give what happened, newest first."""
    return tuple(
        TimelineEvent(
            title=_action(each),
            on=written.moment_in_words(each.at),
            machine_on=each.at.isoformat(),
            by=each.by,
            icon=ICONS[each.action],
        )
        for each in reversed(events)
    )


def _action(event: HistoryEvent) -> str:
    return {
        Action.RECEIVE: _("Request received"), Action.ASSIGN: _("Handler changed"),
        Action.START: _("Taken in hand"), Action.ASK_INFORMATION: _("Information asked"),
        Action.ANSWER_INFORMATION: _("Answer received"), Action.DECIDE: _("Decision made"),
        Action.CLOSE: _("Case closed"),
    }[event.action]


def facts(case: CaseDetail) -> tuple[Definition, ...]:
    """Give the facts of the head of a case."""
    rows = [
        Definition(term=_("Applicant"), value=case.applicant_name),
        Definition(term=_("Received on"), value=written.in_words(case.received_on)),
        Definition(term=_("Decide by"), value=written.in_words(case.due_on)),
        Definition(term=_("Handler"), value=handler(case)),
        Definition(term=_("Unit"), value=case.unit),
        Definition(term=_("Channel"), value=channel(case.channel)),
    ]
    if case.represented_by:
        rows.insert(1, Definition(term=_("Filed by"), value=case.represented_by))
    return tuple(rows)


def channel(code: str) -> str:
    """Name the channel a case came by."""
    return {"portal": _("E-counter"), "counter": _("Counter"), "api": _("Other application")}.get(code, code)


def answers(case: CaseDetail) -> tuple[Definition, ...]:
    """Give the answers with their source, an empty one said so."""
    return tuple(
        Definition(
            term=each.label, value=each.value or _("Not filled in"),
            source=forms.source_title(source=each.source),
        )
        for each in case.answers
    )


def breadcrumb(request: HttpRequest, *last: tuple[str, str]) -> tuple[NavigationItem, ...]:
    """Give the way from the worklist to here; the last one has no address."""
    first = (NavigationItem(label=_("Worklist"), href=reverse("cases:worklist")),)
    return first + tuple(NavigationItem(label=label, href=href) for label, href in last)
