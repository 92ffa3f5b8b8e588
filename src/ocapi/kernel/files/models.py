"""Files people sent or the platform made; the bytes stand under `blobs/` by their hash."""

from ocapi.kernel.tenants import fields
from ocapi.kernel.tenants.fields import Personal


class FileRow(fields.Record):
    """One received file. Two rows may share a blob. Who may read it is decided by the module that holds
    it.
    """

    sha256 = fields.Text(max_length=64, personal=None)
    size_bytes = fields.Integer(personal=None)
    media_type = fields.Text(max_length=40, personal=None)
    name = fields.Text(
        max_length=120,
        personal=Personal(category="content", legal_basis="publicTask", purpose="files.keep",
                          retention="caseRetention", source="dataSubject"),
    )
    state = fields.Text(max_length=20, personal=None)
    received_at = fields.Instant(personal=None)
    released_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "files_file"
