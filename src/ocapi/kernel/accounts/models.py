"""Tables of persons, organizations, their identifiers, roles, powers of attorney, and the sign-in user."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q

from ocapi.kernel.tenants import fields
from ocapi.kernel.tenants.fields import Personal

IDENTITY = Personal(
    category="identification",
    legal_basis="publicTask",
    purpose="identifyPerson",
    retention="whileKnown",
    source="identityProvider",
)
CONTACT = Personal(
    category="contact",
    legal_basis="publicTask",
    purpose="contactPerson",
    retention="whileKnown",
    source="person",
)
NATIONAL_NUMBER = Personal(
    category="nationalNumber",
    legal_basis="nationalRegisterAuthorization",
    purpose="identifyPerson",
    retention="whileKnown",
    source="identityProvider",
)
ROLE = Personal(
    category="employment",
    legal_basis="publicTask",
    purpose="authorize",
    retention="tenYears",
    source="organization",
)
REPRESENTATION = Personal(
    category="representation",
    legal_basis="publicTask",
    purpose="authorize",
    retention="tenYears",
    source="person",
)
SIGN_IN = Personal(
    category="signIn",
    legal_basis="publicTask",
    purpose="secureAccess",
    retention="whileKnown",
    source="identityProvider",
)


class PersonRow(fields.Record):
    """One person known to this organization; the same human in another organization is another person.

    The national number is absent on purpose: it stands encrypted in NationalNumberRow alone.
    session_epoch: rises when roles change; a session of an earlier epoch is over.
    """

    given_name = fields.Text(max_length=120, blank=True, personal=IDENTITY)
    family_name = fields.Text(max_length=120, personal=IDENTITY)
    birth_date = fields.Text(max_length=10, blank=True, personal=IDENTITY)
    email = fields.Text(max_length=254, blank=True, personal=CONTACT)
    telephone = fields.Text(max_length=30, blank=True, personal=CONTACT)
    session_epoch = fields.Integer(default=0, personal=None)
    created_at = fields.Instant(personal=None)

    class Meta:
        db_table = "accounts_person"


class NationalNumberRow(fields.Record):
    """The national number of one person: encrypted, with a keyed hash to find it by; the only such table."""

    person = fields.Reference(
        PersonRow, on_delete=models.CASCADE, unique=True, related_name="+", personal=None
    )
    ciphertext = fields.Bytes(personal=NATIONAL_NUMBER)
    lookup = fields.Bytes(unique=True, max_length=32, personal=NATIONAL_NUMBER)

    class Meta:
        db_table = "accounts_national_number"


class OrganizationRow(fields.Record):
    """One organization: local authority, supplier, enterprise; the tenant itself has its own uuid here.

    Names and codes are absent on purpose: they are identifiers with validity. key: stable name in the
    register it was loaded from, empty (null) for others.
    """

    key = fields.Text(max_length=80, unique=True, null=True, personal=None)
    kind = fields.Text(max_length=20, personal=None)
    status = fields.Text(max_length=10, personal=None)
    created_at = fields.Instant(personal=None)

    class Meta:
        db_table = "accounts_organization"


class IdentifierRow(fields.Record):
    """An identifier of a person or organization, valid in the half-open period [valid_from, valid_to).

    Two rows of one owner, scheme and language never overlap; null is unbounded.
    """

    owner_kind = fields.Text(max_length=12, personal=None)
    owner = fields.Identifier(personal=None)
    scheme = fields.Text(max_length=20, personal=None)
    value = fields.Text(max_length=200, personal=IDENTITY)
    language = fields.Text(max_length=10, blank=True, personal=None)
    valid_from = fields.Day(null=True, personal=None)
    valid_to = fields.Day(null=True, personal=None)
    source = fields.Text(max_length=80, blank=True, personal=None)
    edition = fields.Text(max_length=20, blank=True, personal=None)

    class Meta:
        db_table = "accounts_identifier"
        indexes = [
            models.Index(fields=["scheme", "value"], name="accounts_identifier_value"),
            models.Index(fields=["owner_kind", "owner", "scheme"], name="accounts_identifier_owner"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_from__lt=F("valid_to")),
                name="accounts_identifier_period",
            ),
            models.UniqueConstraint(
                fields=["owner_kind", "owner", "scheme", "language"],
                condition=Q(valid_to__isnull=True),
                name="accounts_identifier_one_open",
            ),
        ]


class ChangeEventRow(fields.Record):
    """One change event of organizations (org:ChangeEvent): a merger, a split, a change of name."""

    key = fields.Text(max_length=120, unique=True, personal=None)
    change_type = fields.Text(max_length=30, personal=None)
    shape = fields.Text(max_length=20, blank=True, personal=None)
    on = fields.Day(personal=None)

    class Meta:
        db_table = "accounts_change_event"


class ChangeEventPartyRow(fields.Record):
    """One organization's part in a change event: as original, as result, or both when it goes on."""

    event = fields.Reference(ChangeEventRow, on_delete=models.CASCADE, related_name="parties", personal=None)
    organization = fields.Reference(
        OrganizationRow, on_delete=models.CASCADE, related_name="+", personal=None
    )
    is_original = fields.Boolean(personal=None)
    is_result = fields.Boolean(personal=None)
    status = fields.Text(max_length=10, personal=None)

    class Meta:
        db_table = "accounts_change_event_party"
        constraints = [
            models.UniqueConstraint(fields=["event", "organization"], name="accounts_change_event_party_once")
        ]


