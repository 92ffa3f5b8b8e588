"""Reactions to facts: those of the own cases are counted, those of other organizations compared."""

from ocapi.kernel.jobs.extensions import handles, handles_foreign
from ocapi.lib.envelope import Meta
from ocapi.modules.cases.events import CaseClosed, CaseDecided, CaseReceived
from ocapi.modules.insight import api
from ocapi.modules.insight.events import ComparisonPublished, FiguresPublished


@handles("be.ocapi.cases.case.received.v1", reads=CaseReceived)
def count_received(fact: CaseReceived, meta: Meta) -> None:
    """Count a request that came in."""
    api.count(fact=fact, sequence=meta.sequence, at=meta.occurred_at)


@handles("be.ocapi.cases.case.decided.v1", reads=CaseDecided)
def count_decided(fact: CaseDecided, meta: Meta) -> None:
    """Count a decision, its lead time and whether it was in time."""
    api.count(fact=fact, sequence=meta.sequence, at=meta.occurred_at)


@handles("be.ocapi.cases.case.closed.v1", reads=CaseClosed)
def count_closed(fact: CaseClosed, meta: Meta) -> None:
    """Count a case that ended without a decision."""
    api.count(fact=fact, sequence=meta.sequence, at=meta.occurred_at)


@handles_foreign("be.ocapi.insight.figures.published.v1", reads=FiguresPublished)
def take_figures(figures: FiguresPublished, meta: Meta) -> None:
    """Take in what a member of this collective published."""
    api.take_figures(figures=figures, source=meta.source, now=meta.occurred_at)


@handles_foreign("be.ocapi.insight.comparison.published.v1", reads=ComparisonPublished)
def take_comparison(figures: ComparisonPublished, meta: Meta) -> None:
    """Take in what the collective tells of another member."""
    api.take_comparison(figures=figures, now=meta.occurred_at)
