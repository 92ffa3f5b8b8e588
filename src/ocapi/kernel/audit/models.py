"""Leaves, what ties them to persons, the nodes of the tree and its heads; nothing here is edited later."""

from django.db import models

from ocapi.kernel.audit.data import Kind
from ocapi.kernel.tenants import fields

ACTOR = fields.Personal(
    category="identification", legal_basis="legalObligation", purpose="accountability",
    retention="auditLog", source="signIn",
)
SUBJECT = fields.Personal(
    category="identification", legal_basis="legalObligation", purpose="transparency",
    retention="auditLog", source="ownRegister",
)


PLACED = models.Q(sequence__isnull=False)


class LeafRow(fields.LastingRecord):
    """One act, staged in the transaction of the act; the sequencer gives its place in the tree afterwards.

    canonical: the exact bytes that are hashed. about: base64url commitments to the persons concerned,
    in order of the text; who they are stands in SubjectRow alone. There is no name. What leads to a leaf by
    uuid or sequence is written with its place, many at once, and not by the act.
    """

    uuid = models.UUIDField(editable=False)
    kind = fields.Text(max_length=12, choices=[(k.value, k.value) for k in Kind], personal=None)
    at = fields.Instant(personal=None)
    person = fields.Identifier(null=True, personal=ACTOR)
    capacity = fields.Text(max_length=12, personal=None)
    assurance = fields.Integer(personal=None)
    application = fields.Text(max_length=200, blank=True, personal=None)
    organization = fields.Text(max_length=200, personal=None)
    represents = fields.Text(max_length=60, blank=True, personal=ACTOR)
    operation = fields.Text(max_length=120, personal=None)
    purpose = fields.Text(max_length=120, blank=True, personal=None)
    legal_basis = fields.Text(max_length=200, blank=True, personal=None)
    reference = fields.Text(max_length=200, blank=True, personal=None)
    resource = fields.Text(max_length=200, blank=True, personal=None)
    fields_seen = fields.Document(default=list, personal=None)
    about = fields.Document(default=list, personal=None)
    outcome = fields.Text(max_length=60, personal=None)
    trace_id = fields.Text(max_length=64, blank=True, personal=None)
    canonical = fields.Bytes(personal=ACTOR)
    leaf_hash = fields.Bytes(personal=None)
    sequence = fields.Integer(null=True, personal=None)

    class Meta:
        db_table = "audit_leaf"
        constraints = [
            models.UniqueConstraint(fields=["sequence"], condition=PLACED, name="audit_leaf_sequence"),
            models.UniqueConstraint(fields=["uuid"], condition=PLACED, name="audit_leaf_uuid"),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(sequence__isnull=True), name="audit_leaf_staged"
            ),
        ]


class SubjectRow(fields.Record):
    """The salt that opens one commitment; erasing it cuts the tie to the person and leaves the tree valid."""

    leaf = fields.Reference(LeafRow, on_delete=models.PROTECT, related_name="subjects", personal=None)
    person = fields.Identifier(personal=SUBJECT)
    salt = fields.Bytes(personal=None)

    class Meta:
        db_table = "audit_subject"
        indexes = [models.Index(fields=["person", "-leaf"], name="audit_subject_person")]


class NodeRow(models.Model):
    """A complete node of the tree: covers leaves index x 2^level up to (index + 1) x 2^level."""

    id = models.BigAutoField(primary_key=True)
    level = fields.Integer(personal=None)
    index = fields.Integer(personal=None)
    hash = fields.Bytes(personal=None)

    class Meta:
        db_table = "audit_node"
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="audit_node_place")]


class HeadRow(fields.Record):
    """One signed state of the log; `previous` ties it to the head before, so that there is one chain."""

    size = fields.Integer(personal=None)
    root = fields.Bytes(personal=None)
    at = fields.Instant(personal=None)
    previous = fields.Bytes(personal=None)
    kid = fields.Text(max_length=64, personal=None)
    public_jwk = fields.Document(personal=None)
    signature = fields.Bytes(personal=None)
    canonical = fields.Bytes(personal=None)

    class Meta:
        db_table = "audit_head"
        indexes = [models.Index(fields=["size"], name="audit_head_size")]
