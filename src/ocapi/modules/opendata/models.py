"""Tables of opendata: the catalogue with its versions, evidence of publishing, and what is harvested."""

from django.db import models

from ocapi.kernel.tenants import fields


class CatalogRow(fields.Record):
    """The catalogue of the organization, one row. last_number, last_at: of the newest member of its feed."""

    last_number = fields.Integer(default=0, personal=None)
    last_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "opendata_catalog"


class SourceRow(fields.Record):
    """A catalogue elsewhere. is_active: whether the daily job harvests it."""

    title = fields.Text(max_length=200, personal=None)
    address = fields.Text(max_length=400, unique=True, personal=None)
    kind = fields.Text(max_length=12, personal=None)
    is_active = fields.Boolean(default=True, personal=None)
    added_at = fields.Instant(personal=None)

    class Meta:
        db_table = "opendata_source"


class DatasetRow(fields.Record):
    """A dataset of the catalogue, ours or harvested.

    content: the description as `lib.dcat.model.Dataset`, empty before it was first published and after it
    left. source, offer: where our own comes from. issues: what the check found. problem: why the last
    renewal failed. sequence: number of versions in the feed.
    """

    code = fields.Text(max_length=120, unique=True, personal=None)
    iri = fields.Text(max_length=400, personal=None)
    title = fields.Text(max_length=500, personal=None)
    state = fields.Text(max_length=12, personal=None)
    source = fields.Text(max_length=60, default="", blank=True, personal=None)
    offer = fields.Text(max_length=120, default="", blank=True, personal=None)
    harvested_from = fields.Reference(
        SourceRow, null=True, on_delete=models.PROTECT, related_name="+", personal=None
    )
    content = fields.Document(personal=None)
    issues = fields.Document(personal=None)
    problem = fields.Text(max_length=60, default="", blank=True, personal=None)
    sequence = fields.Integer(default=0, personal=None)
    issued_at = fields.Instant(personal=None)
    modified_at = fields.Instant(personal=None)
    gone_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "opendata_dataset"
        constraints = (
            models.UniqueConstraint(
                fields=("source", "offer"),
                condition=models.Q(harvested_from=None),
                name="opendata_dataset_offer",
            ),
        )
        indexes = (
            models.Index(fields=("state", "-modified_at", "id"), name="opendata_dataset_newest"),
            models.Index(fields=("iri",), name="opendata_dataset_iri"),
        )


class FacetRow(fields.Record):
    """What a dataset is counted under. label: as people read the value."""

    dataset = fields.Reference(DatasetRow, on_delete=models.CASCADE, related_name="facets", personal=None)
    name = fields.Text(max_length=20, personal=None)
    value = fields.Text(max_length=400, personal=None)
    label = fields.Text(max_length=500, personal=None)

    class Meta:
        db_table = "opendata_facet"
        constraints = (
            models.UniqueConstraint(fields=("dataset", "name", "value"), name="opendata_facet_once"),
        )
        indexes = (models.Index(fields=("name", "value", "dataset"), name="opendata_facet_value"),)


class SnapshotRow(fields.Record):
    """The rows of a dataset as they are public now. rows: JSON with columns and rows, compressed by gzip.

    digest: SHA-256 of the JSON.
    """

    dataset = fields.Reference(
        DatasetRow, on_delete=models.CASCADE, related_name="+", unique=True, personal=None
    )
    rows = fields.Bytes(personal=None)
    digest = fields.Text(max_length=64, personal=None)
    row_count = fields.Integer(personal=None)
    taken_at = fields.Instant(personal=None)

    class Meta:
        db_table = "opendata_snapshot"


class ProposalRow(fields.Record):
    """A proposal to publish with what was shown and how it was decided; kept as evidence.

    requested_by: keyed hash of who asked, only to tell that the second person is another; the audit log says
    who. rows: what was shown, which is what is published. verdict: what the gate said.
    """

    dataset = fields.Reference(DatasetRow, on_delete=models.PROTECT, related_name="+", personal=None)
    about = fields.Document(personal=None)
    ground = fields.Text(max_length=20, personal=None)
    motive = fields.LongText(personal=None)
    verdict = fields.Document(personal=None)
    rows = fields.Bytes(null=True, personal=None)
    digest = fields.Text(max_length=64, personal=None)
    row_count = fields.Integer(personal=None)
    requested_by = fields.Bytes(personal=None)
    requested_at = fields.Instant(personal=None)
    decided = fields.Text(max_length=12, personal=None)
    decided_at = fields.Instant(null=True, personal=None)
    remark = fields.LongText(default="", blank=True, personal=None)

    class Meta:
        db_table = "opendata_proposal"


class VersionRow(fields.Record):
    """A member of the feed. number: 1 first, without gaps. content: null for a dataset that left."""

    dataset = fields.Reference(DatasetRow, on_delete=models.PROTECT, related_name="+", personal=None)
    number = fields.Integer(unique=True, personal=None)
    content = fields.Document(null=True, personal=None)
    recorded_at = fields.Instant(personal=None)

    class Meta:
        db_table = "opendata_version"


class RunRow(fields.Record):
    """One harvest of a source with what it brought."""

    source = fields.Reference(SourceRow, on_delete=models.CASCADE, related_name="+", personal=None)
    started_at = fields.Instant(personal=None)
    ended_at = fields.Instant(null=True, personal=None)
    outcome = fields.Text(max_length=12, personal=None)
    seen = fields.Integer(default=0, personal=None)
    made = fields.Integer(default=0, personal=None)
    changed = fields.Integer(default=0, personal=None)
    same = fields.Integer(default=0, personal=None)
    gone = fields.Integer(default=0, personal=None)
    refused = fields.Integer(default=0, personal=None)
    problem = fields.Text(max_length=40, default="", blank=True, personal=None)
    detail = fields.Text(max_length=400, default="", blank=True, personal=None)

    class Meta:
        db_table = "opendata_run"
        indexes = (models.Index(fields=("source", "-id"), name="opendata_run_newest"),)


class RecordRow(fields.Record):
    """What a source says of one dataset: the key against doubles.

    name: IRI in the source. digest: SHA-256 of what was read, so that the same changes nothing. reason: why
    it is not in the catalogue, empty when it is. last_run: the newest harvest it was seen in.
    """

    source = fields.Reference(SourceRow, on_delete=models.CASCADE, related_name="+", personal=None)
    name = fields.Text(max_length=500, personal=None)
    dataset = fields.Reference(
        DatasetRow, null=True, on_delete=models.PROTECT, related_name="+", personal=None
    )
    digest = fields.Text(max_length=64, default="", blank=True, personal=None)
    reason = fields.Text(max_length=40, default="", blank=True, personal=None)
    last_run = fields.Integer(personal=None)
    seen_at = fields.Instant(personal=None)

    class Meta:
        db_table = "opendata_record"
        constraints = (models.UniqueConstraint(fields=("source", "name"), name="opendata_record_once"),)
