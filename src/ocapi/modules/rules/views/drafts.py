"""Tables that are being worked on: every cell a field, every change one save, test cases tried each time."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Field, FieldKind, Table
from ocapi.lib.dmn import ModelRefused, cells, sheets
from ocapi.modules.rules import api
from ocapi.modules.rules.data import (
    CasesFailed,
    Column,
    DecisionNotFound,
    DecisionTaken,
    DraftChanged,
    DraftNotFound,
    Line,
    ModelDraft,
    ModelNotUsable,
    Sheet,
    TypedCase,
)
from ocapi.modules.rules.views import comparing, telling

LARGEST_UPLOAD = 4 << 20  # bytes, as the reader of DMN takes them
MOST_FILES = 64
CHANGED = "changed"


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Begin a table: with a name, from files (the first is the model), or from a published model (`key`)."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "rules.edit_draft")
    title, key, problems = request.POST.get("title", "").strip(), request.POST.get("key", ""), {}
    if request.method == "POST":
        files = request.FILES.getlist("model")[:MOST_FILES + 1]
        read = (each.read(LARGEST_UPLOAD + 1) for each in files if isinstance(each, UploadedFile))
        raws = [each for each in read if each]
        if not (title or key or raws):
            problems["title"] = _("Give the table a name, or choose a file.")
        elif any(len(each) > LARGEST_UPLOAD for each in raws) or len(raws) > MOST_FILES:
            problems["model"] = _("This is too large: 64 files of 4 MB at most.")
        else:
            try:
                made = api.create_draft(
                    actor=actor, now=now, title=title[:200], raw=raws[0] if raws else b"", imports=raws[1:],
                    key=key,
                )
                return ui.redirect("rules:draft", model=made.uuid)
            except ModelNotUsable as refusal:
                problems["model"] = refusal.told
            except DecisionNotFound:
                raise Http404 from None
    fields = (
        Field(name="title", label=_("Name of the decision"), value=title, required=False, max_length=200,
              error=problems.get("title", ""), help=_("For example: fee for a permit.")),
        Field(name="model", label=_("Or load a model in DMN"), kind=FieldKind.FILE, required=False,
              multiple=True, error=problems.get("model", ""), accepted_types=(".dmn", ".xml"),
              max_size="4 MB", help=_("Choose the model first, then the files it imports.")),
    )
    return ui.page(
        request, "rules/new.html", status=422 if problems else 200, fields=fields,
        back_href=reverse("rules:overview"),
    )


@require_safe
def detail(request: HttpRequest, model: UUID) -> HttpResponse:
    """Show a draft: its tables to change, its test cases with what they give."""
    return _page(request, _draft(request, model))


def _draft(request: HttpRequest, model: UUID) -> ModelDraft:
    try:
        return api.get_draft(draft=model, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    except DraftNotFound:
        raise Http404 from None


def _page(
    request: HttpRequest, found: ModelDraft, *, problem: str = "", status: int = 200,
    typed: tuple[int, Sheet] | None = None, written: tuple[int, str] | None = None,
    both: Table | None = None,
) -> HttpResponse:
    shown = [
        (place, typed[1] if typed is not None and typed[0] == place else sheet)
        for place, sheet in enumerate(found.sheets)
    ]
    names = [each.name for each in found.parts] if found.problem else None
    grids = [_grid(place, sheet, names) for place, sheet in shown]
    return ui.page(
        request, "rules/draft.html", status=status, draft=found, problem=problem, both=both,
        sheets=grids, is_at_cells=any(each["wrong"] for each in grids),
        parts=[
            {"it": each, "kind": telling.kind(each.kind), "id": f"deel-{each.place}",
             "type": telling.type_of(each.type),
             "text": written[1] if written is not None and written[0] == each.place else each.text}
            for each in found.parts
        ],
        policies=[(code, telling.policy(code)) for code in sheets.POLICIES], types=telling.types(),
        tried=[
            {"number": number, "it": each, "problem": telling.problem(each)}
            for number, each in enumerate(found.tried)
        ],
        next_case=len(found.tried), default_decision=found.decisions[0] if found.decisions else "",
        is_ready=not found.problem and all(each.has_passed for each in found.tried),
        back_href=reverse("rules:overview"),
    )


def _grid(place: int, sheet: Sheet, names: list[str] | None) -> dict[str, Any]:
    """Give a table as rows of fields, each with a name and words that say which cell it is.

    names: what cells may name, when the model can't answer; then the cells that can't be read say so.
    """
    faults = cells.wrong(sheet, names) if names is not None else {}
    columns = [(f"in-{n}", each, True) for n, each in enumerate(sheet.inputs)]
    columns += [(f"out-{n}", each, False) for n, each in enumerate(sheet.outputs)]
    heads: list[dict[str, Any]] = [
        {"name": name, "it": each, "is_input": is_input, "number": number,
         "title": each.label or each.text or sheet.owner, "is_known": each.type in sheets.TYPES,
         "goes_left": number not in (0, len(sheet.inputs)), "id": f"kop-{place}-{number}",
         "problem": telling.cell(faults.get((-1, number)))}
        for number, (name, each, is_input) in enumerate(columns)
    ]
    rows: list[dict[str, Any]] = [
        {"number": number, "shown": number + 1, "origin": line.origin, "note": line.note,
         "cells": [
             {"name": f"cell-{number}-{n}", "value": cell, "id": f"cel-{place}-{number}-{n}",
              "problem": telling.cell(faults.get((number, n))),
              "label": _("Rule {number}, {column}").format(number=number + 1, column=heads[n]["title"])}
             for n, cell in enumerate((*line.inputs, *line.outputs)) if n < len(heads)
         ]}
        for number, line in enumerate(sheet.lines)
    ]
    everything = [
        *({"id": each["id"], "label": each["title"], "problem": each["problem"]} for each in heads),
        *(cell for row in rows for cell in row["cells"]),
    ]
    return {"place": place, "sheet": sheet, "heads": heads, "rows": rows, "id": f"tabel-{place}",
            "wrong": [each for each in everything if each["problem"]]}


@require_POST
def save_sheet(request: HttpRequest, model: UUID, place: int) -> HttpResponse:
    """Save a table as it was typed, and do what the pressed button asks with it."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "rules.edit_draft")
    sheet: Sheet | None = None
    try:
        sheet = _typed(request.POST)
        api.save_sheet(
            draft=model, place=place, sheet=_acted(sheet, request.POST), revision=_revision(request),
            actor=actor, now=now,
        )
    except DraftNotFound:
        raise Http404 from None
    except DraftChanged as changed:
        said = _("Somebody else saved this table meanwhile. What you typed still stands here. Compare both: "
                 "save again to put yours in its place, or open the page anew to keep the other one.")
        found = replace(_draft(request, model), revision=changed.revision)
        if sheet is None or place >= len(found.sheets):
            return _page(request, found, problem=said, status=409)
        both = comparing.of_sheets(found.sheets[place], sheet)
        return _page(request, found, problem=said, status=409, typed=(place, sheet), both=both)
    except (ModelRefused, ModelNotUsable) as refusal:
        told = refusal.told if isinstance(refusal, ModelNotUsable) else ""
        said = told or _("This table can't be saved: it is too large, or a cell holds something odd.")
        return _page(request, _draft(request, model), problem=said, status=422)
    return ui.redirect("rules:draft", model=model)


