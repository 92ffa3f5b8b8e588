"""Streams, their hourly rows, and how far the inbox was read."""

from django.db import models

from ocapi.kernel.tenants import fields


class StreamRow(fields.Record):
    """One stream of readings and the sensor behind it; the readings themselves are deliberately absent.

    latitude_e6, longitude_e6: WGS 84, in millionths of a degree. rules: members as `lib.quality.read_rules`
    has them. newest_at, newest_value, same_since: the newest reading that was judged, empty before the first.
    version: grows with each change of what is known of it. raw_days, hourly_days, daily_days: how long single
    readings, hours and days are kept, empty for ever. folded_to: hours of days (Brussels) before it are days.
    datastream, or entity and attribute (IRI): where its readings come from, when not under its own code.
    """

    code = fields.Text(max_length=80, unique=True, personal=None)
    title = fields.Text(max_length=200, personal=None)
    unit = fields.Text(max_length=20, personal=None)
    place = fields.Text(max_length=200, personal=None)
    source = fields.Text(max_length=200, personal=None)
    license = fields.Text(max_length=200, personal=None)
    quality = fields.LongText(personal=None)
    owner = fields.Text(max_length=200, default="", personal=None)
    procedure = fields.Text(max_length=500, default="", personal=None)
    latitude_e6 = fields.Integer(null=True, personal=None)
    longitude_e6 = fields.Integer(null=True, personal=None)
    rules = fields.Document(default=dict, personal=None)
    newest_at = fields.Instant(null=True, personal=None)
    newest_value = fields.Document(null=True, personal=None)
    same_since = fields.Instant(null=True, personal=None)
    version = fields.Integer(default=1, personal=None)
    raw_days = fields.Integer(null=True, personal=None)
    hourly_days = fields.Integer(null=True, personal=None)
    daily_days = fields.Integer(null=True, personal=None)
    folded_to = fields.Day(null=True, personal=None)
    datastream = fields.Text(max_length=100, default="", personal=None)
    entity = fields.Text(max_length=300, default="", personal=None)
    attribute = fields.Text(max_length=300, default="", personal=None)

    class Meta:
        db_table = "capture_stream"


class CalibrationRow(fields.Record):
    """One calibration of a sensor: on which day, by which laboratory, with what result; never changed."""

    stream = fields.Reference(
        StreamRow, on_delete=models.CASCADE, related_name="calibrations", personal=None
    )
    day = fields.Day(personal=None)
    laboratory = fields.Text(max_length=200, personal=None)
    result = fields.Text(max_length=500, personal=None)

    class Meta:
        db_table = "capture_calibration"


class FlagRow(models.Model):
    """One flag of one reading, by its message id; the reading is in the log and was added up all the same."""

    id = models.BigAutoField(primary_key=True)
    stream = fields.Reference(StreamRow, on_delete=models.CASCADE, related_name="flags", personal=None)
    message = fields.Text(max_length=128, personal=None)
    flag = fields.Text(max_length=12, personal=None)
    is_fault = fields.Boolean(personal=None)
    at = fields.Instant(personal=None)
    value = fields.Document(personal=None)

    class Meta:
        db_table = "capture_flag"
        constraints = [
            models.UniqueConstraint(fields=["stream", "message", "flag"], name="capture_flag_once")
        ]
        indexes = [models.Index(fields=["stream", "at"], name="capture_flag_of_late")]


class LoadRow(fields.Record):
    """One file of readings somebody loads, and how far it is; its rows stand in a log of its own.

    choice, report: as `data.LoadChoice` and `data.LoadReport`. read: rows that were checked. added_up:
    records of its log that stand in the hours. starts: of the process that checks it.
    """

    name = fields.Text(max_length=200, personal=None)
    size_bytes = fields.Integer(personal=None)
    sha256 = fields.Text(max_length=64, personal=None)
    state = fields.Text(max_length=12, personal=None)
    arrived_at = fields.Instant(personal=None)
    choice = fields.Document(personal=None)
    about_rows = fields.Integer(personal=None)
    read = fields.Integer(default=0, personal=None)
    added_up = fields.Integer(default=0, personal=None)
    starts = fields.Integer(default=0, personal=None)
    report = fields.Document(default=dict, personal=None)
    ended_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "capture_load"


