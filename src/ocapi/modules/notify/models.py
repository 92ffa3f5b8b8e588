"""Topics as loaded from packs, messages in inboxes, preferences, and what became of each delivery."""

from django.db import models

from ocapi.kernel.tenants import fields
from ocapi.kernel.tenants.fields import Personal

CONTENT = Personal(
    category="content", legal_basis="publicTask", purpose="notify.messages", retention="messageRetention",
    source="organization",
)
RECIPIENT = Personal(
    category="identification", legal_basis="publicTask", purpose="notify.messages", retention="messageRetention",
    source="organization",
)


class TopicRow(fields.Record):
    """A kind of message; `definition` has the shape of `topics.Topic`."""

    code = fields.Text(max_length=60, unique=True, personal=None)
    pack = fields.Text(max_length=60, personal=None)
    definition = fields.Document(personal=None)
    loaded_at = fields.Instant(personal=None)

    class Meta:
        db_table = "notify_topic"


class MessageRow(fields.Record):
    """A message in somebody's inbox; `key` makes sending it again harmless."""

    recipient = fields.Identifier(personal=RECIPIENT)
    key = fields.Text(max_length=200, personal=None)
    topic = fields.Text(max_length=60, personal=None)
    title = fields.Text(max_length=300, personal=CONTENT)
    body = fields.LongText(personal=CONTENT)
    email_subject = fields.Text(max_length=300, personal=CONTENT)
    email_body = fields.LongText(personal=CONTENT)
    link = fields.Text(max_length=500, personal=None)
    reference = fields.Text(max_length=60, personal=None)
    sent_at = fields.Instant(personal=None)
    read_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "notify_message"
        constraints = [models.UniqueConstraint(fields=["recipient", "key"], name="notify_message_once")]
        indexes = [models.Index(fields=["recipient", "read_at"], name="notify_message_unread")]


class DeliveryRow(fields.Record):
    """The delivery of a message by one channel. The address is not kept: it is looked up when sending."""

    message = fields.Reference(MessageRow, on_delete=models.CASCADE, related_name="deliveries", personal=None)
    channel = fields.Text(max_length=30, personal=None)
    state = fields.Text(max_length=20, personal=None)
    reason = fields.Text(max_length=60, blank=True, personal=None)
    attempts = fields.Integer(default=0, personal=None)
    changed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "notify_delivery"
        constraints = [models.UniqueConstraint(fields=["message", "channel"], name="notify_delivery_once")]


class PreferenceRow(fields.Record):
    """What a person chose; without a row e-mail is on."""

    person = fields.Identifier(unique=True, personal=RECIPIENT)
    email = fields.Boolean(
        personal=Personal(category="contact", legal_basis="publicTask", purpose="notify.messages",
                          retention="whileKnown", source="dataSubject"),
    )
    changed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "notify_preference"
