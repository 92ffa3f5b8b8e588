"""Decision models: files as they came, and the versions that answer."""

from django.db import models

from ocapi.kernel.tenants import fields


class ModelFileRow(fields.Record):
    """A DMN file as it came, once per content."""

    sha256 = fields.Text(max_length=64, unique=True, personal=None)
    xml = fields.Bytes(personal=None)
    deployed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "rules_model_file"


class ModelVersionRow(fields.Record):
    """One version of a decision model; a later one leaves it as it is. key: the model's name.

    imports: SHA-256 of the files it imports. decisions: the names it answers. cases: test cases that it
    passed when it was saved, as JSON; invented facts only, never a person's.
    """

    key = fields.Text(max_length=200, personal=None)
    version = fields.Integer(personal=None)
    file = fields.Reference(ModelFileRow, on_delete=models.PROTECT, related_name="+", personal=None)
    imports = fields.Document(default=list, personal=None)
    decisions = fields.Document(default=list, personal=None)
    cases = fields.LongText(personal=None)
    is_current = fields.Boolean(personal=None)
    deployed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "rules_model_version"
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="rules_version_once"),
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(is_current=True), name="rules_one_current"
            ),
        ]


class DecisionRow(models.Model):
    """Which model answers a decision now: a name belongs to one model."""

    id = models.BigAutoField(primary_key=True)
    name = fields.Text(max_length=200, unique=True, personal=None)
    version = fields.Reference(ModelVersionRow, on_delete=models.CASCADE, related_name="+", personal=None)

    class Meta:
        db_table = "rules_decision"


class ModelDraftRow(fields.Record):
    """A decision model that is being worked on; what was published from it is a version of its own.

    cases: test cases as they were typed, JSON; invented facts only. imports: SHA-256 of the files it imports.
    revision: rises with each change, so that of two who save at once the second is told.
    """

    title = fields.Text(max_length=200, personal=None)
    xml = fields.Bytes(personal=None)
    cases = fields.LongText(personal=None)
    imports = fields.Document(default=list, personal=None)
    revision = fields.Integer(personal=None)
    changed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "rules_model_draft"
