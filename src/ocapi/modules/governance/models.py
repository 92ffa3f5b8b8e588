"""Principles as rows; the texts are the product's own, loaded from the pack `principles`."""

from ocapi.kernel.tenants import fields


class PrincipleRow(fields.Record):
    """One principle, in the version of the pack that was loaded last."""

    code = fields.Text(max_length=10, unique=True, personal=None)
    kind = fields.Text(max_length=12, personal=None)
    position = fields.Integer(personal=None)
    title = fields.Text(max_length=200, personal=None)
    statement = fields.LongText(personal=None)
    fact = fields.Text(max_length=60, personal=None)
    better = fields.Text(max_length=10, personal=None)
    measured_by = fields.LongText(personal=None)

    class Meta:
        db_table = "governance_principle"
