"""Letting runs go on in another version: what does not fit, how far it is, and what came of it."""

import contextlib
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import (
    Cell,
    Column,
    ColumnKind,
    Definition,
    Field,
    FieldKind,
    Option,
    PageOf,
    Row,
    Table,
)
from ocapi.lib import written
from ocapi.modules.processes import api
from ocapi.modules.processes.data import Definition as ProcessVersion
from ocapi.modules.processes.data import (
    Migration,
    MigrationNotFound,
    MigrationPlan,
    MigrationStage,
    Misfit,
    ProcessNotFound,
    StepNotPossible,
)
from ocapi.modules.processes.views import naming, telling

_BUSY = (MigrationStage.CHECKING, MigrationStage.MOVING)


@require_safe
def overview(request: HttpRequest, definition: UUID) -> HttpResponse:
    """Show to which versions the runs of this one can go, and what was done before."""
    actor = request.actor  # type: ignore[attr-defined]
    access.require(actor, api.MIGRATE)
    found, versions = _version(request, definition)
    others = tuple(
        (_("Go on in version {version}").format(version=each.version),
         reverse("processes:migrate", args=[definition, each.uuid]))
        for each in versions if each.uuid != definition
    )[:20]
    return ui.page(
        request, "processes/migrations.html", name=found.name or found.key, version=found.version,
        others=others, earlier=_earlier(api.list_migrations(definition=definition, actor=actor)),
        back_href=reverse("processes:definition", args=[definition]),
    )


def _version(request: HttpRequest, definition: UUID) -> tuple[ProcessVersion, tuple[ProcessVersion, ...]]:
    try:
        return api.get_definition(definition=definition, actor=request.actor)  # type: ignore[attr-defined]
    except ProcessNotFound:
        raise Http404 from None


def _earlier(found: tuple[Migration, ...]) -> Table:
    rows = tuple(
        Row(cells=(
            Cell(text=written.moment(each.asked_at), href=reverse("processes:migration", args=[each.uuid])),
            Cell(text=str(each.versions[1])), _stage(each), Cell(text=str(each.fits)),
            Cell(text=str(each.done - each.fits)),
        )) for each in found
    )
    return Table(
        caption=_("Earlier plans"),
        columns=(
            Column(code="at", label=_("Asked on"), kind=ColumnKind.DATE),
            Column(code="to", label=_("To version"), kind=ColumnKind.NUMBER),
            Column(code="stage", label=_("State")),
            Column(code="fits", label=_("Runs that go along"), kind=ColumnKind.NUMBER),
            Column(code="stay", label=_("Runs that stay"), kind=ColumnKind.NUMBER),
        ),
        page=PageOf(items=rows, page_size=max(len(rows), 1)),
        empty_title=_("No plans yet"),
        empty_text=_("Choose a version above. We first look at each run; nothing moves yet."),
    )


def _stage(found: Migration) -> Cell:
    return {
        MigrationStage.CHECKING: Cell(text=_("Runs are being looked at"), tone="info"),
        MigrationStage.CHECKED: Cell(text=_("Looked at, nothing moved"), tone="neutral"),
        MigrationStage.MOVING: Cell(text=_("Runs are moving"), tone="info"),
        MigrationStage.DONE: Cell(text=_("Plan carried out"), tone="success"),
    }[found.stage]


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, definition: UUID, other: UUID) -> HttpResponse:
    """Ask where runs go on whose step the other version lacks, and let the worker look at each run."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, api.MIGRATE)
    source, _versions = _version(request, definition)
    target, _others = _version(request, other)
    try:
        misfits = api.list_misfits(source=definition, target=other, actor=actor)
    except StepNotPossible:
        raise Http404 from None
    chosen = {
        each.node: request.POST.get(f"to:{each.node}", "" if request.method == "POST" else each.proposed)
        for each in misfits
    }
    wrong = [each.node for each in misfits if chosen[each.node] not in ("", *dict(each.options))]
    if request.method == "POST" and not wrong:
        plan = MigrationPlan(
            source=definition, target=other, nodes={old: new for old, new in chosen.items() if new}
        )
        try:
            made = api.ask_migration(plan=plan, actor=actor, now=now)
        except StepNotPossible:
            raise Http404 from None
        return ui.redirect("processes:migration", migration=made)
    return ui.page(
        request, "processes/migrate.html", status=422 if wrong else 200, name=source.name or source.key,
        source=source, target=target,
        fields=tuple(_field(index, each, chosen[each.node], wrong) for index, each in enumerate(misfits)),
        compare_href=reverse("processes:compare", args=[
            *((other, definition) if target.version > source.version else (definition, other))]),
        back_href=reverse("processes:migrations", args=[definition]),
    )


def _field(index: int, each: Misfit, chosen: str, wrong: list[str]) -> Field:
    here = ngettext(
        "{count} run stands here now.", "{count} runs stand here now.", each.waiting
    ).format(count=each.waiting) if each.waiting else _("No run stands here now.")
    return Field(
        name=f"to:{each.node}", html_id=f"id_to_{index}", kind=FieldKind.SELECT, value=chosen, required=False,
        label=f"{each.name} ({naming.kind(each.kind)})",
        help=f"{reason(each.reason)} {here}",
        error=_("Choose a step from the list.") if each.node in wrong else "",
        options=(Option(value="", label=_("Nowhere: runs that stand here stay")),
                 *(Option(value=code, label=name) for code, name in each.options)),
    )


def reason(code: str) -> str:
    """Say why a run can't stand at an element any more."""
    return {
        "nodeGone": _("This step is not in the other version."),
        "nodeUnknown": _("This step is not in this version."),
        "otherKind": _("This step is of another kind in the other version."),
        "otherPlace": _("This step stands in another part of the drawing in the other version."),
        "otherRepetition": _("This step is repeated in one version and not in the other."),
        "flowGone": _("The arrow along which the run came is not in the other version."),
        "ended": _("This run ended meanwhile."),
    }.get(code) or telling.incident(code)