class RoleRow(fields.Record):
    """A role a person holds in this organization; history stays, a role that ended has `valid_to`."""

    person = fields.Reference(PersonRow, on_delete=models.CASCADE, related_name="roles", personal=None)
    code = fields.Text(max_length=20, personal=ROLE)
    unit = fields.Text(max_length=120, blank=True, personal=ROLE)
    source = fields.Text(max_length=20, personal=None)
    valid_from = fields.Instant(personal=None)
    valid_to = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "accounts_role"
        indexes = [models.Index(fields=["person", "valid_to"], name="accounts_role_person")]


class PowerOfAttorneyRow(fields.Record):
    """A power of attorney; it always expires and is never handed on. Revoked rows stay as evidence."""

    grantor_kind = fields.Text(max_length=12, personal=None)
    grantor = fields.Identifier(personal=REPRESENTATION)
    representative_kind = fields.Text(max_length=12, personal=None)
    representative = fields.Identifier(personal=REPRESENTATION)
    services = fields.Document(personal=None)
    valid_from = fields.Instant(personal=None)
    expires_at = fields.Instant(personal=None)
    revoked_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "accounts_power_of_attorney"
        indexes = [
            models.Index(
                fields=["representative_kind", "representative"], name="accounts_power_representative"
            ),
            models.Index(fields=["grantor_kind", "grantor"], name="accounts_power_grantor"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(valid_from__lt=F("expires_at")), name="accounts_power_period")
        ]


class UserManager(BaseUserManager["User"]):
    """Finds users for Django's session machinery; users are made at sign-in alone."""


class User(AbstractBaseUser, PermissionsMixin, fields.Record):
    """The sign-in side of a person, as Django's libraries want it.

    Made by the identity provider's first sign-in.

    It has no usable password and no names: `person` has. Django's groups and permissions are not what access
    decides by.
    """

    password = fields.Text(max_length=128, personal=None)
    last_login = None
    is_superuser = fields.Boolean(default=False, personal=None)
    username = fields.Text(max_length=36, unique=True, personal=SIGN_IN)
    is_active = fields.Boolean(default=True, personal=None)  # type: ignore[misc]
    person = fields.Reference(
        PersonRow, on_delete=models.CASCADE, unique=True, related_name="+", personal=None
    )

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        db_table = "accounts_user"

    def get_full_name(self) -> str:
        """Give the person's name as libraries show it."""
        return f"{self.person.given_name} {self.person.family_name}".strip()

    def get_short_name(self) -> str:
        """Give the short name as libraries show it."""
        return str(self.person.given_name or self.person.family_name)
