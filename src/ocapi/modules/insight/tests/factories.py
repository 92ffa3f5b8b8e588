"""Builders of facts and figures with speaking defaults."""

from datetime import date, timedelta

from django.db import transaction

from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib import ids
from ocapi.modules.cases.events import CaseClosed, CaseDecided, CaseReceived
from ocapi.modules.insight import api
from ocapi.modules.insight.data import PublishedFigures
from ocapi.modules.insight.events import FiguresPublished

POLICY = a_staff_member("policy_maker")
DAY = date(2026, 3, 10)


def load_content() -> None:
    """Load domains and services."""
    for pack in ("smart-city-domains", "public-services"):
        registry.load_pack(name=pack, now=NOW)


def a_fact(kind=CaseReceived, *, received_on=DAY, decided_on=None, **changes):
    """Make a fact of a case of the service `verhuizing`, by the e-counter, with a term of 30 days."""
    values = {
        "case": ids.new_uuid(NOW),
        "case_type": "verhuizing",
        "service": "verhuizing",
        "channel": "portal",
        "status": "received",
        "outcome": "",
        "received_on": received_on,
        "due_on": received_on + timedelta(days=30),
        "decided_on": decided_on,
    }
    return kind(**{**values, **changes})


def a_decision(*, days=10, **changes):
    """Make the decision of a case `days` after it came in."""
    received_on = changes.pop("received_on", DAY)
    return a_fact(
        CaseDecided, received_on=received_on, decided_on=received_on + timedelta(days=days), **changes
    )


def a_closing(**changes):
    """Make the closing of a case that ended without a decision."""
    return a_fact(CaseClosed, **changes)


def published(*facts):
    """Put facts into the outbox of the bound organization."""
    with transaction.atomic():
        for fact in facts:
            outbox.publish(fact, actor=POLICY, now=NOW)
    outbox.assign_sequences()  # as the relay does on PostgreSQL


def some_requests(
    *, services=("verhuizing",), months=range(1, 12), year=2026, each=6, counter=0, decided=True
):
    """Count `each` requests a month of every service, the first `counter` of them at the counter."""
    facts = []
    for service in services:
        for month in months:
            for number in range(each):
                channel = "counter" if number < counter else "portal"
                common = {"service": service, "channel": channel, "received_on": date(year, month, 5)}
                facts.append(a_fact(**common))
                if decided:
                    facts.append(a_decision(**common))
    published(*facts)
    with transaction.atomic():
        api.rebuild(now=NOW)


def figures(code="", *, received=120, digital=90, decided=100, in_term=80, lead_days=1500, term_days=3000):
    """Make figures as they travel."""
    return PublishedFigures(
        code=code,
        received=received,
        digital=digital,
        decided=decided,
        in_term=in_term,
        lead_days=lead_days,
        term_days=term_days,
    )


def published_figures(*, until="2026-10", name="Gemeente Proefdorp", total=None, domains=()):
    """Make what a municipality publishes."""
    return FiguresPublished(until=until, name=name, total=total or figures(), domains=domains)