@require_POST
def save_expression(request: HttpRequest, model: UUID, place: int) -> HttpResponse:
    """Save the plain expression of one part as it was typed."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "rules.edit_draft")
    text = request.POST.get("text", "").replace("\r\n", "\n").strip()
    try:
        api.save_expression(
            draft=model, place=place, text=text, revision=_revision(request), actor=actor, now=now
        )
    except DraftNotFound:
        raise Http404 from None
    except DraftChanged as changed:
        said = _("Somebody else saved this model meanwhile. What you typed still stands here. Compare both: "
                 "save again to put yours in its place, or open the page anew to keep the other one.")
        found = replace(_draft(request, model), revision=changed.revision)
        theirs = next((each for each in found.parts if each.place == place), None)
        both = comparing.of_texts(theirs.name, theirs.text, text) if theirs else None
        return _page(request, found, problem=said, status=409, written=(place, text), both=both)
    except ModelNotUsable as refusal:
        return _page(
            request, _draft(request, model), problem=refusal.told, status=422, written=(place, text)
        )
    return ui.redirect("rules:draft", model=model)


def _revision(request: HttpRequest) -> int:
    return _number(request.POST.get("revision", ""))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _typed(post: QueryDict) -> Sheet:
    """Read a table from its fields; raises ModelRefused."""
    inputs, outputs = _columns(post, "in"), _columns(post, "out")
    width = len(inputs) + len(outputs)
    lines = []
    for number in range(min(_number(post.get("lines", "")), sheets.MAX_LINES + 1)):
        cells = tuple(post.get(f"cell-{number}-{place}", "").strip() for place in range(width))
        lines.append(Line(
            inputs=cells[:len(inputs)], outputs=cells[len(inputs):], note=post.get(f"note-{number}", ""),
            origin=_origin(post.get(f"line-{number}", "")),
        ))
    return Sheet(
        owner=post.get("owner", "")[:200], policy=post.get("policy", ""), inputs=inputs, outputs=outputs,
        lines=tuple(lines),
    )


def _columns(post: QueryDict, kind: str) -> tuple[Column, ...]:
    return tuple(
        Column(
            text=post.get(f"{kind}-{place}-text", "").strip(),
            label=post.get(f"{kind}-{place}-label", "").strip(),
            type=post.get(f"{kind}-{place}-type", "") if post.get(f"{kind}-{place}-type") in sheets.TYPES
            else "", origin=_origin(post.get(f"{kind}-{place}-origin", "")),
        ) for place in range(min(_number(post.get(f"{kind}-count", "")), sheets.MAX_COLUMNS + 1))
    )


def _origin(text: str) -> int:
    return _number(text) if text.isascii() and text.isdigit() else -1


ACTIONS: dict[str, Callable[[Sheet, int], Sheet]] = {
    "add-line": sheets.with_line, "remove-line": sheets.without_line, "up": sheets.moved_up,
    "remove-column": sheets.without_column, "left": cells.moved_left,
}


def _acted(sheet: Sheet, post: QueryDict) -> Sheet:
    name, _mark, number = post.get("act", "").partition(":")
    added = post.get("new-column", "").strip()[:200]
    if name == "add-input" and added:
        return sheets.with_input(sheet, added)
    if name == "add-output" and added:
        return sheets.with_output(sheet, added)
    act = ACTIONS.get(name)
    return act(sheet, _number(number)) if act is not None else sheet


@require_POST
def save_cases(request: HttpRequest, model: UUID) -> HttpResponse:
    """Save the test cases as they were typed; those without a name or facts and answer are left out."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "rules.edit_draft")
    count = min(_number(request.POST.get("count", "")), 101)
    gone = request.POST.get("remove", "")
    typed = [
        TypedCase(**{part: request.POST.get(f"{part}-{number}", "").strip()
                     for part in ("name", "decision", "facts", "expected")})
        for number in range(count) if str(number) != gone
    ]
    kept = [each for each in typed if each.name and (each.facts or each.expected)]
    try:
        api.save_cases(draft=model, cases=kept, revision=_revision(request), actor=actor, now=now)
    except DraftNotFound:
        raise Http404 from None
    except DraftChanged:
        said = _("Somebody else saved this table meanwhile. Look at it, and fill in your test case again.")
        return _page(request, _draft(request, model), problem=said, status=409)
    except ModelNotUsable as refusal:
        return _page(request, _draft(request, model), problem=refusal.told, status=422)
    return ui.redirect("rules:draft", model=model)


