"""Work waiting, work remembered, and who is told of what."""

from django.db import models

from ocapi.kernel.jobs.data import DeliveryState, JobState, SubscriptionState
from ocapi.kernel.tenants import fields


class JobRow(fields.Record):
    """One piece of work. A claim raises `fence` and sets a lease; a result under an old fence is lost.

    trace_id: of the request or fact that asked for it first; empty for what is due by itself.
    """

    name = fields.Text(max_length=120, personal=None)
    arguments = fields.Document(default=dict, personal=None)
    key = fields.Text(max_length=200, blank=True, personal=None)
    state = fields.Text(max_length=10, choices=[(s.value, s.value) for s in JobState], personal=None)
    due_at = fields.Instant(personal=None)
    attempts = fields.Integer(default=0, personal=None)
    fence = fields.Integer(default=0, personal=None)
    lease_until = fields.Instant(null=True, personal=None)
    error_code = fields.Text(max_length=120, blank=True, personal=None)
    error_text = fields.Text(max_length=400, blank=True, personal=None)
    trace_id = fields.Text(max_length=64, blank=True, default="", db_default="", personal=None)

    class Meta:
        db_table = "jobs_job"
        indexes = [models.Index(fields=["state", "due_at"], name="jobs_job_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "key"], condition=models.Q(state="waiting") & ~models.Q(key=""),
                name="jobs_job_one_waiting",
            )
        ]


class HandledRow(models.Model):
    """A fact that a handler has dealt with; written in the transaction of the handler's effects."""

    id = models.BigAutoField(primary_key=True)
    handler = fields.Text(max_length=160, personal=None)
    event = fields.Identifier(personal=None)

    class Meta:
        db_table = "jobs_handled"
        constraints = [models.UniqueConstraint(fields=["handler", "event"], name="jobs_handled_once")]


class ScheduleRow(models.Model):
    """When a recurring job is due next."""

    id = models.BigAutoField(primary_key=True)
    name = fields.Text(max_length=120, unique=True, personal=None)
    due_at = fields.Instant(personal=None)

    class Meta:
        db_table = "jobs_schedule"


class SubscriptionRow(fields.Record):
    """Who receives which facts, from a place in the outbox on: by webhook, or an organization next door.

    organization: key of an organization of this installation, empty for a webhook; `url` is then its IRI.
    """

    url = fields.Text(max_length=500, personal=None)
    organization = fields.Text(max_length=40, blank=True, default="", personal=None)
    patterns = fields.Document(default=list, personal=None)
    state = fields.Text(max_length=10, choices=[(s.value, s.value) for s in SubscriptionState], personal=None)
    ended_reason = fields.Text(max_length=80, blank=True, personal=None)
    is_internal = fields.Boolean(default=False, personal=None)
    since_sequence = fields.Integer(personal=None)
    paused_until = fields.Instant(null=True, personal=None)
    created_at = fields.Instant(personal=None)

    class Meta:
        db_table = "jobs_subscription"


class DeliveryRow(fields.Record):
    """One fact on its way to one subscriber; `sequence` is the fact's place in the outbox."""

    subscription = fields.Reference(
        SubscriptionRow, on_delete=models.PROTECT, related_name="deliveries", personal=None
    )
    event = fields.Identifier(personal=None)
    event_type = fields.Text(max_length=160, personal=None)
    subject = fields.Text(max_length=200, personal=None)
    sequence = fields.Integer(personal=None)
    state = fields.Text(max_length=10, choices=[(s.value, s.value) for s in DeliveryState], personal=None)
    due_at = fields.Instant(personal=None)
    attempts = fields.Integer(default=0, personal=None)
    fence = fields.Integer(default=0, personal=None)
    lease_until = fields.Instant(null=True, personal=None)
    status = fields.Integer(default=0, personal=None)
    error_code = fields.Text(max_length=120, blank=True, personal=None)

    class Meta:
        db_table = "jobs_delivery"
        indexes = [
            models.Index(fields=["state", "due_at"], name="jobs_delivery_due"),
            models.Index(fields=["subscription", "subject", "sequence"], name="jobs_delivery_order"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["subscription", "event"], name="jobs_delivery_once")
        ]


class FollowRow(fields.Record):
    """The consent to take in facts of another organization: whose, and which; without it they are refused."""

    source = fields.Text(max_length=300, unique=True, personal=None)
    patterns = fields.Document(default=list, personal=None)
    created_at = fields.Instant(personal=None)

    class Meta:
        db_table = "jobs_follow"


class InboxRow(fields.Record):
    """One fact of another organization, taken in once. It never enters the outbox, so nothing passes it on.

    event, sequence: id and place in the outbox of its source; `uuid` is our own name for it.
    """

    source = fields.Text(max_length=300, personal=None)
    event = fields.Identifier(personal=None)
    type = fields.Text(max_length=160, personal=None)
    subject = fields.Text(max_length=200, personal=None)
    data = fields.LongText(personal=None)
    sequence = fields.Integer(personal=None)
    occurred_at = fields.Instant(personal=None)
    received_at = fields.Instant(personal=None)

    class Meta:
        db_table = "jobs_inbox"
        constraints = [models.UniqueConstraint(fields=["source", "event"], name="jobs_inbox_once")]
