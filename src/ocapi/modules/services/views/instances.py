"""Desk pages of local instances: made of a concept, reviewed when its meaning changed, published."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, ColumnKind, Definition, Field, FieldKind, PageOf, Row, Table
from ocapi.lib import clock, written
from ocapi.modules.services import api
from ocapi.modules.services.data import (
    EntryNotFound,
    InstanceDetail,
    InstanceExists,
    InstanceState,
    InstanceSummary,
    InvalidCursor,
    NotPublishable,
    Review,
    Said,
)

WRITE = "services.write_instance"
MOST = 50_000
UNPROCESSABLE, CONFLICT = 422, 409


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List our instances, those to review first."""
    actor = request.actor  # type: ignore[attr-defined]
    only_review = request.GET.get("nakijken") == "1"
    try:
        page = api.list_instances(actor=actor, only_review=only_review, cursor=request.GET.get("cursor", ""))
    except InvalidCursor:
        return ui.redirect("services:instances")
    table = Table(
        caption=_("Our own versions"),
        columns=(
            Column(code="title", label=_("Title")),
            Column(code="state", label=_("Version")),
            Column(code="review", label=_("Look at it")),
            Column(code="changed", label=_("Changed on"), kind=ColumnKind.DATE),
        ),
        page=PageOf(
            items=tuple(_row(each) for each in page.items), page_size=25, next_cursor=page.next_cursor
        ),
        empty_title=_("Nothing to look at") if only_review else _("No versions of our own yet"),
        empty_text=_("Open a concept in the catalogue and make a version of it."),
    )
    return ui.page(request, "services/instances.html", table=table, only_review=only_review)


def _row(each: InstanceSummary) -> Row:
    return Row(
        cells=(
            Cell(text=each.title, href=reverse("services:instance", args=[each.uuid])),
            Cell(text=_state(each), tone="success" if each.state is InstanceState.PUBLISHED else "neutral"),
            Cell(text=_review(each.review) or "–", tone="warning" if each.review else ""),
            Cell(text=written.in_digits(clock.local_day(each.changed_at))),
        )
    )


def _state(each: InstanceSummary) -> str:
    words = {
        InstanceState.DRAFT: _("Draft"),
        InstanceState.PUBLISHED: _("Online"),
        InstanceState.ARCHIVED: _("No longer offered"),
    }[each.state]
    return f"{words} ({each.version})" if each.version else words


def _review(of: Review | None) -> str:
    if of is None:
        return ""
    return {Review.CHANGED: _("The concept changed"), Review.ARCHIVED: _("The concept is gone")}[of]


@require_POST
def make(request: HttpRequest, entry: UUID) -> HttpResponse:
    """Make our own version of a concept, or show the one there is."""
    try:
        made = api.make_instance(entry=entry, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    except InstanceExists as known:
        made = known.uuid
    return ui.redirect("services:instance", local=made)


@require_safe
def detail(request: HttpRequest, local: UUID) -> HttpResponse:
    """Show an instance, what changed in its concept, and what may be done."""
    return _show(request, local)


def _show(request: HttpRequest, instance: UUID, *, status: int = 200, warning: str = "") -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    found = api.get_instance(instance=instance, actor=actor)
    form = request.address_form  # type: ignore[attr-defined]
    facts = (
        Definition(term=_("State"), value=_state(found)),
        Definition(
            term=_("Concept"),
            value=found.concept or _("None: a product of our own, without a Flemish concept."),
        ),
        Definition(term=_("Changed on"), value=written.moment(found.changed_at)),
    )
    return ui.page(
        request,
        "services/instance.html",
        status=status,
        instance=found,
        facts=facts,
        review=_review(found.review),
        warning=warning,
        is_public=found.state is InstanceState.PUBLISHED,
        parts=_parts(found, form),
        may_write=access.may(actor, WRITE),
        snapshots=tuple((each, written.moment(each.published_at)) for each in found.snapshots),
    )


def _parts(found: InstanceDetail, form: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    def say(said: Said) -> str:
        return str(getattr(said, form))

    text = found.text
    single = (
        (_("Title"), text.title),
        (_("Description"), text.description),
        (_("Exceptions"), text.exception),
        (_("Regulation"), text.regulation),
    )
    several = (
        (_("Conditions"), text.requirements),
        (_("What to bring"), text.evidence),
        (_("Procedure"), text.procedures),
        (_("Costs"), text.costs),
        (_("Benefits"), text.benefits),
        (_("Websites"), text.websites),
    )
    told = [(label, (say(said),)) for label, said in single if say(said)]
    told += [
        (label, tuple(f"{say(p.title)}: {say(p.text)}".strip(": ") for p in parts))
        for label, parts in several
        if parts
    ]
    return tuple(told)


@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, local: UUID) -> HttpResponse:
    """Write title, description and exceptions in the form the organization speaks."""
    actor, now, form = request.actor, request.now, request.address_form  # type: ignore[attr-defined]
    access.require(actor, WRITE)
    found = api.get_instance(instance=local, actor=actor)
    names = (
        ("title", _("Title"), FieldKind.TEXT),
        ("description", _("Description"), FieldKind.TEXTAREA),
        ("exception", _("Exceptions"), FieldKind.TEXTAREA),
    )
    typed = {name: request.POST.get(name, "").strip()[:MOST] for name, _label, _kind in names}
    missing = request.method == "POST" and not (typed["title"] and typed["description"])
    if request.method == "POST" and not missing:
        changes = {name: replace(getattr(found.text, name), **{form: text}) for name, text in typed.items()}
        api.write_instance(instance=local, text=replace(found.text, **changes), actor=actor, now=now)
        return ui.redirect("services:instance", local=local)
    fields = tuple(
        Field(
            name=name,
            label=label,
            kind=kind,
            rows=8,
            required=name != "exception",
            value=typed[name] if request.method == "POST" else getattr(getattr(found.text, name), form),
            error=_("Fill in this text.") if missing and name != "exception" and not typed[name] else "",
        )
        for name, label, kind in names
    )
    return ui.page(
        request,
        "services/write.html",
        status=UNPROCESSABLE if missing else 200,
        title=_("Write our own text"),
        fields=fields,
        instance=found,
    )


@require_POST
def act(request: HttpRequest, local: UUID) -> HttpResponse:
    """Settle a review, publish, or stop offering an instance."""
    acts: dict[str, Callable[..., None]] = {
        "keep": api.keep_own_text,
        "take-over": api.take_over_text,
        "publish": api.publish_instance,
        "archive": api.archive_instance,
    }
    access.require(request.actor, WRITE)  # type: ignore[attr-defined]
    chosen = acts.get(request.POST.get("what", ""))
    if chosen is None:
        return _show(request, local, status=UNPROCESSABLE, warning=_("Choose what to do."))
    try:
        chosen(instance=local, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    except EntryNotFound:
        return _show(request, local, status=CONFLICT, warning=_("The concept is not in the catalogue."))
    except NotPublishable as refused:
        return _show(request, local, status=CONFLICT, warning=_problems(refused.problems))
    return ui.redirect("services:instance", local=local)


def _problems(codes: tuple[str, ...]) -> str:
    words = {
        "titleMissing": _("There is no title in the address form of the organization. Write one."),
        "descriptionMissing": _(
            "There is no description in the address form of the organization. Write one."
        ),
        "otherFormOnly": _("The texts of the other address form are not used in its place."),
    }
    return " ".join(words.get(code, code) for code in codes)
