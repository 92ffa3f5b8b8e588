"""Datasets and their versions, indicators and their versions, what came out, notes, alarms, saved
questions.
"""

from django.db import models

from ocapi.kernel.tenants import fields
from ocapi.kernel.tenants.fields import Personal

_STAFF = Personal(category="staff", legal_basis="publicTask", purpose="insight.write_note",
                  retention="noteRetention", source="employer")  # fmt: skip


class DatasetRow(fields.Record):
    """A dataset that formulas may read; the rows stand in files, never here. declaration: as its file has
    it.
    """

    code = fields.Text(max_length=60, unique=True, personal=None)
    declaration = fields.LongText(personal=None)

    class Meta:
        db_table = "insight_dataset"


class DatasetVersionRow(fields.Record):
    """Rows of a dataset as they came in once. sha256 names the file, so equal rows are one file.

    parts: when there are several files, what each is, as JSON; sha256 is then that of this list.
    first, last: the first and last period in the rows, as text. loaded_at: never the age of the data.
    """

    dataset = fields.Reference(DatasetRow, on_delete=models.CASCADE, related_name="versions", personal=None)
    number = fields.Integer(personal=None)
    sha256 = fields.Text(max_length=64, personal=None)
    parts = fields.LongText(blank=True, default="", personal=None)
    rows = fields.Integer(personal=None)
    source_name = fields.Text(max_length=200, personal=None)
    loaded_at = fields.Instant(personal=None)
    first = fields.Text(max_length=40, personal=None)
    last = fields.Text(max_length=40, personal=None)

    class Meta:
        db_table = "insight_dataset_version"
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="insight_dataset_version_once")
        ]


class IndicatorRow(fields.Record):
    """One version of an indicator. Versions are never changed: a number points at the one it was made with.

    origin: pack | own. is_current: the one that is computed. lineage: result column to columns of datasets.
    """

    code = fields.Text(max_length=60, personal=None)
    version = fields.Integer(personal=None)
    definition = fields.LongText(personal=None)
    origin = fields.Text(max_length=10, personal=None)
    is_current = fields.Boolean(default=True, personal=None)
    sql_sha256 = fields.Text(max_length=64, personal=None)
    saved_at = fields.Instant(personal=None)

    class Meta:
        db_table = "insight_indicator"
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="insight_indicator_once")]


class ResultRow(fields.Record):
    """One computation of an indicator over versions of datasets. made_of: number of the version by dataset.

    outcome: ready | noData | failed, reason a code. is_current: the one that is shown; a failed one leaves
    the one before it current, so that a dashboard keeps its numbers and says how old they are.
    """

    indicator = fields.Reference(
        IndicatorRow, on_delete=models.CASCADE, related_name="results", personal=None
    )
    outcome = fields.Text(max_length=10, personal=None)
    reason = fields.Text(max_length=200, blank=True, personal=None)
    made_of = fields.LongText(personal=None)
    lineage = fields.LongText(personal=None)
    computed_at = fields.Instant(personal=None)
    is_current = fields.Boolean(default=True, personal=None)

    class Meta:
        db_table = "insight_result"


class SeriesRow(models.Model):
    """The numbers of one area and slice in one computation: a list of [day, number as text, state]."""

    id = models.BigAutoField(primary_key=True)
    result = fields.Reference(ResultRow, on_delete=models.CASCADE, related_name="series", personal=None)
    area = fields.Text(max_length=20, blank=True, personal=None)
    slice = fields.Text(max_length=120, blank=True, personal=None)
    points = fields.LongText(personal=None)

    class Meta:
        db_table = "insight_series"
        constraints = [
            models.UniqueConstraint(fields=["result", "area", "slice"], name="insight_series_once")
        ]


class NoteRow(fields.Record):
    """What somebody wrote about a period of an indicator.

    author: the person who may change it, null for notes of before authors were kept. changed_at: null when
    it stands as it was written. The name is never kept: it is that of the person on the day of reading.
    """

    indicator = fields.Text(max_length=60, personal=None)
    period = fields.Day(personal=None)
    text = fields.Text(max_length=500, personal=None)
    author = fields.Identifier(null=True, personal=_STAFF)
    written_at = fields.Instant(personal=None)
    changed_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "insight_note"


class QueryRow(fields.Record):
    """A question of the explorer that was kept for the colleagues.

    shown_as: table | bar | line. columns: names and types of the answer, as JSON. is_offered: its answer may
    be made open data, which opendata decides.
    """

    title = fields.Text(max_length=120, personal=None)
    sql = fields.LongText(personal=None)
    shown_as = fields.Text(max_length=10, default="table", personal=None)
    columns = fields.LongText(blank=True, default="", personal=None)
    is_offered = fields.Boolean(default=False, personal=None)
    saved_at = fields.Instant(personal=None)

    class Meta:
        db_table = "insight_query"


class AlertRow(fields.Record):
    """Whether an indicator with thresholds is in alarm; a message goes out only when that changes."""

    indicator = fields.Text(max_length=60, unique=True, personal=None)
    is_alarm = fields.Boolean(default=False, personal=None)
    since = fields.Instant(personal=None)

    class Meta:
        db_table = "insight_alert"


class AreaRow(models.Model):
    """A NIS code of a municipality, of today or before: which municipality it belongs to today.

    merged_on: the day the municipality of today came out of several, null when it never did.
    """

    id = models.BigAutoField(primary_key=True)
    nis = fields.Text(max_length=5, unique=True, personal=None)
    nis_now = fields.Text(max_length=5, personal=None)
    name = fields.Text(max_length=200, personal=None)
    province = fields.Text(max_length=80, blank=True, personal=None)
    merged_on = fields.Day(null=True, personal=None)

    class Meta:
        db_table = "insight_area"


class OutlineRow(models.Model):
    """The outline of a municipality of today as maps draw it, from a file the operator brought in.

    path: of SVG. left, top, right, bottom: its box, in the units of `lib.geo.outlines`. source: whom the
    borders are of, in words, the same in all rows of one import.
    """

    id = models.BigAutoField(primary_key=True)
    nis = fields.Text(max_length=5, unique=True, personal=None)
    path = fields.LongText(personal=None)
    left = fields.Integer(personal=None)
    top = fields.Integer(personal=None)
    right = fields.Integer(personal=None)
    bottom = fields.Integer(personal=None)
    source = fields.Text(max_length=200, personal=None)
    loaded_at = fields.Instant(personal=None)

    class Meta:
        db_table = "insight_outline"
