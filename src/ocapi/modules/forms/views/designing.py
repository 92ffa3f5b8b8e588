"""The designer: the outline of a form beside how it looks on a telephone, and trying it out."""

from dataclasses import dataclass, replace

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Definition
from ocapi.lib import written
from ocapi.modules.forms import api
from ocapi.modules.forms.data import (
    Design,
    DesignChanged,
    DesignNotFound,
    EditRefused,
    Field,
    Finding,
    Move,
    Place,
    PrefillPath,
    Remove,
    Section,
    SetField,
    worded,
)
from ocapi.modules.forms.views import naming


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the outline. marks: what is special, in words. is_first, is_last: of the whole form."""

    code: str
    label: str
    kind: str
    marks: tuple[str, ...]
    href: str
    is_first: bool
    is_last: bool
    has_error: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One section of the outline."""

    code: str
    title: str
    lines: tuple[Line, ...]
    href: str
    add_href: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One finding of the linter in words, and where it is repaired.

    name: of the question or the part, empty when the text says it. fill_from: the source that knows
    the answer, when one press lets it fill the question in.
    """

    text: str
    at: str
    name: str
    href: str
    is_error: bool
    fill_from: str = ""


def held(request: HttpRequest, form: str) -> Design:
    """Give the working copy, or answer 404."""
    try:
        return api.get_design(form=form, actor=request.actor)  # type: ignore[attr-defined]
    except DesignNotFound:
        raise Http404 from None


def revision_of(request: HttpRequest) -> int:
    """Give the revision a posted page stands on."""
    posted = request.POST.get("revision", "")
    return int(posted) if posted.isascii() and posted.isdigit() and len(posted) < 10 else -1


@require_http_methods(["GET", "POST"])
def design(request: HttpRequest, form: str) -> HttpResponse:
    """Show the outline and the look of a form; a post moves or takes away one thing."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        return _page(request, held(request, form))
    access.require(actor, api.DESIGN)
    edit = _asked(request) or _filled(request, form)
    if edit is None:
        return ui.redirect("forms:design", form)
    try:
        api.edit_design(
            form=form,
            edit=edit,
            revision=revision_of(request),
            actor=actor,
            now=request.now,  # type: ignore[attr-defined]
        )
    except DesignChanged as changed:
        problem = _("A colleague changed this form in the meantime. This is how it stands now; do it again.")
        return _page(request, changed.theirs, problem=problem, status=409)
    except EditRefused as refused:
        return _page(request, held(request, form), problem=naming.refusal(refused.reason), status=422)
    except DesignNotFound:
        raise Http404 from None
    if isinstance(edit, SetField):
        at = f"#regel-{edit.replaces}"
    else:
        at = "" if isinstance(edit, Remove) else f"#regel-{'deel-' if edit.is_section else ''}{edit.code}"
    return ui.redirect(reverse("forms:design", args=[form]) + at)


def _asked(request: HttpRequest) -> Move | Remove | None:
    """Give the edit whose button was pressed: `up-field`, `down-section` and so on, with a code as value."""
    for name in request.POST:
        action, _dash, kind = name.partition("-")
        if kind not in ("field", "section"):
            continue
        code, is_section = request.POST[name], kind == "section"
        if action in ("up", "down"):
            return Move(code=code, to=Place(action), is_section=is_section)
        if action == "remove":
            return Remove(code=code, is_section=is_section)
    return None


def _filled(request: HttpRequest, form: str) -> SetField | None:
    """Give the edit that lets a question be filled in from the source the linter names for it."""
    code, found = request.POST.get("fill-field", ""), held(request, form)
    finding = next((each for each in found.findings if each.at == code and "path" in each.values), None)
    section, field = next(
        ((part, each) for part in found.definition.sections for each in part.fields if each.code == code),
        (None, None),
    )
    if finding is None or section is None or field is None:
        return None
    source = PrefillPath(source=finding.values["name"], path=finding.values["path"])
    return SetField(section=section.code, field=replace(field, prefill=source), replaces=code)


def _page(request: HttpRequest, found: Design, *, problem: str = "", status: int = 200) -> HttpResponse:
    actor, form = request.actor, found.definition.code  # type: ignore[attr-defined]
    address_form = request.address_form  # type: ignore[attr-defined]
    preview = api.try_out(
        definition=found.definition,
        raw=None,
        actor=actor,
        now=request.now,
        address_form=address_form,  # type: ignore[attr-defined]
    )
    may_design = access.may(actor, api.DESIGN)
    state = _("Working copy, not published yet") if found.revision else _("As it is in use")
    facts = (
        Definition(term=_("State"), value=state),
        Definition(term=_("Began from version"), value=found.base or _("none, this is a new form")),
        *(
            (Definition(term=_("Last changed"), value=written.moment(found.changed_at)),)
            if found.changed_at
            else ()
        ),
    )
    return ui.page(
        request,
        "forms/design.html",
        status=status,
        form=form,
        title=worded(found.definition.title, address_form),
        facts=facts,
        parts=_parts(found, address_form),
        advice=advice_of(found, address_form),
        revision=found.revision,
        preview=preview,
        may_design=may_design,
        problem=problem,
        is_changed=bool(found.revision),
        may_publish=bool(found.revision) and access.may(actor, api.PUBLISH),
        address_form=address_form,
    )


