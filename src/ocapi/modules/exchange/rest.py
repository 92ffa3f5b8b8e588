"""The API `webhooks`: subscriptions of receivers, deliveries, and sending again."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.jobs.data import (
    Delivery,
    DeliveryState,
    InvalidSubscription,
    NotFound,
    Subscription,
    SubscriptionState,
)
from ocapi.lib.problem import INPUT_EXTENDED, InputRefused, Issue

API_NAME = "webhooks"
TITLE = "Webhooks"
VERSION = "1.0.0"

router = Router(tags=["Webhooks"])


class WebhookNotFound(LookupError):
    """No subscription or delivery of that id."""


class SubscriptionIn(Schema):
    """A receiver and the types of events it wants."""

    url: str = Field(max_length=2000, description="Address of the receiver, which must agree first.")
    eventTypes: list[str] = Field(  # noqa: N815 (BelGIF writes members in lowerCamelCase)
        min_length=1, max_length=50, description="Event types; a last `*` stands for any rest."
    )


class SubscriptionOut(Schema):
    """A subscription; it gets events once the receiver agreed."""

    href: str
    id: UUID
    url: str
    eventTypes: list[str]  # noqa: N815
    state: str = Field(description="pending, active or ended")
    endedReason: str | None = None  # noqa: N815


class SubscriptionsOut(Schema):
    """Every subscription, oldest first."""

    self: str
    items: list[SubscriptionOut]


class DeliveryOut(Schema):
    """One event on its way to one subscriber."""

    id: UUID
    subscription: UUID
    event: UUID
    eventType: str  # noqa: N815
    sequence: int
    state: str = Field(description="waiting, sending, delivered, failed or ended")
    attempts: int
    dueAt: str  # noqa: N815
    lastStatus: int | None = None  # noqa: N815
    errorCode: str | None = None  # noqa: N815


class DeliveriesOut(Schema):
    """One page of deliveries, newest first."""

    self: str
    items: list[DeliveryOut]
    next: str | None = None


@router.get(
    "/subscriptions", response=SubscriptionsOut, operation_id="listSubscriptions",
    summary="List subscriptions",
    openapi_extra={"x-ocapi-operation": "jobs.list_deliveries"},
)
def list_subscriptions(request: HttpRequest) -> Any:
    """List the subscriptions of this organization that have not ended."""
    found = jobs.list_subscriptions(actor=request.actor)  # type: ignore[attr-defined]
    alive = [each for each in found if each.state is not SubscriptionState.ENDED]
    return {"self": _here(request), "items": [_subscription(request, each) for each in alive]}


@router.post(
    "/subscriptions", response={201: SubscriptionOut}, operation_id="createSubscription",
    summary="Subscribe a receiver", openapi_extra={"x-ocapi-operation": "jobs.subscribe"},
)
def create_subscription(request: HttpRequest, response: HttpResponse, body: SubscriptionIn) -> Any:
    """Subscribe a receiver; events follow when it has agreed by the handshake of CloudEvents webhooks."""
    try:
        made = jobs.subscribe(
            url=body.url, patterns=tuple(body.eventTypes),
            actor=request.actor, now=request.now,  # type: ignore[attr-defined]
        )
    except InvalidSubscription as refused:
        raise InputRefused((Issue(
            kind=f"{INPUT_EXTENDED}rejectedInput", place="body", name="$", detail=str(refused)
        ),)) from None
    shown = _subscription(request, made)
    response["Location"] = str(shown["href"])
    return 201, shown


@router.get(
    "/subscriptions/{uuid:subscriptionId}", response=SubscriptionOut, operation_id="getSubscription",
    summary="Get a subscription", openapi_extra={"x-ocapi-operation": "jobs.list_deliveries"},
)
def get_subscription(request: HttpRequest, subscriptionId: UUID) -> Any:  # noqa: N803
    """Give one subscription."""
    return _subscription(request, _find(request, subscriptionId))


@router.delete(
    "/subscriptions/{uuid:subscriptionId}", response={204: None}, operation_id="deleteSubscription",
    summary="End a subscription", openapi_extra={"x-ocapi-operation": "jobs.subscribe"},
)
def delete_subscription(request: HttpRequest, subscriptionId: UUID) -> Any:  # noqa: N803
    """End a subscription; what still waits for it is not sent."""
    try:
        _find(request, subscriptionId)
        jobs.unsubscribe(subscription=subscriptionId, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    except NotFound:
        raise WebhookNotFound from None
    return 204, None


@router.get(
    "/deliveries", response=DeliveriesOut, operation_id="listDeliveries", summary="List deliveries",
    openapi_extra={"x-ocapi-operation": "jobs.list_deliveries"},
)
def list_deliveries(
    request: HttpRequest,
    state: DeliveryState | None = Query(None, description="failed is the error queue"),
    cursor: str = Query("", max_length=200),
    pageSize: int = Query(20, ge=1, le=100),  # noqa: N803
) -> Any:
    """List deliveries, newest first."""
    page = jobs.list_deliveries(
        actor=request.actor, state=state, cursor=cursor, page_size=pageSize,  # type: ignore[attr-defined]
    )
    answer: dict[str, object] = {"self": _here(request), "items": [_delivery(each) for each in page.items]}
    if page.cursor:
        kept = {"state": state, "pageSize": pageSize, "cursor": page.cursor}
        query = urlencode({name: value for name, value in kept.items() if value})
        answer["next"] = f"{request.build_absolute_uri(request.path)}?{query}"
    return answer


@router.post(
    "/deliveries/{uuid:deliveryId}/replay", response={204: None}, operation_id="replayDelivery",
    summary="Send an event again", openapi_extra={"x-ocapi-operation": "jobs.replay"},
)
def replay_delivery(request: HttpRequest, deliveryId: UUID) -> Any:  # noqa: N803
    """Send a failed or delivered event again, under the same id."""
    try:
        jobs.replay(delivery=deliveryId, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    except NotFound:
        raise WebhookNotFound from None
    return 204, None


def _find(request: HttpRequest, wanted: UUID) -> Subscription:
    """Find a subscription that has not ended, or raise WebhookNotFound."""
    for each in jobs.list_subscriptions(actor=request.actor):  # type: ignore[attr-defined]
        if each.uuid == wanted and each.state is not SubscriptionState.ENDED:
            return each
    raise WebhookNotFound


def _subscription(request: HttpRequest, each: Subscription) -> dict[str, object]:
    collection = request.build_absolute_uri(request.path).partition("/subscriptions")[0]
    return {
        "href": f"{collection}/subscriptions/{each.uuid}", "id": each.uuid, "url": each.url,
        "eventTypes": list(each.patterns), "state": each.state.value,
        "endedReason": each.ended_reason or None,
    }


def _delivery(each: Delivery) -> dict[str, object]:
    return {
        "id": each.uuid, "subscription": each.subscription, "event": each.event, "eventType": each.event_type,
        "sequence": each.sequence, "state": each.state.value,
        "attempts": each.attempts,
        "dueAt": each.due_at.isoformat().replace("+00:00", "Z"),
        "lastStatus": each.status or None, "errorCode": each.error_code or None,
    }


def _here(request: HttpRequest) -> str:
    return request.build_absolute_uri()
