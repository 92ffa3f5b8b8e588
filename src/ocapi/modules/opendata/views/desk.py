"""Desk pages of open data: what is shared, what could be, the switch with its gate, and withdrawing."""

from dataclasses import replace
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, ColumnKind, NavigationItem, PageOf, Row, Table
from ocapi.lib import clock, written
from ocapi.modules.opendata import api
from ocapi.modules.opendata.data import (
    About,
    AboutRefused,
    Decided,
    DeskDataset,
    GateRefused,
    Offer,
    Outcome,
    Proposal,
    ProposalNotFound,
    SamePerson,
    State,
    TableTooLarge,
)
from ocapi.modules.opendata.views import judging, showing
from ocapi.modules.opendata.views.inputs import AboutInput

MAX_COLUMNS = 1_000


@require_http_methods(["GET"])
def overview(request: HttpRequest) -> HttpResponse:
    """List our own datasets, and what modules offer to be shared."""
    return _overview(request)


def _overview(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    own = api.list_own(actor=actor)
    offers = api.list_offers(actor=actor, now=request.now)  # type: ignore[attr-defined]
    may_publish = access.may(actor, api.PUBLISH)
    return ui.page(
        request,
        "opendata/desk.html",
        status=status,
        problem=problem,
        stopped=tuple(
            (each.title, judging.problem(each.problem), _again_href(each) if may_publish else "")
            for each in own
            if each.problem
        ),
        own=_own_table(own),
        offers=_offers_table(offers, may_publish=may_publish),
        tabs=tabs("desk"),
    )


def tabs(current: str) -> tuple[NavigationItem, ...]:
    """Give the tabs of the desk pages."""
    return (
        NavigationItem(label=_("Our data"), href=reverse("opendata:desk"), current=current == "desk"),
        NavigationItem(
            label=_("Harvested sources"), href=reverse("opendata:sources"), current=current == "sources"
        ),
        NavigationItem(label=_("Public catalogue"), href=reverse("opendata:catalog")),
    )


def _again_href(each: DeskDataset) -> str:
    """Give where a dataset that is no longer renewed is proposed again, empty where that is of no help."""
    if each.problem not in judging.PROPOSE_AGAIN or each.waiting:
        return ""
    return reverse("opendata:offer", args=[each.source, each.offer])


def _own_table(own: tuple[DeskDataset, ...]) -> Table:
    return Table(
        caption=_("Our data"),
        columns=(
            Column(code="title", label=_("Dataset")),
            Column(code="state", label=_("State")),
            Column(code="check", label=_("Check")),
            Column(code="changed", label=_("Changed"), kind=ColumnKind.DATE),
        ),
        page=PageOf(items=tuple(_own_row(each) for each in own), page_size=max(len(own), 1)),
        empty_title=_("Nothing is shared yet"),
        empty_text=_("Choose below what the organization may share. The gate checks it first."),
    )


def _own_row(each: DeskDataset) -> Row:
    text, tone = {
        State.PROPOSED: (_("Not public"), "neutral"),
        State.PUBLISHED: (_("Public"), "success"),
        State.GONE: (_("Withdrawn"), "neutral"),
    }[each.state]
    if each.waiting:
        text, tone = _("Waits for a second person"), "warning"
    check = _("In order") if not each.issues else _("{count} remarks").format(count=each.issues)
    if each.state is not State.PUBLISHED:
        check = "–"
    return Row(
        cells=(
            Cell(text=each.title, href=reverse("opendata:desk-dataset", args=[each.uuid])),
            Cell(text=text, tone=tone, note=judging.problem(each.problem)),
            Cell(text=check, tone="" if check == "–" else "warning" if each.issues else "success"),
            Cell(text=written.in_digits(clock.local_day(each.modified_at))),
        )
    )


def _offers_table(offers: tuple[Offer, ...], *, may_publish: bool) -> Table:
    return Table(
        caption=_("Ready to share"),
        columns=(
            Column(code="title", label=_("Data")),
            Column(code="from", label=_("Comes from")),
            Column(code="what", label=_("What it is")),
        ),
        page=PageOf(
            items=tuple(
                Row(
                    cells=(
                        Cell(
                            text=each.title,
                            href=reverse("opendata:offer", args=[each.source, each.code])
                            if may_publish
                            else "",
                        ),
                        Cell(text=judging.module(each.source)),
                        Cell(text=each.description),
                    )
                )
                for each in offers
            ),
            page_size=max(len(offers), 1),
        ),
        empty_title=_("Everything is shared"),
        empty_text=_("No module has data that is not shared yet."),
    )


@require_http_methods(["GET", "POST"])
def offer(request: HttpRequest, source: str, offer: str) -> HttpResponse:
    """Show what would be public with what the gate says, and share it by one switch."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    last = api.find_about(source=source, code=offer, actor=actor)
    chosen = _left_out(request, last)
    try:
        found, table, verdict = api.preview(source=source, code=offer, left_out=chosen, actor=actor, now=now)
    except TableTooLarge:
        text = _("A file holds at most 50,000 rows. Share this data through a data service instead.")
        return _overview(request, problem=text, status=409)
    typed = AboutInput.read(request.POST) if request.method == "POST" else AboutInput.of(found, last)
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        errors = typed.problems()
        if not errors:
            try:
                code, decided = api.propose(
                    source=source,
                    code=offer,
                    about=replace(typed.about, left_out=chosen or ()),
                    ground=typed.ground,
                    motive=typed.motive,
                    actor=actor,
                    now=now,
                )
            except AboutRefused as refused:
                errors = refused.fields
            except GateRefused as refused:
                verdict, status = refused.verdict, 409
            else:
                return _after(code, decided)
        status = 422 if errors else status
    return ui.page(
        request,
        "opendata/offer.html",
        status=status,
        offer=found,
        verdict=judging.verdict(verdict),
        findings=judging.findings(verdict),
        is_refused=verdict.outcome is Outcome.REFUSED,
        needs_second=verdict.outcome is Outcome.SECOND_PERSON,
        fields=typed.fields(errors),
        preview=showing.table_of(table, caption=_("What will be public: the first rows")) if table else None,
        tags=judging.tags(table, verdict),
        choice=judging.columns_field(found, table, verdict) if table else None,
        row_count=len(table.rows) if table else 0,
        forms=showing.offered_forms(table),
    )


def _left_out(request: HttpRequest, last: About | None) -> tuple[str, ...] | None:
    """Give the columns that were chosen to stay here: in this request, else last time; None for never."""
    given = request.POST if request.method == "POST" else request.GET
    if request.method == "POST" or judging.COLUMNS_CHOSEN in given:
        return tuple(each[:200] for each in given.getlist(judging.COLUMNS_PARAMETER)[:MAX_COLUMNS])
    return last.left_out if last else None


def _after(code: str, decided: Decided) -> HttpResponse:
    if decided is Decided.WAITING:
        return ui.redirect("opendata:desk")
    return ui.redirect("opendata:dataset", code)


@require_http_methods(["GET", "POST"])
def dataset(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """Show a dataset with its evidence; a second person approves or turns down what waits."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    problem, status = "", 200
    if request.method == "POST":
        remark = request.POST.get("remark", "").strip()[:2_000]
        try:
            if request.POST.get("decision") == "approve":
                api.approve(dataset=dataset, remark=remark, actor=actor, now=now)
            else:
                api.turn_down(dataset=dataset, remark=remark, actor=actor, now=now)
        except SamePerson:
            status, problem = 409, _("You proposed this yourself. Ask a colleague to look at it.")
        except ProposalNotFound:
            status, problem = 409, _("Somebody decided this in the meantime.")
        else:
            return ui.redirect("opendata:desk-dataset", dataset)
    found, proposals, public = api.get_own(dataset=dataset, actor=actor)
    waiting = next((each for each in proposals if each.decided is Decided.WAITING), None)
    may_approve = access.may(actor, api.APPROVE)
    rows = api.get_proposed_rows(dataset=dataset, actor=actor) if waiting and may_approve else None
    may_publish = access.may(actor, api.PUBLISH) and found.source != "series"
    return ui.page(
        request,
        "opendata/desk_dataset.html",
        status=status,
        found=found,
        problem=problem,
        note=judging.problem(found.problem),
        again_href=_again_href(found) if may_publish else "",
        waiting=waiting,
        may_approve=may_approve,
        is_own=bool(waiting and waiting.is_own),
        remark=judging.remark_field(),
        findings=judging.findings(waiting.verdict) if waiting else (),
        verdict=judging.verdict(waiting.verdict) if waiting else "",
        facts=judging.proposal_facts(waiting) if waiting else (),
        preview=showing.table_of(rows, caption=_("What will be public: the first rows")) if rows else None,
        history=_history(proposals),
        report=showing.report(public) if public else None,
        public_href=reverse("opendata:dataset", args=[found.code]) if public else "",
        edit_href=reverse("opendata:offer", args=[found.source, found.offer]) if may_publish else "",
        withdraw_href=reverse("opendata:withdraw", args=[dataset])
        if public and access.may(actor, api.WITHDRAW)
        else "",
    )


def _history(proposals: tuple[Proposal, ...]) -> Table:
    states = {
        Decided.WAITING: (_("Waits"), "warning"),
        Decided.APPROVED: (_("Approved"), "success"),
        Decided.TURNED_DOWN: (_("Turned down"), "neutral"),
    }
    return Table(
        caption=_("Evidence"),
        columns=(
            Column(code="asked", label=_("Proposed on")),
            Column(code="ground", label=_("Legal ground")),
            Column(code="gate", label=_("The gate said")),
            Column(code="decided", label=_("Decision")),
            Column(code="rows", label=_("Rows"), kind=ColumnKind.NUMBER),
            Column(code="digest", label=_("Fingerprint"), kind=ColumnKind.CODE),
        ),
        page=PageOf(
            items=tuple(
                Row(
                    cells=(
                        Cell(text=written.moment(each.requested_at)),
                        Cell(text=judging.ground(each.ground), note=each.motive[:120]),
                        Cell(text=judging.verdict(each.verdict)),
                        Cell(
                            text=states[each.decided][0], tone=states[each.decided][1], note=each.remark[:120]
                        ),
                        Cell(text=showing.number(each.row_count)),
                        Cell(text=each.digest[:12] or "–"),
                    )
                )
                for each in proposals
            ),
            page_size=max(len(proposals), 1),
        ),
        empty_title=_("No evidence yet"),
        empty_text=_("A line appears here for each proposal."),
    )


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """Ask whether to take a dataset out of the catalogue, and do it."""
    actor = request.actor  # type: ignore[attr-defined]
    access.require(actor, api.WITHDRAW)
    found, _proposals, public = api.get_own(dataset=dataset, actor=actor)
    if public is None:
        raise Http404
    if request.method == "POST":
        api.withdraw(dataset=dataset, actor=actor, now=request.now)  # type: ignore[attr-defined]
        return ui.redirect("opendata:desk-dataset", dataset)
    return ui.page(
        request,
        "opendata/confirm.html",
        title=_("Withdraw"),
        question=_("Withdraw {title}?").format(title=found.title),
        consequence=_(
            "Nobody can download it any more. Its address says that it was withdrawn. "
            "Copies that others made stay with them."
        ),
        action=_("Withdraw this data"),
        cancel_href=reverse("opendata:desk-dataset", args=[dataset]),
    )
