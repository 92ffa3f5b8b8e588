"""From working copy to version: publishing, versions, what differs, files."""

from collections.abc import Callable
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, ColumnKind, PageOf, Row, Table
from ocapi.lib import written
from ocapi.modules.forms import api
from ocapi.modules.forms.data import (
    DesignChanged,
    DesignNotFound,
    Exported,
    FormDefinition,
    FormNotFound,
    FormRefused,
    VersionLine,
    worded,
)
from ocapi.modules.forms.views import naming
from ocapi.modules.forms.views.designing import advice_of, held, revision_of


@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, form: str) -> HttpResponse:
    """Show what changes for citizens and what stands in the way; a post publishes."""
    actor = request.actor  # type: ignore[attr-defined]
    access.require(actor, api.PUBLISH)
    problem, status = "", 200
    if request.method == "POST":
        try:
            api.publish_design(form=form, revision=revision_of(request), actor=actor, now=request.now)  # type: ignore[attr-defined]
            return ui.redirect("forms:versions", form)
        except DesignNotFound:
            raise Http404 from None
        except DesignChanged:
            status = 409
            problem = _(
                "A colleague changed this form in the meantime. Look at what changes and publish again."
            )
        except FormRefused:
            status, problem = 422, _("This form can't be published yet. Repair what stands below.")
    found = held(request, form)
    advice = advice_of(found, request.address_form)  # type: ignore[attr-defined]
    current = _current(request, form)
    return ui.page(
        request,
        "forms/publish.html",
        status=status,
        form=form,
        problem=problem,
        revision=found.revision,
        title=worded(found.definition.title, request.address_form),  # type: ignore[attr-defined]
        advice=advice,
        is_publishable=found.is_publishable and bool(found.revision),
        table=naming.difference_table(api.differences(old=current, new=found.definition) if current else ()),
        is_new=current is None,
    )


def _current(request: HttpRequest, form: str) -> FormDefinition | None:
    actor = request.actor  # type: ignore[attr-defined]
    version = next(
        (each.version for each in api.list_versions(form=form, actor=actor) if each.is_current), ""
    )
    return api.get_version(form=form, version=version, actor=actor) if version else None


@require_safe
def versions(request: HttpRequest, form: str) -> HttpResponse:
    """List the versions of a form, with what differs from the working copy and each as a file."""
    found = held(request, form)
    listed = api.list_versions(form=form, actor=request.actor)  # type: ignore[attr-defined]
    table = Table(
        caption=_("Versions"),
        columns=(
            Column(code="version", label=_("Version")),
            Column(code="state", label=_("State")),
            Column(code="made", label=_("Since"), kind=ColumnKind.DATE),
            Column(code="origin", label=_("Made")),
            Column(code="difference", label=_("Differences")),
            Column(code="file", label=_("File")),
        ),
        page=PageOf(items=tuple(_version_row(form, each) for each in listed), page_size=max(len(listed), 1)),
        empty_title=_("Never published"),
        empty_text=_("Once this form is published, its versions stand here."),
    )
    return ui.page(
        request,
        "forms/versions.html",
        form=form,
        table=table,
        title=worded(found.definition.title, request.address_form),  # type: ignore[attr-defined]
    )


def _version_row(form: str, each: VersionLine) -> Row:
    query = f"?versie={quote(each.version)}"
    return Row(
        cells=(
            Cell(text=each.version, note=each.sha256[:12]),
            Cell(text=_("In use"), tone="success")
            if each.is_current
            else Cell(text=_("Earlier"), tone="neutral"),
            Cell(text=written.moment(each.loaded_at)),
            Cell(text=_("here") if each.origin == "desk" else _("shipped")),
            Cell(
                text=_("with the form as it stands now"),
                href=f"{reverse('forms:differences', args=[form])}?van={quote(each.version)}",
            ),
            Cell(text=_("Download"), href=reverse("forms:file", args=[form]) + query),
        )
    )


@require_safe
def differences(request: HttpRequest, form: str) -> HttpResponse:
    """Show what differs between two versions; without `naar` the working copy is the new one."""
    actor = request.actor  # type: ignore[attr-defined]
    found = held(request, form)
    old, new = request.GET.get("van", ""), request.GET.get("naar", "")
    try:
        before = api.get_version(form=form, version=old, actor=actor) if old else _current(request, form)
        after = api.get_version(form=form, version=new, actor=actor) if new else found.definition
    except FormNotFound:
        raise Http404 from None
    return ui.page(
        request,
        "forms/differences.html",
        form=form,
        old=old or found.base or "–",
        new=new or _("as it stands now"),
        title=worded(found.definition.title, request.address_form),  # type: ignore[attr-defined]
        table=naming.difference_table(api.differences(old=before, new=after) if before else ()),
    )


@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, form: str) -> HttpResponse:
    """Ask before the working copy is thrown away, and do it."""
    access.require(request.actor, api.DESIGN)  # type: ignore[attr-defined]
    found = held(request, form)
    if not found.revision:
        raise Http404
    if request.method == "POST":
        try:
            api.discard_design(form=form, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
        except DesignNotFound:
            raise Http404 from None
        return ui.redirect("forms:overview")
    return ui.page(
        request,
        "forms/confirm.html",
        title=worded(found.definition.title, request.address_form),  # type: ignore[attr-defined]
        question=_("Throw this working copy away?"),
        action=_("Throw away"),
        consequence=_("What was changed and not published is lost. Versions that were published stay."),
        cancel_href=reverse("forms:design", args=[form]),
    )


@require_safe
def file(request: HttpRequest, form: str) -> HttpResponse:
    """Give a version, or the working copy, as a file."""
    version = request.GET.get("versie", "")
    return _download(
        lambda: api.export_design(
            form=form,
            version=version,
            actor=request.actor,  # type: ignore[attr-defined]
        )
    )


@require_safe
def schema(request: HttpRequest, form: str) -> HttpResponse:
    """Give the JSON Schema of the answers of a version, or of the working copy."""
    version = request.GET.get("versie", "")
    return _download(
        lambda: api.export_schema(
            form=form,
            version=version,
            actor=request.actor,  # type: ignore[attr-defined]
        )
    )


def _download(get: Callable[[], Exported]) -> HttpResponse:
    try:
        found = get()
    except (FormNotFound, DesignNotFound):
        raise Http404 from None
    response = HttpResponse(found.raw, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