def _parts(found: Design, address_form: str) -> tuple[Part, ...]:
    form, sections = found.definition.code, found.definition.sections
    broken = {each.at for each in found.findings if each.severity == "error"}
    total = [field.code for field in found.definition.fields]
    return tuple(
        Part(
            code=section.code,
            title=worded(section.title, address_form),
            href=reverse("forms:section", args=[form, section.code]),
            add_href=reverse("forms:add-field", args=[form, section.code]),
            is_first=number == 0,
            is_last=number == len(sections) - 1,
            lines=tuple(
                Line(
                    code=field.code,
                    label=worded(field.label, address_form),
                    kind=naming.kinds()[field.type.value],
                    marks=_marks(field),
                    href=reverse("forms:field", args=[form, field.code]),
                    has_error=field.code in broken,
                    is_first=field.code == total[0] and number == 0,
                    is_last=field.code == total[-1] and number == len(sections) - 1,
                )
                for field in section.fields
            ),
        )
        for number, section in enumerate(sections)
    )


def _marks(field: Field) -> tuple[str, ...]:
    said = (
        (field.required, _("has to be answered")),
        (bool(field.show_when or field.visible_when), _("asked sometimes")),
        (bool(field.calculation), _("calculated")),
        (field.prefill is not None, _("from a source")),
        (bool(field.checks), _("checked")),
    )
    return tuple(text for holds, text in said if holds)


def advice_of(found: Design, address_form: str) -> tuple[Advice, ...]:
    """Give what the linter found, in words, each with the page where it is repaired."""
    return tuple(_advice(found, each, address_form) for each in found.findings)


def _name(found: Design, code: str, address_form: str) -> str:
    """Give the words of the part, the question or the question in a row that has a code."""
    for section in found.definition.sections:
        for each in (section, *section.fields, *(cell for field in section.fields for cell in field.fields)):
            if each.code == code:
                return worded(each.title if isinstance(each, Section) else each.label, address_form)
    return ""


def _advice(found: Design, finding: Finding, address_form: str) -> Advice:
    sections = frozenset(each.code for each in found.definition.sections)
    cells = {cell.code: field.code for field in found.definition.fields for cell in field.fields}
    text = api.told(finding)
    name = _name(found, finding.at, address_form)
    return Advice(
        text=text,
        at=finding.at,
        name="" if name[:60] in text else name,
        is_error=finding.severity == "error",
        href=_where(found, finding, sections, cells),
        fill_from=finding.values.get("source", "")
        if "name" in finding.values and finding.at not in (*sections, *cells) else "",
    )


def _where(
    found: Design, finding: Finding, sections: frozenset[str], cells: dict[str, str]
) -> str:
    """Give the page where a finding is repaired; of a form without questions, the page that adds one."""
    form, parts = found.definition.code, found.definition.sections
    if not finding.at and not parts:
        return reverse("forms:add-section", args=[form])
    empty = next((each.code for each in parts if not each.fields), "")
    is_of_settings = bool(finding.values) or finding.severity != "error"
    if not finding.at and empty and not is_of_settings:
        return reverse("forms:add-field", args=[form, empty])
    return naming.place_of(form, finding.at, sections, cells)


@require_http_methods(["GET", "POST"])
def try_out(request: HttpRequest, form: str) -> HttpResponse:
    """Fill in the working copy as a citizen does; nothing is kept, and the rules say what they made of it."""
    found = held(request, form)
    raw = ui.typed_of(request.POST) if request.method == "POST" else None
    address_form = request.POST.get("aanspreking") or request.GET.get("aanspreking") or request.address_form  # type: ignore[attr-defined]
    if address_form not in ("formal", "informal"):
        address_form = request.address_form  # type: ignore[attr-defined]
    page = api.try_out(
        definition=found.definition,
        raw=raw,
        actor=request.actor,
        now=request.now,  # type: ignore[attr-defined]
        address_form=address_form,
    )
    is_button = any(name.startswith(("add-", "remove-")) for name in request.POST)
    is_sent = raw is not None and not is_button
    rows = tuple(Definition(term=each.label, value=each.value_text) for each in page.answers.answers)
    return ui.page(
        request,
        "forms/try_out.html",
        status=422 if is_sent and page.answers.problems else 200,
        page=page,
        form=form,
        address_form=address_form,
        rows=rows,
        is_done=is_sent and not page.answers.problems,
    )
