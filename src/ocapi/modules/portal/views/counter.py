"""The e-counter: start, one page per section, summary, sending, receipt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.files.data import FileRefused
from ocapi.kernel.ui import api as ui
from ocapi.lib import ids, written
from ocapi.lib.actor import Assurance, Capacity
from ocapi.modules.cases import api as cases_api
from ocapi.modules.cases.data import CaseTypeNotFound
from ocapi.modules.forms import api as forms
from ocapi.modules.forms.data import (
    Draft,
    DraftChanged,
    DraftIncomplete,
    FieldNotFound,
    FieldProblem,
    FieldType,
    FormDefinition,
    FormNotFound,
    SectionPage,
    worded,
)
from ocapi.modules.portal import api
from ocapi.modules.portal.data import CaseTypeMissing
from ocapi.modules.portal.views import autosaving, drawing
from ocapi.modules.portal.views.presenting import cacheable, for_local_authorities, shell

LEVELS = {
    "none": Assurance.NONE,
    "low": Assurance.LOW,
    "substantial": Assurance.SUBSTANTIAL,
    "high": Assurance.HIGH,
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_local_authorities
def start(request: HttpRequest, form: str) -> HttpResponse:
    """Say what a form asks and how long it takes; signed in, begin it or go on where one was."""
    definition = forms.get_form(code=form)
    if definition.is_internal:
        raise FormNotFound(form)
    level = LEVELS[definition.minimum_assurance]
    is_closed = request.method == "POST" and not _leads_somewhere(request, definition)
    if request.method == "POST" and not is_closed:
        draft = forms.start(form=form, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
        return ui.redirect("portal:section", form, draft.uuid, draft.resume_at)
    actor = request.actor  # type: ignore[attr-defined]
    title = worded(definition.title, request.address_form)  # type: ignore[attr-defined]
    response = ui.page(
        request,
        "portal/start.html",
        status=409 if is_closed else 200,
        is_closed=is_closed,
        title=title,
        intro=worded(definition.intro, request.address_form),  # type: ignore[attr-defined]
        minutes=definition.minutes,
        draft_days=definition.draft_days,
        steps=_steps(definition, request.address_form),  # type: ignore[attr-defined]
        uploads=_uploads(definition, request.address_form),  # type: ignore[attr-defined]
        service=definition.service or "",
        level=level.name.lower(),
        sign_in_href=_sign_in(request.path, level),
        may_start=actor.capacity is not Capacity.ANONYMOUS and actor.assurance >= level,
        is_known=actor.capacity is not Capacity.ANONYMOUS,
        shell=shell(request, (_("Services"), reverse("portal:services")), (title, request.path)),
    )
    return cacheable(request, response, f"form-{form}")


def _leads_somewhere(request: HttpRequest, definition: FormDefinition) -> bool:
    """Tell whether somebody will handle what is sent: as a case, or the process that asked it."""
    return bool(definition.case_type) or forms.has_request(form=definition.code, actor=request.actor)  # type: ignore[attr-defined]


def _steps(definition: FormDefinition, address_form: str) -> tuple[str, ...]:
    return tuple(worded(section.title, address_form) for section in definition.sections)


def _uploads(definition: FormDefinition, address_form: str) -> tuple[str, ...]:
    asked = (each for each in definition.fields if each.type is FieldType.UPLOAD)
    optional = _("(if you have it)")
    return tuple(
        worded(each.label, address_form)
        if each.required
        else f"{worded(each.label, address_form)} {optional}"
        for each in asked
    )


def _sign_in(path: str, level: Assurance) -> str:
    query = {"next": path}
    if level > Assurance.NONE:
        query["level"] = level.name.lower()
    return f"{reverse('accounts:sign-in')}?{urlencode(query)}"


@require_http_methods(["GET", "HEAD", "POST"])
@for_local_authorities
def section(request: HttpRequest, form: str, draft: UUID, section: str) -> HttpResponse:
    """Show one step of a form, and take what was filled in; nothing typed is ever lost."""
    if request.actor.capacity is Capacity.ANONYMOUS:  # type: ignore[attr-defined]
        return _sign_in_again(request, form)
    held = forms.get_draft(
        draft=draft,
        actor=request.actor,  # type: ignore[attr-defined]
        now=request.now,  # type: ignore[attr-defined]
        address_form=request.address_form,  # type: ignore[attr-defined]
    )
    if request.method != "POST":
        typed = ui.take_parked(request)
        return _show(request, held, section, typed=typed, is_restored=typed is not None)
    typed = ui.typed_of(request.POST)
    if held.revision != autosaving.revision_of(request, draft=draft):
        return _conflict(request, held, section, typed)
    try:
        return _take(request, held, section, typed)
    except DraftChanged as changed:
        return _conflict(request, changed.theirs, section, typed)


def _sign_in_again(request: HttpRequest, form: str) -> HttpResponse:
    href = _sign_in(request.path, LEVELS[forms.get_form(code=form).minimum_assurance])
    if request.method != "POST":
        return ui.redirect(href)
    if ui.park(request, path=request.path):
        return ui.sign_in_page(request, href=href, text=_("What was typed is kept for 30 minutes."))
    return ui.sign_in_page(request, href=href, text=_("This was too much text to keep. Copy it first."))


def _take(
    request: HttpRequest, held: Draft, section: str, typed: Mapping[str, Sequence[str]]
) -> HttpResponse:
    """Keep files first, then the answers; go on when there is nothing to repair."""
    removed = _detach(request, held)
    accepted = _accept(request, removed)
    draft, refused = _attach(request, accepted, section)
    goes_back = request.POST.get("go") == "back"
    stays = draft.revision != held.revision and accepted.revision != held.revision
    outcome = forms.save_section(
        draft=draft.uuid,
        section=section,
        raw=typed,
        actor=request.actor,  # type: ignore[attr-defined]
        now=request.now,  # type: ignore[attr-defined]
        address_form=request.address_form,  # type: ignore[attr-defined]
        revision=draft.revision,
        partial=goes_back or stays,
    )
    if stays and not refused:
        return ui.redirect("portal:section", draft.form, draft.uuid, section)
    if outcome.changed_rows and not refused:
        here = reverse("portal:section", args=[draft.form, draft.uuid, section])
        return ui.redirect(f"{here}#question-{outcome.changed_rows}")
    asked_now = frozenset(outcome.revealed)  # nobody failed to answer what was not asked yet
    problems = _merged([each for each in outcome.problems if each.field not in asked_now], refused)
    if goes_back and not refused:
        return _go(_neighbors(request, outcome.draft, section).previous, outcome.draft)
    if problems or outcome.revealed:
        return _show(
            request, outcome.draft, section, typed=typed, problems=problems, status=422 if problems else 200,
            has_more=bool(outcome.revealed),
        )
    return _go(_neighbors(request, outcome.draft, section).next, outcome.draft)


def _merged(
    problems: Sequence[FieldProblem], refused: Sequence[FieldProblem]
) -> tuple[FieldProblem, ...]:
    """Give what is to repair; the reason why a file was refused stands in place of "is missing"."""
    fields = {each.field for each in refused}
    return (*(each for each in problems if each.field not in fields), *refused)


def _neighbors(request: HttpRequest, draft: Draft, section: str) -> SectionPage:
    return forms.page_of(
        draft=draft,
        section=section,
        actor=request.actor,  # type: ignore[attr-defined]
        now=request.now,  # type: ignore[attr-defined]
        address_form=request.address_form,  # type: ignore[attr-defined]
    )


def _go(section: str, draft: Draft) -> HttpResponse:
    if not section:
        return ui.redirect("portal:summary", draft.form, draft.uuid)
    return ui.redirect("portal:section", draft.form, draft.uuid, section)


def _detach(request: HttpRequest, draft: Draft) -> Draft:
    """Take off the file whose "Verwijder" button was pressed."""
    for each in draft.attachments:
        if f"remove-{each.field}-{each.file}" in request.POST:
            return forms.detach(
                draft=draft.uuid,
                field=each.field,
                file=each.file,
                actor=request.actor,  # type: ignore[attr-defined]
                now=request.now,  # type: ignore[attr-defined]
            )
    return draft


def _accept(request: HttpRequest, draft: Draft) -> Draft:
    """Let the source's value stand again when that button was pressed."""
    for each in draft.prefill:
        if each.is_disputed and f"accept-{each.field}" in request.POST:
            return forms.accept_source(
                draft=draft.uuid,
                field=each.field,
                actor=request.actor,  # type: ignore[attr-defined]
                now=request.now,  # type: ignore[attr-defined]
            )
    return draft


