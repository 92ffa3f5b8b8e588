"""Tables of machine accounts, used assertions, failed attempts, and the register's stand-in."""

from django.db import models

from ocapi.kernel.tenants import fields
from ocapi.kernel.tenants.fields import Personal

REGISTER = Personal(
    category="identification", legal_basis="publicTask", purpose="demo", retention="demo",
    source="nationalRegisterStub",
)


class ApplicationRow(fields.Record):
    """A machine account. keys: list of {kid, x, y}; scopes: list of codes; both only ever replaced whole."""

    client_id = fields.Text(max_length=64, unique=True, personal=None)
    name = fields.Text(max_length=120, personal=None)
    owner = fields.Text(max_length=160, personal=None)
    keys = fields.Document(personal=None)
    scopes = fields.Document(personal=None)
    state = fields.Text(max_length=10, personal=None)
    created_at = fields.Instant(personal=None)
    revoked_at = fields.Instant(null=True, personal=None)
    last_used_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "exchange_application"


class UsedAssertionRow(fields.Record):
    """An assertion that was spent; kept until it would have expired by itself."""

    client_id = fields.Text(max_length=64, personal=None)
    jti_sha256 = fields.Text(max_length=64, personal=None)
    expires_at = fields.Instant(db_index=True, personal=None)

    class Meta:
        db_table = "exchange_used_assertion"
        constraints = (
            models.UniqueConstraint(fields=("client_id", "jti_sha256"), name="exchange_assertion_once"),
        )


class FailedAttemptRow(fields.Record):
    """How often a client failed from an address since `began_at`; `source` is a keyed hash of both."""

    source = fields.Text(max_length=64, unique=True, personal=None)
    began_at = fields.Instant(db_index=True, personal=None)
    count = fields.Integer(personal=None)

    class Meta:
        db_table = "exchange_failed_attempt"


class StubPersonRow(fields.Record):
    """An invented person of the register's stand-in. lookup: keyed hash of the number; payload: encrypted."""

    lookup = fields.Text(max_length=64, unique=True, personal=None)
    payload = fields.Bytes(personal=REGISTER)
    loaded_at = fields.Instant(personal=None)

    class Meta:
        db_table = "exchange_stub_person"
