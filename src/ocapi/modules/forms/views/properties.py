"""The properties of a form, of a section and of a field, each on a page of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Definition, FieldKind, Table
from ocapi.kernel.ui.data import Field as Input
from ocapi.kernel.ui.data import Option as Pick
from ocapi.modules.forms import api
from ocapi.modules.forms.data import (
    Design,
    DesignChanged,
    DesignNotFound,
    Edit,
    EditRefused,
    Field,
    FieldType,
    FormDefinition,
    Section,
    SetField,
    SetForm,
    SetSection,
    worded,
)
from ocapi.modules.forms.extensions import CaseKind
from ocapi.modules.forms.views import conditions, inputs, naming, previews
from ocapi.modules.forms.views.designing import held, revision_of
from ocapi.modules.forms.views.inputs import Read

Groups = tuple[tuple[str, tuple[Input, ...]], ...]
SEE_OTHER = 302
LEVELS = ("none", "low", "substantial", "high")


@require_http_methods(["GET", "POST"])
def of_form(request: HttpRequest, form: str) -> HttpResponse:
    """Change what is said of the whole form."""
    found = _may_change(request, form)
    of = found.definition
    groups = _form_groups(of, api.list_case_kinds(actor=request.actor))  # type: ignore[attr-defined]

    def edit(read: Read) -> Edit:
        return SetForm(
            title=read.words("title", is_needed=True) or "",
            intro=read.words("intro"),
            submit_label=read.words("submit_label", is_needed=True) or "",
            minimum_assurance=read.text("minimum_assurance")
            if read.text("minimum_assurance") in LEVELS
            else "high",
            minutes=read.number("minutes", low=1, high=600) or of.minutes,
            draft_days=read.number("draft_days", low=1, high=366) or of.draft_days,
            personal_purpose=read.text("personal_purpose")[:500],
            service=read.text("service")[:60] or None,
            case_type=read.text("case_type")[:60] or None,
            is_internal=read.is_ticked("is_internal"),
        )

    return _properties(request, found, title=_("Settings of the form"), groups=groups, edit=edit)


def _form_groups(of: FormDefinition, kinds: tuple[CaseKind, ...]) -> Groups:
    levels = {"none": _("None"), "low": _("Low"), "substantial": _("Substantial"), "high": _("High")}
    return (
        (
            _("Texts"),
            (
                *inputs.words_inputs("title", _("Name of the form"), of.title, is_needed=True),
                *inputs.words_inputs("intro", _("Introduction"), of.intro, is_long=True),
                *inputs.words_inputs(
                    "submit_label", _("Text of the button to send"), of.submit_label, is_needed=True
                ),
            ),
        ),
        (
            _("Use"),
            (
                Input(
                    name="minimum_assurance",
                    label=_("How sure must we be of who fills it in?"),
                    kind=FieldKind.RADIO,
                    value=of.minimum_assurance,
                    options=tuple(Pick(value=each, label=levels[each]) for each in LEVELS),
                ),
                Input(
                    name="minutes",
                    label=_("It takes this many minutes"),
                    value=str(of.minutes),
                    width="short",
                ),
                Input(
                    name="draft_days",
                    label=_("Days an unsent form is kept"),
                    value=str(of.draft_days),
                    width="short",
                ),
                Input(
                    name="personal_purpose",
                    label=_("Why personal data is asked"),
                    value=of.personal_purpose,
                    required=False,
                ),
                Input(name="service", label=_("Code of the service"), value=of.service or "", required=False),
                _case_type(of.case_type or "", kinds),
                inputs.box(
                    "is_internal", _("Only for members of staff, as the form of a task"), of.is_internal
                ),
            ),
        ),
    )


def _case_type(chosen: str, kinds: tuple[CaseKind, ...]) -> Input:
    listed = {"": _("None, only a process asks this form"), **{each.code: each.title for each in kinds}}
    return Input(
        name="case_type",
        label=_("What is sent becomes a case of type"),
        kind=FieldKind.SELECT,
        value=chosen,
        required=False,
        options=tuple(
            Pick(value=code, label=title) for code, title in {chosen: chosen, **listed}.items()
        ),
    )


@require_http_methods(["GET", "POST"])
def of_section(request: HttpRequest, form: str, section: str = "") -> HttpResponse:
    """Change the texts of a section, or add one."""
    found = _may_change(request, form)
    of = next((each for each in found.definition.sections if each.code == section), None)
    if section and of is None:
        raise Http404
    texts = (
        *inputs.words_inputs("title", _("Title of the part"), of.title if of else None, is_needed=True),
        *inputs.words_inputs("help", _("Introduction"), of.help if of else None, is_long=True),
    )
    code = Input(
        name="code",
        label=_("Code"),
        max_length=40,
        required=False,
        help=_("Stands in the address. Small letters, digits and dashes. Empty: made of the title."),
    )
    groups: Groups = (("", texts if of else (*texts, code)),)

    def edit(read: Read) -> Edit:
        title = read.words("title", is_needed=True) or ""
        taken = frozenset(each.code for each in found.definition.sections)
        wanted = read.text("code") or naming.code_of(read.text("title_formal"), taken)
        if of is None and wanted in taken:
            read.errors["code"] = naming.refusal("codeTaken")
        return SetSection(code=of.code if of else wanted, title=title, help=read.words("help"))

    title = _("Part: {title}").format(title=worded(of.title, request.address_form)) if of else _("New part")  # type: ignore[attr-defined]
    return _properties(request, found, title=title, groups=groups, edit=edit, section=section)


@require_http_methods(["GET", "POST"])
def add_field(request: HttpRequest, form: str, section: str) -> HttpResponse:
    """Add a question: its text, its code and the kind of answer; then its page opens."""
    found = _may_change(request, form)
    if not any(each.code == section for each in found.definition.sections):
        raise Http404
    return _add(request, found, section=section, repeat="")


@require_http_methods(["GET", "POST"])
def add_cell(request: HttpRequest, form: str, repeat: str) -> HttpResponse:
    """Add a question to the rows of a repeat."""
    found = _may_change(request, form)
    section, _field = _field_of(found, repeat)
    return _add(request, found, section=section.code, repeat=repeat)


def _add(request: HttpRequest, found: Design, *, section: str, repeat: str) -> HttpResponse:
    kinds = {
        code: label
        for code, label in naming.kinds().items()
        if not repeat or code not in (FieldType.REPEAT, FieldType.UPLOAD)
    }
    groups: Groups = (
        (
            "",
            (
                *inputs.words_inputs("label", _("Question"), None, is_needed=True),
                Input(
                    name="code",
                    label=_("Code"),
                    max_length=40,
                    required=False,
                    help=_("Rules and processes use this name: letters, digits and underscores. "
                           "Empty: made of the question."),
                ),
                Input(
                    name="type",
                    label=_("Kind of answer"),
                    kind=FieldKind.SELECT,
                    value="text",
                    options=tuple(Pick(value=code, label=label) for code, label in kinds.items()),
                ),
            ),
        ),
    )

    def edit(read: Read) -> Edit:
        kind = FieldType(read.text("type")) if read.text("type") in kinds else FieldType.TEXT
        label = read.words("label", is_needed=True) or ""
        taken = frozenset(
            each.code for outer in found.definition.fields for each in (outer, *outer.fields)
        )
        code = read.text("code") or naming.code_of(read.text("label_formal"), taken, mark="_")
        if not code.isidentifier():
            read.errors["code"] = _("Use letters, digits and underscores, and begin with a letter.")
        made = Field(code=code, type=FieldType.TEXT, label=label, required=True)
        made = inputs.of_kind(made, kind) if kind is not FieldType.TEXT else made
        return SetField(section=section, field=made, repeat=repeat)

    form = found.definition.code

    def onward(done: Edit) -> str:
        assert isinstance(done, SetField)
        if repeat:
            return reverse("forms:cell", args=[form, repeat, done.field.code])
        return reverse("forms:field", args=[form, done.field.code])

    return _properties(
        request,
        found,
        title=_("New question in each row") if repeat else _("New question"),
        groups=groups,
        edit=edit,
        section=section,
        onward=onward,
    )


def _field_of(found: Design, code: str) -> tuple[Section, Field]:
    for section in found.definition.sections:
        for field in section.fields:
            if field.code == code:
                return section, field
    raise Http404


@require_http_methods(["GET", "POST"])
def of_field(request: HttpRequest, form: str, field: str, repeat: str = "") -> HttpResponse:
    """Change the properties of a question; another kind of answer opens it again."""
    found = _may_change(request, form)
    section, outer = _field_of(found, repeat or field)
    of = next((each for each in outer.fields if each.code == field), None) if repeat else outer
    if of is None:
        raise Http404

    fields = tuple(found.definition.fields)
    earlier = fields[: fields.index(outer)]
    address_form = request.address_form  # type: ignore[attr-defined]

    def edit(read: Read) -> Edit:
        made = inputs.read_field(
            of, read, is_cell=bool(repeat), accepted=tuple(request.POST.getlist("accepted"))
        )
        if not repeat and made.type is of.type:
            made = conditions.read(made, read)
        if not made.code.isidentifier():
            read.errors["code"] = _("Use letters, digits and underscores, and begin with a letter.")
        return SetField(section=section.code, field=made, replaces=field, repeat=repeat)

    def onward(done: Edit) -> str:
        assert isinstance(done, SetField)
        if done.field.type is not of.type:
            route = ("forms:cell", [form, repeat]) if repeat else ("forms:field", [form])
            return reverse(route[0], args=[*route[1], done.field.code])
        return reverse("forms:design", args=[form]) + f"#regel-{repeat or done.field.code}"

    rows = tuple(
        (worded(each.label, request.address_form), reverse("forms:cell", args=[form, of.code, each.code]))  # type: ignore[attr-defined]
        for each in of.fields
    )
    return _properties(
        request,
        found,
        title=_("Question: {title}").format(title=worded(of.label, request.address_form)),  # type: ignore[attr-defined]
        groups=inputs.of_field(
            of,
            is_cell=bool(repeat),
            conditions=() if repeat else conditions.of_field(of, earlier=earlier, address_form=address_form),
        ),
        codes=conditions.codes(earlier, address_form),
        edit=edit,
        section=section.code,
        question=outer.code,
        onward=onward,
        rows=rows,
        add_row=reverse("forms:add-cell", args=[form, of.code]) if of.type is FieldType.REPEAT else "",
    )


def _may_change(request: HttpRequest, form: str) -> Design:
    access.require(request.actor, api.DESIGN)  # type: ignore[attr-defined]
    return held(request, form)


def _properties(
    request: HttpRequest,
    found: Design,
    *,
    title: str,
    groups: Groups,
    edit: Callable[[Read], Edit],
    section: str = "",
    question: str = "",
    onward: Callable[[Edit], str] | None = None,
    rows: tuple[tuple[str, str], ...] = (),
    add_row: str = "",
    codes: tuple[Definition, ...] = (),
) -> HttpResponse:
    """Show properties and how they look; or save what was posted. Whatever goes wrong, it stands there again.

    section, question: the codes of what is changed, for the preview; empty for the whole form.
    """
    form, read, saved = found.definition.code, Read(request.POST), _Saved()
    back = reverse("forms:design", args=[form])
    if request.method == "POST" and not previews.is_asked(request):
        wanted = edit(read)
        saved = _saved(request, found, wanted, read)
        if saved.status == SEE_OTHER:
            return ui.redirect(onward(wanted) if onward else back)
    definition = saved.theirs.definition if saved.theirs else found.definition
    preview = previews.of(request, definition, section=section, edit=edit)
    if request.POST.get(previews.PREVIEW) == previews.FRAGMENT:
        return ui.page(request, "forms/phone.html", preview=preview)
    if request.method == "POST":
        lists = {"accepted": tuple(request.POST.getlist("accepted"))}
        groups = tuple((name, inputs.shown_again(listed, read, lists)) for name, listed in groups)
    return ui.page(
        request,
        "forms/properties.html",
        status=saved.status,
        title=title,
        groups=groups,
        fields=tuple(each for _name, listed in groups for each in listed),
        revision=saved.theirs.revision if saved.theirs else found.revision,
        problem=saved.problem,
        versions=saved.versions,
        back_href=back,
        rows=rows,
        add_row=add_row,
        codes=codes,
        when_title=inputs.when_title(),
        preview=preview,
        question=question,
        form_title=worded(found.definition.title, request.address_form),  # type: ignore[attr-defined]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Saved:
    """How saving went: SEE_OTHER when it did. theirs, versions: of a colleague who was first."""

    status: int = 200
    problem: str = ""
    theirs: Design | None = None
    versions: Table | None = None


def _saved(request: HttpRequest, found: Design, wanted: Edit, read: Read) -> _Saved:
    """Save an edit that reads well; what is wrong with it stands in `read.errors` after this."""
    if read.errors:
        return _Saved(status=422)
    try:
        api.edit_design(
            form=found.definition.code,
            edit=wanted,
            revision=revision_of(request),
            actor=request.actor,  # type: ignore[attr-defined]
            now=request.now,  # type: ignore[attr-defined]
        )
    except DesignChanged as changed:
        problem = _(
            "A colleague changed this form in the meantime. What was typed still stands here. "
            "Compare both versions: save to use yours, cancel to keep the other one."
        )
        versions = previews.both_versions(changed.theirs.definition, wanted)
        return _Saved(status=409, problem=problem, theirs=changed.theirs, versions=versions)
    except EditRefused as refused:
        read.errors["code"] = naming.refusal(refused.reason)
        return _Saved(status=422)
    except DesignNotFound:
        raise Http404 from None
    return _Saved(status=SEE_OTHER)
