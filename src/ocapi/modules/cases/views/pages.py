"""The page of one case, and the page that stands in its place when a colleague was faster."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Definition
from ocapi.lib import written
from ocapi.modules.cases import api
from ocapi.modules.cases.data import Action, CaseChanged, CaseDetail
from ocapi.modules.cases.views import showing

OPERATIONS = {
    Action.START: "cases.start",
    Action.ASSIGN: "cases.assign",
    Action.ASK_INFORMATION: "cases.ask_information",
    Action.ANSWER_INFORMATION: "cases.answer_information",
    Action.DECIDE: "cases.decide",
    Action.CLOSE: "cases.close",
}


@require_GET
def detail(request: HttpRequest, case: UUID) -> HttpResponse:
    """Show a case with answers, files, letters, history and what can be done now."""
    return show(request, api.get_case(case=case, actor=request.actor, now=request.now))  # type: ignore[attr-defined]


def show(request: HttpRequest, case: CaseDetail, *, status: int = 200, warning: str = "") -> HttpResponse:
    """Draw the page of a case."""
    may = {action.value: action in case.allowed_actions and access.may(request.actor, operation)  # type: ignore[attr-defined]
           for action, operation in OPERATIONS.items()}
    return ui.page(
        request,
        "cases/case.html",
        status=status,
        title=f"{case.title} {case.reference}",
        case=case,
        may=may,
        warning=warning,
        is_mine=case.assignee == request.actor.person,
        facts=showing.facts(case),  # type: ignore[attr-defined]
        answers=showing.answers(case),
        steps=showing.steps(case),
        events=showing.history(case.history),
        term_text=showing.term_text(case),
        term_tone=showing.term_tone(case),
        status_tone=showing.status_tone(case),
        messages=[
            (
                each,
                written.moment_in_words(each.asked_at),
                written.in_words(each.answer_by),
                written.moment_in_words(each.answered_at) if each.answered_at else "",
            )
            for each in case.messages
        ],
        letters=[(each, written.moment_in_words(each.sent_at)) for each in case.documents],
        files=[
            (each, written.moment_in_words(each.added_at), size(each.size_bytes)) for each in case.attachments
        ],
        decided_on=written.moment_in_words(case.decision.decided_at) if case.decision else "",
        crumbs=showing.breadcrumb(request, (case.reference, "")),
    )


def changed(request: HttpRequest, *, refused: CaseChanged, typed: tuple[Definition, ...], action: Action,
            hidden: tuple[tuple[str, str], ...], post_href: str) -> HttpResponse:
    """Show both versions: what was typed, what the colleague did, and the way to send it all the same."""
    theirs = refused.theirs
    is_possible = action in api.allowed_actions(case=theirs.uuid, actor=request.actor)  # type: ignore[attr-defined]
    return ui.page(
        request,
        "cases/changed.html",
        status=409,
        title=_("A colleague changed this case in the meantime"),
        case=theirs,
        typed=typed,
        hidden=hidden,
        post_href=post_href,
        is_possible=is_possible,
        events=showing.history(refused.since),
        handler=showing.handler(theirs),
        due_on=written.in_words(theirs.due_on),
        status_tone=showing.status_tone(theirs),
        case_href=reverse("cases:detail", kwargs={"case": theirs.uuid}),
        crumbs=showing.breadcrumb(request, (theirs.reference, "")),
    )


def size(size_bytes: int) -> str:
    """Write a size the Dutch way, in kB or MB."""
    if size_bytes < 1_000_000:
        return f"{max(1, round(size_bytes / 1000))} kB"
    return f"{size_bytes / 1_000_000:.1f} MB".replace(".", ",")
