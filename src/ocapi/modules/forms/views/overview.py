"""The forms of the organization: the list, a new one, and one from a file."""

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, ColumnKind, Field, FieldKind, PageOf, Row, Table
from ocapi.lib import written
from ocapi.lib.codec import MalformedInput
from ocapi.modules.forms import api
from ocapi.modules.forms.data import DesignChanged, EditRefused, FormLine, FormRefused, worded
from ocapi.modules.forms.views import naming
from ocapi.modules.forms.views.inputs import Read, shown_again, words_inputs


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List the forms with the version in use and whether somebody designs them."""
    actor = request.actor  # type: ignore[attr-defined]
    found = api.list_forms(actor=actor)
    new = reverse("forms:begin") if access.may(actor, api.DESIGN) else ""
    table = Table(
        caption=_("Forms"),
        columns=(
            Column(code="title", label=_("Form")),
            Column(code="version", label=_("In use")),
            Column(code="state", label=_("State")),
            Column(code="changed", label=_("Changed"), kind=ColumnKind.DATE),
        ),
        page=PageOf(
            items=tuple(_row(each, request.address_form) for each in found),  # type: ignore[attr-defined]
            page_size=max(len(found), 1),
        ),
        empty_title=_("No form yet"),
        empty_text=_("Make one: add a part, then its questions. Citizens see it once it is published."),
        empty_href=new,
        empty_action=_("New form") if new else "",
    )
    return ui.page(
        request,
        "forms/overview.html",
        table=table,
        new_href=new,
        import_href=reverse("forms:import") if new else "",
    )


def _row(each: FormLine, address_form: str) -> Row:
    state = Cell(text=_("In use"), tone="success")
    if each.is_in_design:
        state = Cell(text=_("Being changed"), tone="info")
    elif not each.current:
        state = Cell(text=_("Not in use"), tone="neutral")
    note = (
        _("Version {version} was shipped and is not used here.").format(version=each.newer)
        if each.newer
        else ""
    )
    return Row(
        cells=(
            Cell(
                text=worded(each.title, address_form),
                href=reverse("forms:design", args=[each.code]),
                note=each.code,
            ),
            Cell(text=each.current or "–", note=note),
            state,
            Cell(text=written.moment(each.changed_at)),
        )
    )


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a new form: its name and its code."""
    actor = request.actor  # type: ignore[attr-defined]
    access.require(actor, api.DESIGN)
    read = Read(request.POST)
    title = read.words("title", is_needed=True) if request.method == "POST" else None
    known = frozenset(each.code for each in api.list_forms(actor=actor))
    code = read.text("code") or naming.code_of(read.text("title_formal"), known)
    if request.method == "POST" and not read.errors and title is not None:
        try:
            api.begin_design(form=code, title=title, actor=actor, now=request.now)  # type: ignore[attr-defined]
            return ui.redirect("forms:design", code)
        except EditRefused as refused:
            read.errors["code"] = naming.refusal(refused.reason)
    fields = (
        *words_inputs("title", _("Name of the form"), title, is_needed=True),
        Field(
            name="code",
            label=_("Code"),
            value=read.text("code"),
            max_length=40,
            required=False,
            help=_("Stands in the address. Small letters, digits and dashes. Empty: made of the name."),
        ),
    )
    if request.method == "POST":
        fields = shown_again(fields, read, {})
    return ui.page(
        request,
        "forms/properties.html",
        status=422 if read.errors else 200,
        title=_("New form"),
        groups=(("", fields),),
        fields=fields,
        back_href=reverse("forms:overview"),
        revision=0,
        rows=(),
    )


@require_http_methods(["GET", "POST"])
def take_file(request: HttpRequest) -> HttpResponse:
    """Take a form from a file as a working copy; one that can't be used is refused with every reason."""
    actor = request.actor  # type: ignore[attr-defined]
    access.require(actor, api.DESIGN)
    error, problems = "", ()
    if request.method == "POST":
        error, problems, code = _taken(request)
        if code:
            return ui.redirect("forms:design", code)
    field = Field(
        name="file",
        label=_("File"),
        kind=FieldKind.FILE,
        error=error,
        accepted_types=(".json", ".yaml"),
        max_size="1 MB",
        help=_("A form that was exported here or elsewhere. It becomes a working copy."),
    )
    return ui.page(
        request,
        "forms/import.html",
        status=422 if error else 200,
        fields=(field,),
        problems=problems,
        back_href=reverse("forms:overview"),
    )


def _taken(request: HttpRequest) -> tuple[str, tuple[str, ...], str]:
    """Give what is wrong with the posted file, and the code of the form when nothing is."""
    uploaded = request.FILES.get("file")
    if not isinstance(uploaded, UploadedFile):
        return _("Choose a file."), (), ""
    raw = uploaded.read(api.LARGEST_FILE + 1)
    try:
        made = api.import_design(raw=raw, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    except MalformedInput:
        return _("This is no form. Export one here and look how it is written."), (), ""
    except FormRefused as refused:
        return _("This form can't be used yet. See below."), refused.problems, ""
    except DesignChanged:
        return _("Somebody is changing this form. Publish or throw away that working copy first."), (), ""
    except EditRefused as refused:
        return naming.refusal(refused.reason), (), ""
    return "", (), made.definition.code
