"""Desk pages of webhooks: subscriptions, what was delivered, the error queue, and sending again."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.access import api as access
from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.jobs.data import (
    Delivery,
    DeliveryState,
    InvalidCursor,
    InvalidSubscription,
    NotFound,
    Subscription,
    SubscriptionState,
)
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, Field, FieldKind, NavigationItem, PageOf, Row, Table
from ocapi.modules.exchange.views.dressing import moment

LONGEST = 2000


@require_http_methods(["GET"])
def overview(request: HttpRequest) -> HttpResponse:
    """List subscriptions and deliveries; `?staat=failed` shows the error queue alone."""
    actor = request.actor  # type: ignore[attr-defined]
    access.require(actor, "exchange.list_webhooks")
    failed_only = request.GET.get("staat") == DeliveryState.FAILED.value
    try:
        page = jobs.list_deliveries(
            actor=actor, state=DeliveryState.FAILED if failed_only else None,
            cursor=request.GET.get("cursor", ""),
        )
    except InvalidCursor:
        raise Http404 from None
    here = reverse("exchange:webhooks")
    tabs = (
        NavigationItem(label=_("All deliveries"), href=here, current=not failed_only),
        NavigationItem(label=_("Error queue"), href=f"{here}?staat=failed", current=failed_only),
    )
    return ui.page(
        request, "exchange/webhooks.html", subscriptions=_subscriptions(jobs.list_subscriptions(actor=actor)),
        deliveries=_deliveries(page.items, page.cursor, failed_only=failed_only), tabs=tabs,
        new_href=reverse("exchange:subscribe"),
    )


@require_http_methods(["GET", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Show and take in the form of a new subscription."""
    access.require(request.actor, "jobs.subscribe")  # type: ignore[attr-defined]
    typed = {name: request.POST.get(name, "").strip()[:LONGEST] for name in ("url", "patterns")}
    if request.method != "POST":
        return _form(request, typed, "")
    try:
        jobs.subscribe(
            url=typed["url"], patterns=tuple(typed["patterns"].split()),
            actor=request.actor, now=request.now,  # type: ignore[attr-defined]
        )
    except InvalidSubscription:
        return _form(request, typed, _(
            "Check the address and the types. The address starts with https:// and leads to a public server."
        ), status=422)
    return ui.redirect("exchange:webhooks")


@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, subscription: UUID) -> HttpResponse:
    """Ask whether to end a subscription, and do it."""
    actor = request.actor  # type: ignore[attr-defined]
    access.require(actor, "jobs.subscribe")
    found = next((each for each in jobs.list_subscriptions(actor=actor) if each.uuid == subscription), None)
    if found is None:
        raise Http404
    if request.method == "POST":
        jobs.unsubscribe(subscription=subscription, actor=actor, now=request.now)  # type: ignore[attr-defined]
        return ui.redirect("exchange:webhooks")
    return ui.page(
        request, "exchange/confirm.html", title=_("End subscription"),
        question=_("End the subscription of {url}?").format(url=found.url),
        consequence=_("This receiver gets no more events. What still waits is not sent."),
        action=_("End the subscription"), cancel_href=reverse("exchange:webhooks"),
    )


@require_http_methods(["GET", "POST"])
def replay(request: HttpRequest, delivery: UUID) -> HttpResponse:
    """Ask whether to send an event again, and do it."""
    access.require(request.actor, "jobs.replay")  # type: ignore[attr-defined]
    if request.method == "POST":
        try:
            jobs.replay(delivery=delivery, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
        except NotFound:
            raise Http404 from None
        return ui.redirect("exchange:webhooks")
    return ui.page(
        request, "exchange/confirm.html", title=_("Send again"), question=_("Send this event again?"),
        consequence=_("The receiver gets the same event under the same id."),
        action=_("Send again"), cancel_href=reverse("exchange:webhooks"),
    )


def _subscriptions(found: tuple[Subscription, ...]) -> Table:
    return Table(
        caption=_("Subscriptions"),
        columns=(
            Column(code="url", label=_("Receiver")), Column(code="patterns", label=_("Events")),
            Column(code="state", label=_("State")), Column(code="end", label=_("Action")),
        ),
        page=PageOf(items=tuple(_subscription_row(each) for each in found), page_size=max(len(found), 1)),
        empty_title=_("Nobody is subscribed"),
        empty_text=_("A subscriber gets a signed message for every event it asked for."),
        empty_href=reverse("exchange:subscribe"), empty_action=_("Add a subscription"),
    )


def _subscription_row(each: Subscription) -> Row:
    states = {
        SubscriptionState.PENDING: (_("Waits for the receiver"), "info"),
        SubscriptionState.ACTIVE: (_("Active"), "success"),
        SubscriptionState.ENDED: (_("Ended"), "neutral"),
    }
    text, tone = states[each.state]
    can_end = each.state is not SubscriptionState.ENDED
    href = reverse("exchange:unsubscribe", args=[each.uuid]) if can_end else ""
    return Row(cells=(
        Cell(text=each.url), Cell(text=", ".join(each.patterns)), Cell(text=text, tone=tone),
        Cell(text=_("End") if can_end else "–", href=href),
    ))


def _deliveries(items: tuple[Delivery, ...], cursor: str, *, failed_only: bool) -> Table:
    return Table(
        caption=_("Error queue") if failed_only else _("Deliveries"),
        columns=(
            Column(code="event", label=_("Event")), Column(code="due", label=_("Planned at")),
            Column(code="attempts", label=_("Attempts")), Column(code="state", label=_("State")),
            Column(code="again", label=_("Action")),
        ),
        page=PageOf(items=tuple(_delivery_row(each) for each in items), next_cursor=cursor),
        empty_title=_("Nothing to see here yet"),
        empty_text=_("Nothing failed.") if failed_only else _("No event was sent yet."),
    )


def _delivery_row(each: Delivery) -> Row:
    states = {
        DeliveryState.WAITING: (_("Waits"), "info"), DeliveryState.SENDING: (_("Is being sent"), "info"),
        DeliveryState.DELIVERED: (_("Delivered"), "success"), DeliveryState.FAILED: (_("Failed"), "error"),
        DeliveryState.ENDED: (_("Ended"), "neutral"),
    }
    text, tone = states[each.state]
    can_replay = each.state in (DeliveryState.FAILED, DeliveryState.DELIVERED)
    href = reverse("exchange:replay", args=[each.uuid]) if can_replay else ""
    reason = f"{each.status or ''} {each.error_code}".strip()
    return Row(cells=(
        Cell(text=each.event_type, note=each.subject), Cell(text=moment(each.due_at)),
        Cell(text=str(each.attempts)), Cell(text=text, tone=tone, note=reason),
        Cell(text=_("Send again") if can_replay else "–", href=href),
    ))


def _form(request: HttpRequest, typed: dict[str, str], error: str, *, status: int = 200) -> HttpResponse:
    fields = (
        Field(name="url", label=_("Address of the receiver"), value=typed["url"], error=error,
              max_length=LONGEST,
              help=_("Starts with https://. We ask the receiver first whether it agrees.")),
        Field(name="patterns", label=_("Types of events"), kind=FieldKind.TEXTAREA,
              value=typed["patterns"], rows=4,
              help=_("One type per line, such as be.ocapi.cases.*")),
    )
    return ui.page(
        request, "exchange/subscribe.html", status=status, fields=fields,
        back_href=reverse("exchange:webhooks"),
    )
