"""Published facts, and how far each reader has come."""

from django.db import models

from ocapi.kernel.tenants import fields

PERSONAL_PART = fields.Personal(
    category="content", legal_basis="publicTask", purpose="eventDelivery", retention="outbox",
    source="publishingModule",
)
CAUSE = fields.Personal(
    category="identification", legal_basis="legalObligation", purpose="accountability", retention="outbox",
    source="signIn",
)


class EventRow(fields.LastingRecord):
    """One fact. `sequence` is commit order: given at insertion on SQLite, after commit on PostgreSQL."""

    type = fields.Text(max_length=160, personal=None)
    subject = fields.Text(max_length=200, personal=None)
    resources = fields.Text(max_length=80, personal=None)
    data = fields.LongText(personal=None)
    personal_data = fields.LongText(blank=True, personal=PERSONAL_PART)
    actor = fields.Text(max_length=240, personal=CAUSE)
    occurred_at = fields.Instant(personal=None)
    trace_id = fields.Text(max_length=64, blank=True, personal=None)
    sequence = fields.Integer(null=True, unique=True, personal=None)

    class Meta:
        db_table = "outbox_event"
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(sequence__isnull=True), name="outbox_event_unsequenced"
            ),
        ]


class PositionRow(models.Model):
    """The last sequence number a reader has dealt with."""

    id = models.BigAutoField(primary_key=True)
    reader = fields.Text(max_length=120, unique=True, personal=None)
    sequence = fields.Integer(personal=None)

    class Meta:
        db_table = "outbox_position"
