"""Settings an organization chose, and which content packs it holds."""

from ocapi.kernel.tenants import fields


class SettingRow(fields.Record):
    """A setting of the organization that differs from its default; `name` is `<module>.<key>`."""

    name = fields.Text(max_length=80, unique=True, personal=None)
    value = fields.LongText(personal=None)
    changed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "registry_setting"


class ErasureRow(fields.Record):
    """A person who was erased here, so that an older backup does not bring them back.

    person_hash: keyed SHA-256 of the uuid, in hexadecimal; neither person nor uuid can be read from it.
    """

    person_hash = fields.Text(
        max_length=64, unique=True,
        personal=fields.Personal(category="identification", legal_basis="legalObligation", purpose="erasure",
                                 retention="auditLog", source="dataSubject"),
    )
    erased_at = fields.Instant(personal=None)

    class Meta:
        db_table = "registry_erasure"


class PackRow(fields.Record):
    """A file of a content pack that was loaded; the same hash is not loaded again."""

    pack = fields.Text(max_length=60, personal=None)
    path = fields.Text(max_length=200, personal=None)
    version = fields.Text(max_length=20, personal=None)
    sha256 = fields.Text(max_length=64, personal=None)
    loaded_at = fields.Instant(personal=None)

    class Meta:
        db_table = "registry_pack"
        unique_together = (("pack", "path"),)