@require_POST
def publish(request: HttpRequest, model: UUID) -> HttpResponse:
    """Make the draft that was seen the newest version; a failing test case stops it."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "rules.deploy")
    try:
        made = api.publish_draft(draft=model, revision=_revision(request), actor=actor, now=now)
        return ui.redirect("rules:model", version=made.version, key=made.key)
    except DraftNotFound:
        raise Http404 from None
    except DraftChanged:
        said = _("Somebody else saved this table meanwhile. Look at it again before you publish it.")
    except ModelNotUsable as refusal:
        said = refusal.told
    except CasesFailed as refusal:
        names = ", ".join(each.name for each in refusal.failed)
        said = _("These test cases do not pass: {names}.").format(names=names)
    except DecisionTaken as refusal:
        said = _("Another model already decides {decision}: {by}.").format(
            decision=refusal.decision, by=refusal.by)
    return _page(request, _draft(request, model), problem=said, status=409)


@require_safe
def export(request: HttpRequest, model: UUID) -> HttpResponse:
    """Give the file of a draft as it was saved."""
    try:
        return telling.file(api.read_draft(draft=model, actor=request.actor))  # type: ignore[attr-defined]
    except DraftNotFound:
        raise Http404 from None


@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, model: UUID) -> HttpResponse:
    """Ask whether to throw a draft away, and do it."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, "rules.edit_draft")
    found = _draft(request, model)
    if request.method == "POST":
        api.discard_draft(draft=model, actor=actor, now=now)
        return ui.redirect("rules:overview")
    return ui.page(
        request, "rules/confirm.html", title=found.title, action=_("Throw the table away"),
        question=_("Throw this table away?"),
        consequence=_("What was published from it stays and goes on deciding."),
        cancel_href=reverse("rules:draft", args=[model]),
    )
