"""What waits in an organization: jobs, facts, deliveries, leaves of the log, values under an old key."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Min

from ocapi.kernel.audit.models import LeafRow
from ocapi.kernel.jobs import relay
from ocapi.kernel.jobs.data import DeliveryState, JobState
from ocapi.kernel.jobs.models import DeliveryRow, JobRow
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.outbox.models import EventRow

OPEN_DELIVERIES = (DeliveryState.WAITING.value, DeliveryState.SENDING.value, DeliveryState.FAILED.value)


@dataclass(slots=True)
class Backlog:
    """Counts by state and the longest waits, in seconds, over the organizations added."""

    jobs: dict[str, int] = field(default_factory=lambda: {state.value: 0 for state in JobState})
    deliveries: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OPEN_DELIVERIES, 0))
    oldest_job_s: float = 0.0
    facts: int = 0
    oldest_fact_s: float = 0.0
    leaves: int = 0
    oldest_leaf_s: float = 0.0

    def add(self, *, now: datetime) -> None:
        """Add the bound organization."""
        for row in JobRow.objects.order_by("state").values("state").annotate(number=Count("id")):
            self.jobs[row["state"]] += row["number"]
        waiting = JobRow.objects.filter(state=JobState.WAITING.value, due_at__lte=now)
        self.oldest_job_s = max(self.oldest_job_s, _age(waiting.aggregate(at=Min("due_at"))["at"], now))
        open_ones = DeliveryRow.objects.filter(state__in=OPEN_DELIVERIES).order_by("state")
        for row in open_ones.values("state").annotate(number=Count("id")):
            self.deliveries[row["state"]] += row["number"]
        late = EventRow.objects.filter(sequence__gt=outbox.position(reader=relay.READER))
        told = late.aggregate(number=Count("id"), at=Min("occurred_at"))
        self.facts += told["number"]
        self.oldest_fact_s = max(self.oldest_fact_s, _age(told["at"], now))
        staged = LeafRow.objects.filter(sequence__isnull=True).aggregate(number=Count("id"), at=Min("at"))
        self.leaves += staged["number"]
        self.oldest_leaf_s = max(self.oldest_leaf_s, _age(staged["at"], now))

    def gauges(self) -> Iterator[tuple[str, str, float]]:
        """Give name, meaning and value of each single figure."""
        yield "oldest_due_job_seconds", "How long the oldest due job waits.", self.oldest_job_s
        yield "outbox_waiting", "Facts not handed on yet.", self.facts
        yield "outbox_lag_seconds", "How long the oldest of them waits.", self.oldest_fact_s
        yield "leaves_staged", "Leaves of the log that have no place in the tree yet.", self.leaves
        yield "oldest_staged_leaf_seconds", "How long the oldest waits; 60 is the most.", self.oldest_leaf_s


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
