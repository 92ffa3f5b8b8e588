"""Reactions of cases to their own facts: the process of a case starts, and hears what a person decided."""

from dataclasses import dataclass
from uuid import UUID

from ocapi.kernel.jobs.extensions import handles
from ocapi.lib.envelope import Meta
from ocapi.modules.cases import api


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCase:
    """The case a fact is about."""

    case: UUID


@handles("be.ocapi.cases.case.received.v1", reads=OfCase)
def start_process(fact: OfCase, meta: Meta) -> None:
    """Start the process of a case that came in."""
    api.start_process(case=fact.case, now=meta.occurred_at)


@handles("be.ocapi.cases.case.decided.v1", reads=OfCase)
def tell_of_decision(fact: OfCase, meta: Meta) -> None:
    """Let the process go on that waits for the decision."""
    api.tell_process(case=fact.case, message="caseDecided", now=meta.occurred_at)


@handles("be.ocapi.cases.case.closed.v1", reads=OfCase)
def tell_of_closing(fact: OfCase, meta: Meta) -> None:
    """Let the process go on that waits for the case to be closed."""
    api.tell_process(case=fact.case, message="caseClosed", now=meta.occurred_at)
