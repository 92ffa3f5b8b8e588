"""What a clerk does to a case: one input, one call, one answer; nothing typed is lost."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Definition
from ocapi.modules.cases import api
from ocapi.modules.cases.data import Action, CaseChanged, CaseDetail, InvalidTransition
from ocapi.modules.cases.views import pages, showing
from ocapi.modules.cases.views.inputs import DecisionInput, TextInput, revision_of


@require_POST
def start(request: HttpRequest, case: UUID) -> HttpResponse:
    """Take a new case in hand."""
    return _done(request, case, Action.START, lambda: api.start(
        case=case, actor=request.actor, now=request.now, revision=revision_of(request)))  # type: ignore[attr-defined]


@require_POST
def assign(request: HttpRequest, case: UUID) -> HttpResponse:
    """Assign a case to oneself."""
    return _done(request, case, Action.ASSIGN, lambda: api.assign(
        case=case, to=request.actor.person, actor=request.actor, now=request.now,  # type: ignore[attr-defined]
        revision=revision_of(request)))


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, case: UUID) -> HttpResponse:
    """Ask the applicant for information."""
    access.require(request.actor, "cases.ask_information")  # type: ignore[attr-defined]
    if request.method != "POST":
        return _text_page(request, case, TextInput(), Action.ASK_INFORMATION)
    typed = TextInput.read(request.POST)
    if typed.error:
        return _text_page(request, case, typed, Action.ASK_INFORMATION, status=422)
    return _done(
        request, case, Action.ASK_INFORMATION, lambda: api.ask_information(
            case=case, question=typed.text, actor=request.actor, now=request.now,  # type: ignore[attr-defined]
            revision=revision_of(request)),
        typed=(Definition(term=_("Question"), value=typed.text),), hidden=(("text", typed.text),))


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, case: UUID) -> HttpResponse:
    """Write down an answer that came by telephone or on paper."""
    if request.method != "POST":
        return _text_page(request, case, TextInput(), Action.ANSWER_INFORMATION)
    typed = TextInput.read(request.POST)
    if typed.error:
        return _text_page(request, case, typed, Action.ANSWER_INFORMATION, status=422)
    return _done(
        request, case, Action.ANSWER_INFORMATION, lambda: api.answer_information(
            case=case, text=typed.text, attachments=(), actor=request.actor, now=request.now),  # type: ignore[attr-defined]
        typed=(Definition(term=_("Answer"), value=typed.text),), hidden=(("text", typed.text),))


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, case: UUID) -> HttpResponse:
    """Decide, after a look at the letter when the clerk asks for it."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "cases.decide")
    shown = api.get_case(case=case, actor=actor, now=now)
    if request.method != "POST":
        ready = api.propose_motivation(case=case, actor=actor, now=now)
        return _decision_page(request, shown, DecisionInput(motivation=ready), revision=shown.revision)
    typed = DecisionInput.read(request.POST, outcomes=shown.outcomes)
    if "edit" in request.POST:
        return _decision_page(request, shown, replace(typed, errors={}), revision=revision_of(request))
    if typed.errors:
        return _decision_page(request, shown, typed, revision=revision_of(request), status=422)
    if "preview" in request.POST:
        letter = api.preview_decision(
            case=case, outcome=typed.outcome, motivation=typed.motivation, actor=actor, now=now)
        return ui.page(
            request,
            "cases/preview.html",
            title=_("Preview of the letter"),
            letter=letter,
            typed=typed,
            revision=revision_of(request),
            crumbs=_crumbs(request, shown),
        )
    label = next(each.label for each in shown.outcomes if each.code == typed.outcome)
    return _done(
        request,
        case,
        Action.DECIDE,
        lambda: api.decide(
            case=case,
            outcome=typed.outcome,
            motivation=typed.motivation,
            actor=actor,
            now=now,
            revision=revision_of(request),
        ),
        typed=(
            Definition(term=_("Decision"), value=label),
            Definition(term=_("Motivation"), value=typed.motivation),
        ),
        hidden=(("outcome", typed.outcome), ("motivation", typed.motivation)),
    )


@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, case: UUID) -> HttpResponse:
    """Close a case after the question whether that is meant."""
    access.require(request.actor, "cases.close")  # type: ignore[attr-defined]
    if request.method == "POST":
        return _done(request, case, Action.CLOSE, lambda: api.close(
            case=case, actor=request.actor, now=request.now, revision=revision_of(request)))  # type: ignore[attr-defined]
    shown = api.get_case(case=case, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    if Action.CLOSE not in shown.allowed_actions:
        return _not_now(request, shown)
    return ui.page(
        request, "cases/close.html", title=_("Close this case?"), case=shown, crumbs=_crumbs(request, shown)
    )


def _done(request: HttpRequest, case: UUID, action: Action, act: Callable[[], object], *,
          typed: tuple[Definition, ...] = (), hidden: tuple[tuple[str, str], ...] = ()) -> HttpResponse:
    """Run a change and go back to the case, or show why it did not happen."""
    try:
        act()
    except CaseChanged as refused:
        return pages.changed(
            request, refused=refused, typed=typed, action=action, hidden=hidden, post_href=request.path
        )
    except InvalidTransition:
        shown = api.get_case(case=case, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
        return _not_now(request, shown)
    return ui.redirect("cases:detail", case=case)


def _not_now(request: HttpRequest, shown: CaseDetail) -> HttpResponse:
    warning = _("This is not possible in the status “{status}”. Nothing was changed.").format(
        status=shown.status_label
    )
    return pages.show(request, shown, status=409, warning=warning)


def _crumbs(request: HttpRequest, shown: CaseDetail) -> tuple[object, ...]:
    href = reverse("cases:detail", kwargs={"case": shown.uuid})
    return showing.breadcrumb(request, (shown.reference, href), (_("Action"), ""))


def _text_page(request: HttpRequest, case: UUID, typed: TextInput, action: Action, *, status: int = 200
               ) -> HttpResponse:
    shown = api.get_case(case=case, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    if action not in shown.allowed_actions:
        return _not_now(request, shown)
    if action is Action.ASK_INFORMATION:
        title, button = _("Ask for information"), _("Send the question")
        field = typed.field(label=_("Question to the applicant"), help=_(
            "One question at a time, in plain words. The applicant gets a letter and a message."))
    else:
        title, button = _("Write down an answer"), _("Save the answer")
        field = typed.field(label=_("Answer of the applicant"))
    question = next((each.question for each in reversed(shown.messages) if each.answered_at is None), "")
    return ui.page(
        request, "cases/text.html", status=status, title=title, case=shown, fields=(field,), button=button,
        revision=revision_of(request) or shown.revision, crumbs=_crumbs(request, shown),
        question=question if action is Action.ANSWER_INFORMATION else "",
    )


def _decision_page(request: HttpRequest, shown: CaseDetail, typed: DecisionInput, *, revision: int,
                   status: int = 200) -> HttpResponse:
    if Action.DECIDE not in shown.allowed_actions and revision == shown.revision:
        return _not_now(request, shown)
    return ui.page(
        request,
        "cases/decide.html",
        status=status,
        title=_("Decide"),
        case=shown,
        revision=revision,
        fields=typed.fields(outcomes=shown.outcomes),
        crumbs=_crumbs(request, shown),
        answers=showing.answers(shown),
    )
