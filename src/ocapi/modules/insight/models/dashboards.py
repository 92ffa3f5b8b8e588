"""Dashboards that people compose."""

from ocapi.kernel.tenants import fields


class DashboardRow(fields.Record):
    """A dashboard. draft, published: a layout as JSON, the latter empty before the first time.

    audience, role: of data/dashboards.py. origin: pack | own; a pack renews only its own. revision: counts
    the saves. Who saved stands in the log of changes only.
    """

    code = fields.Text(max_length=60, unique=True, personal=None)
    draft = fields.LongText(personal=None)
    published = fields.LongText(blank=True, personal=None)
    audience = fields.Text(max_length=10, personal=None)
    role = fields.Text(max_length=20, blank=True, personal=None)
    origin = fields.Text(max_length=10, personal=None)
    revision = fields.Integer(default=1, personal=None)
    saved_at = fields.Instant(personal=None)
    published_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "insight_dashboard"