@require_safe
def detail(request: HttpRequest, migration: UUID) -> HttpResponse:
    """Show how far a migration is, what does not fit and why, and what can be done."""
    actor = request.actor  # type: ignore[attr-defined]
    try:
        found = api.get_migration(migration=migration, actor=actor)
    except MigrationNotFound:
        raise Http404 from None
    again = reverse("processes:migrate", args=[found.source, found.target])
    go = ngettext(
        "Let {count} run go on in version {version}", "Let {count} runs go on in version {version}",
        found.fits,
    ).format(count=found.fits, version=found.versions[1])
    return ui.page(
        request, "processes/migration.html", found=found, is_busy=found.stage in _BUSY, said=_said(found),
        facts=_facts(found), percent=100 * found.done // found.total if found.total else 100,
        refused=_refused(found) if found.refused else None, stays=_stays(found) if found.stays else None,
        go=go if found.stage is MigrationStage.CHECKED and found.fits else "",
        go_href=reverse("processes:carry-out-migration", args=[found.uuid]),
        again_href=again if found.stage is MigrationStage.CHECKED else "",
        target_href=reverse("processes:definition", args=[found.target]),
        back_href=reverse("processes:migrations", args=[found.source]),
    )


def _said(found: Migration) -> str:
    stay = found.done - found.fits
    if found.stage not in _BUSY and not found.total:
        return _("No run of this version is busy any more.")
    return {
        MigrationStage.CHECKING: _("We look at each run. Nothing moves yet: {done} of {total} looked at."),
        MigrationStage.CHECKED: _("{fits} of {total} runs can go along, {stay} stay. Nothing has moved yet."),
        MigrationStage.MOVING: _("The runs move one by one: {done} of {total} done."),
        MigrationStage.DONE: _("{fits} of {total} runs went along, {stay} stayed where they were."),
    }[found.stage].format(done=found.done, total=found.total, fits=found.fits, stay=stay)


def _facts(found: Migration) -> tuple[Definition, ...]:
    old, new = found.versions
    return (
        Definition(term=_("From version"), value=str(old),
                   href=reverse("processes:definition", args=[found.source])),
        Definition(term=_("To version"), value=str(new),
                   href=reverse("processes:definition", args=[found.target])),
        Definition(term=_("Asked on"), value=written.moment(found.asked_at)),
        *((Definition(term=_("Ready on"), value=written.moment(found.ended_at)),) if found.ended_at else ()),
    )


def _refused(found: Migration) -> Table:
    return Table(
        caption=_("Why runs stay"),
        columns=(
            Column(code="step", label=_("Step")), Column(code="why", label=_("Why")),
            Column(code="runs", label=_("Number of runs"), kind=ColumnKind.NUMBER),
        ),
        page=PageOf(items=tuple(
            Row(cells=(
                Cell(text=each.name or "–"), Cell(text=reason(each.reason)), Cell(text=str(each.count))
            )) for each in found.refused
        ), page_size=len(found.refused)),
    )


def _stays(found: Migration) -> Table:
    return Table(
        caption=_("Runs that stay, the first fifty"),
        columns=(Column(code="about", label=_("About")), Column(code="why", label=_("Why"))),
        page=PageOf(items=tuple(
            Row(cells=(
                Cell(text=each.business_key or str(each.instance)[:8],
                     href=reverse("processes:instance", args=[each.instance])),
                Cell(text=" ".join(f"{name}: {reason(why)}" if name else reason(why)
                                   for name, why in each.reasons)),
            )) for each in found.stays
        ), page_size=len(found.stays)),
    )


@require_POST
def carry_out(request: HttpRequest, migration: UUID) -> HttpResponse:
    """Let the runs move that can; a second press changes nothing."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    try:
        api.get_migration(migration=migration, actor=actor)
    except MigrationNotFound:
        raise Http404 from None
    with contextlib.suppress(MigrationNotFound):  # somebody else was first: the page tells how far it is
        api.carry_out_migration(migration=migration, actor=actor, now=now)
    return ui.redirect("processes:migration", migration=migration)
