"""Tables of linkeddata: pinned profiles, services, objects and their versions."""

from django.db import models

from ocapi.kernel.tenants import fields
from ocapi.kernel.tenants.fields import Personal

ABOUT_PERSONS = Personal(
    category="content",
    legal_basis="publicTask",
    purpose="linkedData",
    retention="serviceDefined",
    source="ownInput",
)


class ProfileRow(fields.Record):
    """A pinned profile. files: text by name, as `lib.profile.reader.pinned` makes them; never changed."""

    digest = fields.Text(max_length=64, unique=True, personal=None)
    name = fields.Text(max_length=80, personal=None)
    files = fields.Document(personal=None)
    pinned_at = fields.Instant(personal=None)

    class Meta:
        db_table = "linkeddata_profile"


class ServiceRow(fields.Record):
    """A data service. last_number, last_at: of its newest version; who locks it writes the next."""

    code = fields.Text(max_length=60, unique=True, personal=None)
    title = fields.Text(max_length=200, personal=None)
    access = fields.Text(max_length=20, personal=None)
    profile = fields.Reference(ProfileRow, on_delete=models.PROTECT, related_name="+", personal=None)
    last_number = fields.Integer(default=0, personal=None)
    last_at = fields.Instant(null=True, personal=None)
    created_at = fields.Instant(personal=None)

    class Meta:
        db_table = "linkeddata_service"


class ObjectRow(fields.Record):
    """An object by its newest version. title: empty when about persons. term: class in the profile."""

    service = fields.Reference(
        ServiceRow, on_delete=models.PROTECT, related_name="+", db_index=False, personal=None
    )
    term = fields.Text(max_length=120, personal=None)
    class_iri = fields.Text(max_length=400, personal=None)
    iri = fields.Text(max_length=400, unique=True, personal=None)
    title = fields.Text(max_length=300, personal=None)
    sequence = fields.Integer(personal=None)
    is_deleted = fields.Boolean(default=False, personal=None)
    ended_on = fields.Day(null=True, personal=None)
    replaced_by = fields.Document(personal=None)
    changed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "linkeddata_object"
        indexes = (models.Index(fields=("service", "term", "id"), name="linkeddata_object_list"),)


class VersionRow(fields.Record):
    """A version, never changed. number: place in its service, 1 first, without gaps, in order of commit.

    content: JSON-LD without context; null in a service about persons and for a deletion. profile: the one it
    was written by, null while that is still the service's.
    """

    object = fields.Reference(
        ObjectRow, on_delete=models.PROTECT, related_name="+", db_index=False, personal=None
    )
    service = fields.Reference(
        ServiceRow, on_delete=models.PROTECT, related_name="+", db_index=False, personal=None
    )
    sequence = fields.Integer(personal=None)
    number = fields.Integer(personal=None)
    change = fields.Text(max_length=12, personal=None)
    content = fields.Document(null=True, personal=None)
    profile = fields.Reference(
        ProfileRow, on_delete=models.PROTECT, related_name="+", null=True, personal=None
    )
    ended_on = fields.Day(null=True, personal=None)
    replaced_by = fields.Document(personal=None)
    recorded_at = fields.Instant(personal=None)

    class Meta:
        db_table = "linkeddata_version"
        constraints = (
            models.UniqueConstraint(fields=("object", "sequence"), name="linkeddata_version_sequence"),
            models.UniqueConstraint(fields=("service", "number"), name="linkeddata_version_number"),
        )


class ViewRow(fields.Record):
    """A view of a service's feed beside the feed itself. kind: `data.ViewKind`.

    reached: number of the last version that has its page here. places: JSON, by bucket the number of its open
    page and how many versions are on it; a bucket that never got a version is absent.
    """

    service = fields.Reference(
        ServiceRow, on_delete=models.PROTECT, related_name="+", db_index=False, personal=None
    )
    kind = fields.Text(max_length=20, personal=None)
    reached = fields.Integer(default=0, personal=None)
    places = fields.LongText(default="{}", personal=None)

    class Meta:
        db_table = "linkeddata_view"
        constraints = (
            models.UniqueConstraint(fields=("service", "kind"), name="linkeddata_view_kind"),
        )


class ViewPageRow(fields.LastingRecord):
    """A page of a view. numbers: of its versions, ascending, with commas; they are never taken off."""

    view = fields.Reference(
        ViewRow, on_delete=models.CASCADE, related_name="+", db_index=False, personal=None
    )
    bucket = fields.Text(max_length=120, personal=None)
    page = fields.Integer(personal=None)
    numbers = fields.LongText(personal=None)

    class Meta:
        db_table = "linkeddata_view_page"
        constraints = (
            models.UniqueConstraint(fields=("view", "bucket", "page"), name="linkeddata_view_page_place"),
        )


class FeatureRow(fields.Record):
    """Where an object is: its newest version as a feature of GeoJSON, found by place.

    Kept in the transaction that makes the version and rebuildable from it; only of services that are not
    about persons. feature: the feature as it is sent in CRS84. west, south, east, north: in ten-millionths of
    a degree, outward. cell: number of its place, as `lib.geo.cells` gives it. starts_at, ends_at: the time it
    speaks of, null when open.
    """

    object = fields.Reference(
        ObjectRow, on_delete=models.CASCADE, related_name="+", unique=True, personal=None
    )
    service = fields.Reference(ServiceRow, on_delete=models.PROTECT, related_name="+", personal=None)
    term = fields.Text(max_length=120, personal=None)
    feature = fields.LongText(personal=None)
    cell = fields.Integer(personal=None)
    west = fields.Integer(personal=None)
    south = fields.Integer(personal=None)
    east = fields.Integer(personal=None)
    north = fields.Integer(personal=None)
    starts_at = fields.Instant(null=True, personal=None)
    ends_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "linkeddata_feature"
        indexes = (
            models.Index(fields=("service", "term", "cell", "object"), name="linkeddata_feature_place"),
        )


class StandardRow(fields.Record):
    """A standard of the OSLO register as it was imported last; empty or null: the register does not say it.

    code: what names it in the register, `omgevingsvergunning/ap-omgevingsvergunning`. slug: of the standard
    itself, `omgevingsvergunning`; a vocabulary and a profile may share one.
    """

    code = fields.Text(max_length=200, unique=True, personal=None)
    slug = fields.Text(max_length=120, personal=None)
    title = fields.Text(max_length=300, personal=None)
    category = fields.Text(max_length=40, personal=None)
    status = fields.Text(max_length=80, personal=None)
    usage = fields.Text(max_length=80, personal=None)
    published_on = fields.Day(null=True, personal=None)
    address = fields.Text(max_length=400, personal=None)
    imported_at = fields.Instant(personal=None)

    class Meta:
        db_table = "linkeddata_standard"


class FollowedRow(fields.Record):
    """A feed that fills a service. state: how far it was followed, as `lib.ldes.following` keeps it."""

    service = fields.Reference(
        ServiceRow, on_delete=models.PROTECT, related_name="+", unique=True, personal=None
    )
    address = fields.Text(max_length=400, personal=None)
    state = fields.Document(personal=None)
    followed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "linkeddata_followed"


class PersonalContentRow(fields.Record):
    """What a version says in a service about persons; apart, so that reading it is always seen."""

    version = fields.Reference(
        VersionRow, on_delete=models.CASCADE, related_name="+", unique=True, personal=None
    )
    content = fields.Document(personal=ABOUT_PERSONS)

    class Meta:
        db_table = "linkeddata_personal_content"