def _attach(
    request: HttpRequest, draft: Draft, section: str
) -> tuple[Draft, tuple[FieldProblem, ...]]:
    """Receive the files of this post; one that is refused is a problem at its field, the others are kept."""
    asked = {each.code for each in forms.get_form(code=draft.form).section(section).fields}
    refused: list[FieldProblem] = []
    for field in request.FILES:
        if field not in asked:
            continue
        for file in request.FILES.getlist(field):
            try:
                draft = forms.attach(
                    draft=draft.uuid,
                    field=field,
                    name=file.name or "",
                    chunks=file.chunks(),
                    actor=request.actor,  # type: ignore[attr-defined]
                    now=request.now,  # type: ignore[attr-defined]
                )
            except FileRefused as refusal:
                refused.append(_refusal(request, draft, field, refusal))
            except FieldNotFound:
                break
    return draft, tuple(refused)


def _refusal(request: HttpRequest, draft: Draft, field: str, refused: FileRefused) -> FieldProblem:
    return forms.problem_of_refusal(
        refused=refused,
        draft=draft,
        field=field,
        now=request.now,  # type: ignore[attr-defined]
        address_form=request.address_form,  # type: ignore[attr-defined]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Addresses around a step."""

    autosave: str
    discard: str
    report: str


def _places(draft: Draft, section: str) -> _Places:
    at = [draft.form, draft.uuid]
    report = reverse("portal:incorrect", args=[*at, section, "field"])
    return _Places(
        autosave=reverse("portal:autosave", args=[*at, section]),
        discard=reverse("portal:discard", args=at),
        report=report.removesuffix("field/") + "{field}/",
    )


def _show(
    request: HttpRequest,
    draft: Draft,
    section: str,
    *,
    typed: Mapping[str, Sequence[str]] | None = None,
    problems: Sequence[FieldProblem] = (),
    is_restored: bool = False,
    has_more: bool = False,
    status: int = 200,
) -> HttpResponse:
    places = _places(draft, section)
    page = forms.page_of(
        draft=draft,
        section=section,
        actor=request.actor,  # type: ignore[attr-defined]
        now=request.now,  # type: ignore[attr-defined]
        address_form=request.address_form,  # type: ignore[attr-defined]
        problems=problems,
        typed=typed,
        report_href=places.report,
    )
    return ui.page(
        request,
        "portal/section.html",
        status=status,
        page=page,
        questions=drawing.questions(page),
        errors=forms.error_lines(page.errors),
        places=places,
        page_token=ids.token(9),
        is_restored=is_restored,
        has_more=has_more,
        has_files=any(each.type is FieldType.UPLOAD for each in page.fields),
    )


def _conflict(
    request: HttpRequest, theirs: Draft, section: str, typed: Mapping[str, Sequence[str]]
) -> HttpResponse:
    """Show what was typed here beside what was saved elsewhere in the meantime (409), and let one choose."""
    def page(values: Mapping[str, Sequence[str]] | None) -> SectionPage:
        return forms.page_of(
            draft=theirs,
            section=section,
            actor=request.actor,  # type: ignore[attr-defined]
            now=request.now,  # type: ignore[attr-defined]
            address_form=request.address_form,  # type: ignore[attr-defined]
            typed=values,
        )

    saved = page(None)
    return ui.page(
        request,
        "portal/conflict.html",
        status=409,
        page=saved,
        rows=drawing.differences(mine=page(typed), theirs=saved),
        hidden=tuple((name, text) for name, texts in typed.items() for text in texts),
        here=reverse("portal:section", args=[theirs.form, theirs.uuid, section]),
    )


@require_POST
@for_local_authorities
def autosave(request: HttpRequest, form: str, draft: UUID, section: str) -> HttpResponse:
    """Save what was typed so far, without files and without complaining; 204 when it is saved."""
    try:
        outcome = forms.save_section(
            draft=draft,
            section=section,
            raw=ui.typed_of(request.POST),
            actor=request.actor,  # type: ignore[attr-defined]
            now=request.now,  # type: ignore[attr-defined]
            address_form=request.address_form,  # type: ignore[attr-defined]
            revision=autosaving.revision_of(request, draft=draft),
            partial=True,
        )
    except DraftChanged:
        return HttpResponse(status=409)
    page, revision = request.POST.get("page", ""), outcome.draft.revision
    autosaving.remember_autosave(request, draft=draft, page=page, revision=revision)
    return HttpResponse(status=204)


@require_http_methods(["GET", "HEAD", "POST"])
@for_local_authorities
def incorrect(
    request: HttpRequest, form: str, draft: UUID, section: str, field: str
) -> HttpResponse:
    """Answer "Klopt dit niet?": say what happens, and open the field when the citizen wants that."""
    if request.method == "POST":
        forms.report_incorrect(draft=draft, field=field, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
        back = reverse("portal:section", args=[form, draft, section])
        return ui.redirect(f"{back}#question-{field}")
    held = forms.get_draft(draft=draft, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    page = _neighbors(request, held, section)
    asked = next((each for each in page.fields if each.code == field), None)
    if asked is None or asked.prefill is None:
        raise FieldNotFound(field)
    return ui.page(
        request,
        "portal/incorrect.html",
        page=page,
        label=asked.label,
        source=asked.prefill.source,
        value=drawing.shown(asked),
        back=reverse("portal:section", args=[form, draft, section]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_local_authorities
def summary(request: HttpRequest, form: str, draft: UUID) -> HttpResponse:
    """Show all answers before sending; a post sends them, once."""
    if request.actor.capacity is Capacity.ANONYMOUS:  # type: ignore[attr-defined]
        return _sign_in_again(request, form)
    if request.method == "POST":
        try:
            sent = api.send(
                draft=draft,
                actor=request.actor,  # type: ignore[attr-defined]
                now=request.now,  # type: ignore[attr-defined]
                address_form=request.address_form,  # type: ignore[attr-defined]
            )
        except DraftIncomplete:
            return _summary(request, draft, status=422)
        except (CaseTypeMissing, CaseTypeNotFound):  # nobody would handle it: it is kept, and told
            return _summary(request, draft, status=409)
        if sent.case is None:
            return ui.redirect("portal:answered", sent.submission)
        return ui.redirect("portal:receipt", sent.case)
    return _summary(request, draft, status=200)


def _summary(request: HttpRequest, draft: UUID, *, status: int) -> HttpResponse:
    found = forms.summary_of(
        draft=draft,
        actor=request.actor,  # type: ignore[attr-defined]
        now=request.now,  # type: ignore[attr-defined]
        address_form=request.address_form,  # type: ignore[attr-defined]
    )
    at = [found.form, found.draft]
    return ui.page(
        request,
        "portal/summary.html",
        status=status,
        summary=found,
        is_closed=status == 409,
        sections=tuple(
            (each, forms.facts_of(each.answers), reverse("portal:section", args=[*at, each.code]))
            for each in found.sections
        ),
        errors=drawing.open_problems(found),
        count=len(found.sections) + 1,
        last=reverse("portal:section", args=[*at, found.sections[-1].code]),
        discard=reverse("portal:discard", args=at),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_local_authorities
def discard(request: HttpRequest, form: str, draft: UUID) -> HttpResponse:
    """Ask before a draft is thrown away, and do it."""
    held = forms.get_draft(draft=draft, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    if request.method == "POST":
        forms.discard(draft=draft, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
        return ui.redirect("portal:own")
    back = reverse("portal:section", args=[form, draft, held.resume_at])
    return ui.page(request, "portal/discard.html", back=back)


@require_safe
@for_local_authorities
def answered(request: HttpRequest, submission: UUID) -> HttpResponse:
    """Say that the answer to a question of the organization arrived."""
    found = forms.read_submission(submission=submission, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return ui.page(request, "portal/receipt.html", answer=found.title)


@require_safe
@for_local_authorities
def receipt(request: HttpRequest, case: UUID) -> HttpResponse:
    """Show the receipt: reference, legal term and what happens next."""
    access.require(request.actor, "cases.read_own")  # type: ignore[attr-defined]
    found = cases_api.get_case(case=case, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return ui.page(
        request,
        "portal/receipt.html",
        case=found,
        due_on=written.in_words(found.due_on),
        letter=found.documents[0] if found.documents else None,
        steps=drawing.steps(found.steps),
    )


