"""The registry of organizations, in the platform database; nothing else lives there."""

from django.db import models

from ocapi.kernel.tenants import fields
from ocapi.kernel.tenants.data import Engine, Kind, State


class TenantRow(fields.Record):
    """One organization. Names and codes are absent on purpose: they carry validity and stand inside the
    tenant.
    """

    key = fields.Text(max_length=31, unique=True, personal=None)
    base_iri = fields.Text(max_length=200, unique=True, personal=None)
    kind = fields.Text(max_length=20, choices=[(k.value, k.value) for k in Kind], personal=None)
    state = fields.Text(max_length=20, choices=[(s.value, s.value) for s in State], personal=None)
    engine = fields.Text(max_length=10, choices=[(e.value, e.value) for e in Engine], personal=None)
    schema_number = fields.Integer(default=1, personal=None)
    is_reference = fields.Boolean(default=False, personal=None)
    is_canary = fields.Boolean(default=False, personal=None)
    is_demo = fields.Boolean(default=False, personal=None)
    cache_generation = fields.Integer(default=0, personal=None)
    created_at = fields.Instant(personal=None)

    class Meta:
        db_table = "tenants_tenant"


class HostRow(fields.Record):
    """A host name under which an organization is served, from and until an instant."""

    tenant = fields.Reference(TenantRow, on_delete=models.CASCADE, related_name="hosts", personal=None)
    name = fields.Text(max_length=253, personal=None)
    valid_from = fields.Instant(personal=None)
    valid_until = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "tenants_host"
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(valid_until__isnull=True), name="tenants_host_one_owner"
            )
        ]


class KeyRow(fields.Record):
    """A key of an organization, or of the platform when `tenant` is empty; private parts are wrapped.

    purpose: `data` (AES-256-GCM for columns), `signing` (P-256 for log heads and tokens), `lookup` (what
    keyed hashes start from, only where that does not follow from the secret: made elsewhere, or before the
    secret was replaced).
    wrapped: the secret encrypted under the installation's master key; never readable without it.
    """

    tenant = fields.Reference(
        TenantRow, on_delete=models.CASCADE, null=True, related_name="keys", personal=None
    )
    purpose = fields.Text(max_length=20, personal=None)
    kid = fields.Text(max_length=64, unique=True, personal=None)
    public = fields.Text(max_length=400, blank=True, personal=None)
    wrapped = fields.Bytes(personal=None)
    created_at = fields.Instant(personal=None)
    retired_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "tenants_key"


class SuccessionRow(fields.Record):
    """One organization takes the place of another, from a day on. Only the newest of an organization that is
    not undone counts.

    old, new: identities, not rows: what is restored or carried keeps its successor. planned_by, confirmed_by:
    accounts of the machine, such as `uid 1000`; names of people are absent on purpose.
    """

    old = fields.Identifier(personal=None)
    new = fields.Identifier(personal=None)
    new_name = fields.Text(max_length=200, personal=None)
    new_base_iri = fields.Text(max_length=200, personal=None)
    on_day = fields.Day(personal=None)
    planned_at = fields.Instant(personal=None)
    planned_by = fields.Text(max_length=40, personal=None)
    confirmed_at = fields.Instant(null=True, personal=None)
    confirmed_by = fields.Text(max_length=40, blank=True, personal=None)
    undone_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "tenants_succession"
        constraints = [
            models.UniqueConstraint(
                fields=["old"], condition=models.Q(undone_at__isnull=True), name="tenants_succession_one_heir"
            )
        ]