class HourRow(models.Model):
    """The readings of a stream in one hour (UTC), so kept that sums of sums are exact.

    total, minimum, maximum: whole units, downward; the `_e6` beside each: the millionths above it.
    """

    id = models.BigAutoField(primary_key=True)
    stream = fields.Reference(StreamRow, on_delete=models.CASCADE, related_name="hours", personal=None)
    hour = fields.Instant(personal=None)
    n = fields.Integer(personal=None)
    total = fields.Integer(personal=None)
    minimum = fields.Integer(personal=None)
    maximum = fields.Integer(personal=None)
    total_e6 = fields.Integer(default=0, db_default=0, personal=None)
    minimum_e6 = fields.Integer(default=0, db_default=0, personal=None)
    maximum_e6 = fields.Integer(default=0, db_default=0, personal=None)

    class Meta:
        db_table = "capture_hour"
        constraints = [models.UniqueConstraint(fields=["stream", "hour"], name="capture_hour_once")]


class DayRow(models.Model):
    """The readings of a stream on one day (Brussels) whose hours are kept no longer; kept as HourRow does."""

    id = models.BigAutoField(primary_key=True)
    stream = fields.Reference(StreamRow, on_delete=models.CASCADE, related_name="days", personal=None)
    day = fields.Day(personal=None)
    n = fields.Integer(personal=None)
    total = fields.Integer(personal=None)
    minimum = fields.Integer(personal=None)
    maximum = fields.Integer(personal=None)
    total_e6 = fields.Integer(default=0, db_default=0, personal=None)
    minimum_e6 = fields.Integer(default=0, db_default=0, personal=None)
    maximum_e6 = fields.Integer(default=0, db_default=0, personal=None)

    class Meta:
        db_table = "capture_day"
        constraints = [models.UniqueConstraint(fields=["stream", "day"], name="capture_day_once")]


class SeenRow(models.Model):
    """A message id already rolled up, so that a repeated batch adds nothing.

    noted_on: the day it came in, None when that is not known yet; after `seen.KEPT` the row goes, and a
    message that is repeated later still would be added again.
    """

    id = models.BigAutoField(primary_key=True)
    stream = fields.Reference(StreamRow, on_delete=models.CASCADE, related_name="+", personal=None)
    message = fields.Text(max_length=128, personal=None)
    noted_on = fields.Day(null=True, db_index=True, personal=None)

    class Meta:
        db_table = "capture_seen"
        constraints = [models.UniqueConstraint(fields=["stream", "message"], name="capture_seen_once")]


class WatermarkRow(models.Model):
    """A place in a log, which moves in the transaction of what was done up to it.

    1: inbox, added up. 2: log of entities, put into files. 3: inbox, to be removed.
    """

    id = models.BigAutoField(primary_key=True)
    sequence = fields.Integer(personal=None)

    class Meta:
        db_table = "capture_watermark"


class PartRow(fields.Record):
    """One Parquet file of readings of entities; the manifest is all of them. Readings stand in no table.

    first_sequence, last_sequence: what it holds of the log of entities; parts never overlap. members: who
    wrote that, of several processes that share the series, with a space between; empty for one process.
    """

    path = fields.Text(max_length=100, unique=True, personal=None)
    row_count = fields.Integer(personal=None)
    first_sequence = fields.Integer(personal=None)
    last_sequence = fields.Integer(personal=None)
    from_at = fields.Instant(personal=None)
    to_at = fields.Instant(personal=None)
    size_bytes = fields.Integer(personal=None)
    sha256 = fields.Text(max_length=64, personal=None)
    members = fields.Text(max_length=2100, default="", blank=True, personal=None)

    class Meta:
        db_table = "capture_part"
