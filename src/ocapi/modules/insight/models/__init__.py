"""Rollup rows, domains, and what peers published. No row tells of a person or names a case."""

from django.db import models

from ocapi.kernel.tenants import fields


class RollupRow(models.Model):
    """The requests of one service by one channel in one month (Brussels), as whole numbers to be added up.

    received, opened: of those received in the month; `opened` falls again when one is decided, whenever.
    decided, in_term, lead_days, term_days: of those decided in the month. domain: the service's when counted.
    """

    id = models.BigAutoField(primary_key=True)
    month = fields.Day(personal=None)
    service = fields.Text(max_length=80, personal=None)
    domain = fields.Text(max_length=40, personal=None)
    channel = fields.Text(max_length=40, personal=None)
    received = fields.Integer(default=0, personal=None)
    opened = fields.Integer(default=0, personal=None)
    decided = fields.Integer(default=0, personal=None)
    in_term = fields.Integer(default=0, personal=None)
    lead_days = fields.Integer(default=0, personal=None)
    term_days = fields.Integer(default=0, personal=None)

    class Meta:
        db_table = "insight_rollup"
        constraints = [
            models.UniqueConstraint(fields=["month", "service", "channel"], name="insight_rollup_once")
        ]


class StateRow(models.Model):
    """One row: how far counting has come. Locked by whoever counts.

    rebuilt_to: facts up to this place in the outbox are in the rows already. counted_to: newest one counted.
    token: changes with every count, so that what was computed from the rows is known to be old.
    published_until: last month whose figures were published.
    """

    id = models.BigAutoField(primary_key=True)
    rebuilt_to = fields.Integer(default=0, personal=None)
    counted_to = fields.Integer(default=0, personal=None)
    counted_at = fields.Instant(null=True, personal=None)
    token = fields.Identifier(personal=None)
    published_until = fields.Day(null=True, personal=None)

    class Meta:
        db_table = "insight_state"


class DomainRow(fields.Record):
    """A smart-city domain of the organization, keyed by its code."""

    code = fields.Text(max_length=40, unique=True, personal=None)
    position = fields.Integer(personal=None)
    icon = fields.Text(max_length=40, blank=True, personal=None)
    title_nl = fields.Text(max_length=120, personal=None)
    title_en = fields.Text(max_length=120, personal=None)
    description = fields.LongText(blank=True, personal=None)

    class Meta:
        db_table = "insight_domain"


class PeerRow(fields.Record):
    """What an organization published last about one domain, or everything (empty): own figures included.

    A hidden count is null. Older figures are deliberately not kept: two windows could be subtracted.
    """

    source = fields.Text(max_length=300, personal=None)
    name = fields.Text(max_length=200, personal=None)
    until = fields.Day(personal=None)
    domain = fields.Text(max_length=40, blank=True, personal=None)
    received = fields.Integer(null=True, personal=None)
    digital = fields.Integer(null=True, personal=None)
    decided = fields.Integer(null=True, personal=None)
    in_term = fields.Integer(null=True, personal=None)
    lead_days = fields.Integer(null=True, personal=None)
    term_days = fields.Integer(null=True, personal=None)

    class Meta:
        db_table = "insight_peer"
        constraints = [models.UniqueConstraint(fields=["source", "domain"], name="insight_peer_once")]


from ocapi.modules.insight.models.dashboards import DashboardRow  # noqa: E402
from ocapi.modules.insight.models.indicators import (  # noqa: E402
    AlertRow,
    AreaRow,
    DatasetRow,
    DatasetVersionRow,
    IndicatorRow,
    NoteRow,
    OutlineRow,
    QueryRow,
    ResultRow,
    SeriesRow,
)

__all__ = [
    "AlertRow", "AreaRow", "DashboardRow", "DatasetRow", "DatasetVersionRow", "DomainRow", "IndicatorRow",
    "NoteRow", "OutlineRow", "PeerRow", "QueryRow", "ResultRow", "RollupRow", "SeriesRow", "StateRow",
]  # fmt: skip
