"""A citizen's own pages: cases, messages, data, and who looked at it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.kernel.audit.data import InvalidCursor as InvalidLineCursor
from ocapi.kernel.files import api as files
from ocapi.kernel.files.data import FileNotReleased, FileRefused
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Card, Cell, Column, ColumnKind, PageOf, Row, Table
from ocapi.lib import written
from ocapi.modules.cases import api as cases_api
from ocapi.modules.cases.data import Action, CaseDetail, CaseSummary, TextMissing
from ocapi.modules.documents.data import DocumentNotReady
from ocapi.modules.exchange import api as exchange
from ocapi.modules.forms import api as forms
from ocapi.modules.forms.data import worded
from ocapi.modules.notify import api as notify
from ocapi.modules.notify.data import InvalidCursor
from ocapi.modules.portal.views import drawing, telling
from ocapi.modules.portal.views.presenting import for_local_authorities, shell

LONGEST_ANSWER = 4000
REGISTER_FIELDS = ("person.given_name", "person.family_name", "person.birth_date", "person.address")


def _enter(request: HttpRequest) -> None:
    access.require(request.actor, "portal.own")  # type: ignore[attr-defined]


@require_safe
@for_local_authorities
def overview(request: HttpRequest) -> HttpResponse:
    """Show what is going on: open cases, new messages, and the way to one's data."""
    _enter(request)
    found = cases_api.list_own(actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    unread = notify.count_unread(actor=request.actor)  # type: ignore[attr-defined]
    links = (
        Card(
            title=_("Messages"), href=reverse("portal:messages"), icon="message", text=_messages_text(unread)
        ),
        Card(
            title=_("My data"),
            href=reverse("portal:data"),
            icon="person",
            text=_("What the municipality knows from other sources."),
        ),
        Card(
            title=_("Who looked at my data"),
            href=reverse("portal:consultations"),
            icon="eye",
            text=_("Who, when and why."),
        ),
    )
    cards = tuple(_card(each) for each in found if each.is_open)
    return ui.page(request, "portal/own.html", cards=cards, links=links, drafts=_drafts(request),
                   shell=shell(request, (_("My overview"), request.path)))


def _drafts(request: HttpRequest) -> tuple[Card, ...]:
    """Give what was begun and not sent: it goes on where it was, also on another device."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    if not access.may(actor, "forms.list_drafts"):
        return ()
    return tuple(
        Card(
            title=worded(each.title, request.address_form),  # type: ignore[attr-defined]
            href=reverse("portal:start", args=[each.form]), icon="edit",
            text=_("Not sent yet. The answers are kept until {day}.").format(
                day=written.in_words(each.expires_on)
            ),
            meta=_("Last saved on {moment}").format(moment=written.moment_in_words(each.saved_at)),
        )
        for each in forms.list_own_drafts(actor=actor, now=now)
    )


def _messages_text(unread: int) -> str:
    if unread == 0:
        return _("No new messages.")
    return _("1 new message.") if unread == 1 else _("{count} new messages.").format(count=unread)


def _card(case: CaseSummary) -> Card:
    return Card(title=case.title, href=reverse("portal:case", args=[case.uuid]), text=_standing(case),
                meta=f"{case.reference} · {case.status_label}", icon="folder")


def _standing(case: CaseSummary) -> str:
    """Say what was decided, or else until when that can take; nothing of a case that ended without."""
    if case.outcome or not case.is_open:
        return case.outcome_label
    if case.is_paused:
        return _("The term stands still until we have the answer.")
    return _("Decision by {day} at the latest").format(day=written.in_words(case.due_on))


@require_safe
@for_local_authorities
def cases(request: HttpRequest) -> HttpResponse:
    """List one's own cases, open ones first."""
    _enter(request)
    found = cases_api.list_own(actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return ui.page(
        request, "portal/cases.html",
        running=tuple(_card(each) for each in found if each.is_open),
        ended=tuple(_card(each) for each in found if not each.is_open),
        shell=shell(request, (_("My cases"), request.path)),
    )


@require_safe
@for_local_authorities
def case(request: HttpRequest, case: UUID) -> HttpResponse:
    """Show one's own case: where it stands, what was sent, letters, questions, and who looked."""
    _enter(request)
    found = cases_api.get_case(case=case, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return _show_case(request, found)


def _show_case(
    request: HttpRequest,
    found: CaseDetail,
    *,
    text: str = "",
    error: str = "",
    file_error: str = "",
    status: int = 200,
) -> HttpResponse:
    question = next((each for each in reversed(found.messages) if each.answered_at is None), None)
    may_answer = question is not None and Action.ANSWER_INFORMATION in found.allowed_actions
    return ui.page(
        request,
        "portal/case.html",
        status=status,
        case=found,
        due_on=written.in_words(found.due_on),
        steps=drawing.steps(found.steps),
        answers=telling.answers(found),
        question=question if may_answer else None,
        answer_by=written.in_words(question.answer_by) if question else "",
        fields=telling.answer_fields(text=text, error=error, file_error=file_error),
        history=telling.history(found),
        shell=shell(request, (_("My cases"), reverse("portal:cases")), (found.title, request.path)),
    )


@require_POST
@for_local_authorities
def answer(request: HttpRequest, case: UUID) -> HttpResponse:
    """Take the answer to a question of the municipality, with files; nothing typed is lost when one is
    refused.
    """
    _enter(request)
    text = request.POST.get("text", "").strip()[:LONGEST_ANSWER]
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    found = cases_api.get_case(case=case, actor=actor, now=now)
    received = []
    try:
        for file in request.FILES.getlist("files")[:5]:
            received.append(files.receive(chunks=file.chunks(), name=file.name or "", now=now).uuid)
        cases_api.answer_information(case=case, text=text, attachments=tuple(received), actor=actor, now=now)
    except FileRefused as refused:
        return _show_case(request, found, text=text, file_error=telling.refusal(refused), status=422)
    except TextMissing:
        return _show_case(request, found, error=_("Write an answer, then send it."), status=422)
    return ui.redirect("portal:case", case)


@require_safe
@for_local_authorities
def letter(request: HttpRequest, case: UUID, document: UUID) -> HttpResponse:
    """Show a letter about one's own case as a page."""
    _enter(request)
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    article = cases_api.read_letter_html(case=case, document=document, actor=actor, now=now)
    return ui.page(
        request, "portal/letter.html", article=article, case_uuid=case, document=document,
        shell=shell(request, (_("My cases"), reverse("portal:cases")), (_("Letter"), request.path)),
    )


@require_safe
@for_local_authorities
def letter_pdf(request: HttpRequest, case: UUID, document: UUID) -> HttpResponse:
    """Send a letter as PDF; while it is being made, show the letter itself."""
    _enter(request)
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    try:
        return ui.download(cases_api.read_letter(case=case, document=document, actor=actor, now=now))
    except DocumentNotReady:
        return ui.redirect("portal:letter", case, document)


@require_safe
@for_local_authorities
def attachment(request: HttpRequest, case: UUID, file: UUID) -> HttpResponse:
    """Send a file of one's own case; while it is being checked, lead back to the case."""
    _enter(request)
    try:
        return ui.download(
            cases_api.read_attachment(case=case, file=file, actor=request.actor, now=request.now))  # type: ignore[attr-defined]
    except FileNotReleased:
        return ui.redirect("portal:case", case)


@require_safe
@for_local_authorities
def messages(request: HttpRequest) -> HttpResponse:
    """List one's messages, newest first."""
    _enter(request)
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    try:
        page = notify.list_inbox(actor=actor, now=now, cursor=request.GET.get("cursor") or None)
    except InvalidCursor:
        return ui.redirect("portal:messages")
    rows = tuple(telling.message(each) for each in page.items)
    return ui.page(request, "portal/messages.html", rows=rows, next_cursor=page.cursor,
                   shell=shell(request, (_("Messages"), request.path)))


@require_POST
@for_local_authorities
def read_message(request: HttpRequest, message: UUID) -> HttpResponse:
    """Mark a message as read."""
    _enter(request)
    notify.mark_read(message=message, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return ui.redirect("portal:messages")


@require_safe
@for_local_authorities
def data(request: HttpRequest) -> HttpResponse:
    """Show what the national register tells about oneself, each value with its source."""
    _enter(request)
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    found = exchange.consult_national_register(
        person=actor.person,
        fields=REGISTER_FIELDS,
        purpose="portal.showOwnData",
        reference="",
        actor=actor,
        now=now,
    )
    return ui.page(
        request, "portal/data.html", state=found.state.value, facts=telling.register_facts(found),
        shell=shell(request, (_("My data"), request.path)),
    )


@require_safe
@for_local_authorities
def consultations(request: HttpRequest) -> HttpResponse:
    """Show who looked at one's data or changed it: when, in which function, why, and which data.

    A representative sees what the represented person would see, and is on that person's list from then on.
    """
    _enter(request)
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    try:
        page = audit.list_consultations(
            person=actor.subject.uuid, actor=actor, now=now, cursor=request.GET.get("cursor", "")
        )
    except InvalidLineCursor:
        return ui.redirect("portal:consultations")
    rows = tuple(
        Row(cells=tuple(Cell(text=text) for text in telling.consultation(line, actor))) for line in page.items
    )
    table = Table(
        caption=_("Who looked at my data"),
        columns=(
            Column(code="at", label=_("When"), kind=ColumnKind.TEXT),
            Column(code="who", label=_("Who")),
            Column(code="what", label=_("What")),
            Column(code="data", label=_("Which data")),
            Column(code="case", label=_("Case")),
        ),
        page=PageOf(items=rows, next_cursor=page.cursor),
        empty_title=_("Nobody looked yet"),
        empty_text=_("As soon as somebody opens your data, you see it here."),
    )
    return ui.page(request, "portal/consultations.html", table=table,
                   shell=shell(request, (_("Who looked at my data"), request.path)))
