"""Public services in versions, life events, and what was imported from the regional catalogue."""

from django.db import models

from ocapi.kernel.tenants import fields


class ServiceRow(fields.Record):
    """A public service the organization offers; what it says stands in its current version."""

    code = fields.Text(max_length=80, unique=True, personal=None)
    domain = fields.Text(max_length=60, personal=None)
    life_event = fields.Text(max_length=60, personal=None)
    is_top_task = fields.Boolean(personal=None)
    order_number = fields.Integer(personal=None)
    changed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "services_service"
        indexes = [models.Index(fields=["domain", "order_number"], name="services_by_domain")]


class ServiceVersionRow(fields.Record):
    """What a service says in one version of its pack; `definition` has the shape of definitions.py."""

    service = fields.Reference(ServiceRow, on_delete=models.CASCADE, related_name="versions", personal=None)
    version = fields.Text(max_length=40, personal=None)
    definition = fields.Document(personal=None)
    is_current = fields.Boolean(personal=None)
    loaded_at = fields.Instant(personal=None)

    class Meta:
        db_table = "services_service_version"
        constraints = [
            models.UniqueConstraint(fields=["service", "version"], name="services_version_once"),
            models.UniqueConstraint(
                fields=["service"], condition=models.Q(is_current=True), name="services_one_current_version"
            ),
        ]


class LifeEventRow(fields.Record):
    """A life event that services are grouped by."""

    code = fields.Text(max_length=60, unique=True, personal=None)
    order_number = fields.Integer(personal=None)
    title_nl = fields.Text(max_length=200, personal=None)
    title_en = fields.Text(max_length=200, personal=None)

    class Meta:
        db_table = "services_life_event"


class CatalogRow(fields.Record):
    """A concept or instance of the regional catalogue. facts: parsed; raw: its statements as N-Triples."""

    kind = fields.Text(max_length=20, personal=None)
    iri = fields.Text(max_length=500, personal=None)
    version_of = fields.Text(max_length=500, personal=None)
    product_id = fields.Text(max_length=60, personal=None)
    title = fields.Text(max_length=500, personal=None)
    search_text = fields.LongText(personal=None)
    generated_at = fields.Text(max_length=60, personal=None)
    facts = fields.Document(personal=None)
    raw = fields.LongText(personal=None)
    sha256 = fields.Text(max_length=64, personal=None)
    imported_at = fields.Instant(personal=None)

    class Meta:
        db_table = "services_catalog_entry"
        constraints = [models.UniqueConstraint(fields=["kind", "iri"], name="services_entry_once")]
        indexes = [models.Index(fields=["kind", "title"], name="services_entry_by_title")]


class InstanceRow(fields.Record):
    """A local instance of a Flemish concept: our own text of it.

    concept: IRI of the concept, of all its snapshots. reviewed: the statements of the snapshot that somebody
    looked at last; `meaning` is the hash of what it means. review: empty when there is nothing to look at.
    """

    concept = fields.Text(max_length=500, unique=True, personal=None)
    snapshot = fields.Text(max_length=500, personal=None)
    product_id = fields.Text(max_length=60, personal=None)
    code = fields.Text(max_length=80, unique=True, personal=None)
    state = fields.Text(max_length=20, personal=None)
    review = fields.Text(max_length=20, personal=None)
    title = fields.Text(max_length=500, personal=None)
    text = fields.Document(personal=None)
    reviewed = fields.LongText(personal=None)
    meaning = fields.Text(max_length=64, personal=None)
    generated_at = fields.Text(max_length=60, personal=None)
    version = fields.Integer(personal=None)
    changed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "services_instance"


class InstanceSnapshotRow(fields.Record):
    """A published version of an instance, the full state; it never changes.

    number: its place in the feed, from 1 without gaps; None when it was published before there was a feed.
    member: what the feed says of it.
    """

    instance = fields.Reference(
        InstanceRow, on_delete=models.CASCADE, related_name="snapshots", personal=None
    )
    version = fields.Integer(personal=None)
    text = fields.Document(personal=None)
    digest = fields.Text(max_length=64, personal=None)
    is_archived = fields.Boolean(personal=None)
    published_at = fields.Instant(personal=None)
    number = fields.Integer(null=True, unique=True, personal=None)
    member = fields.Document(null=True, personal=None)

    class Meta:
        db_table = "services_instance_snapshot"
        constraints = [
            models.UniqueConstraint(fields=["instance", "version"], name="services_snapshot_once")
        ]
