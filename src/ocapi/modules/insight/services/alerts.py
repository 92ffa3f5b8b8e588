"""Whether indicators pass their thresholds: kept, and told to policy makers when an alarm begins."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.audit import api as audit
from ocapi.kernel.registry import api as registry
from ocapi.lib import ids
from ocapi.lib.actor import Actor
from ocapi.modules.insight import forecasting, spelled
from ocapi.modules.insight.data.indicators import Indicator, IndicatorResult, Point, Thresholds
from ocapi.modules.insight.models import AlertRow
from ocapi.modules.notify import api as notify

WHO = "policy_maker"
TOPIC = "indicator_alarm"


def watch(results: Iterable[IndicatorResult], *, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Keep which indicators are in alarm; gives the codes whose alarm began, and tells policy makers of them.

    A number that stays between alarm and calm changes nothing, so nobody is told twice of the same rise.
    """
    held = {row.indicator: row for row in AlertRow.objects.order_by("id")[:1000]}
    began: list[tuple[Indicator, Point, Thresholds]] = []
    for each in results:
        point = each.shown.last if each.shown else None
        limits = each.indicator.thresholds
        if limits is None or point is None or point.value is None:
            continue
        row = held.get(each.indicator.code)
        was = row is not None and row.is_alarm
        now_alarm = forecasting.is_alarm(point.value, limits, was_alarm=was)
        if now_alarm == was:
            continue
        AlertRow.objects.update_or_create(
            indicator=each.indicator.code,
            defaults={"is_alarm": now_alarm, "since": now},
            create_defaults={"uuid": ids.new_uuid(now), "is_alarm": now_alarm, "since": now},
        )
        if now_alarm:
            began.append((each.indicator, point, limits))
    if began:
        _tell(began, actor=actor, now=now)
    return tuple(indicator.code for indicator, _point, _limits in began)


def _tell(began: list[tuple[Indicator, Point, Thresholds]], *, actor: Actor, now: datetime) -> None:
    people = sorted({role.person for role in accounts.list_role_holders(code=WHO, now=now)})
    if not people or TOPIC not in notify.list_topics():
        return
    audit.consulted(
        actor=actor,
        operation="insight.compute_indicators",
        about=people,
        fields=("given_name", "family_name"),
        resource=f"role/{WHO}",
        now=now,
        purpose="notify",
    )
    for indicator, point, limits in began:
        for person in people:
            notify.send(
                person=person,
                topic=TOPIC,
                values={
                    "title": indicator.title.nl,
                    "value": spelled.number(indicator, point.value),
                    "period": spelled.period(indicator, point.period),
                    "threshold": spelled.limit(indicator, limits.alarm),
                },
                link=reverse("insight:indicator", args=[indicator.code]),
                reference=indicator.code,
                address_form=registry.setting("organization.address_form"),
                key=f"{TOPIC}:{indicator.code}:{now.isoformat()}",
                actor=actor,
                now=now,
            )
