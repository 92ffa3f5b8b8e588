"""Reads of documents: rows to data."""

from collections.abc import Iterable
from uuid import UUID

from ocapi.lib import codec
from ocapi.modules.documents.data import (
    DocumentNotFound,
    Letter,
    LetterKind,
    LetterSummary,
    LetterUnknown,
    StoredDocument,
)
from ocapi.modules.documents.letters import Template
from ocapi.modules.documents.models import ConcernedRow, DocumentRow, LetterRow, PlaceholderRow


def get_template(code: str, *, language: str = "nl") -> Template:
    """Give a usable letter template in a language, or raise LetterUnknown with the codes that are."""
    row = LetterRow.objects.filter(code=code).first()
    if row is not None:
        template = to_template(row)
        is_usable = not set(template.placeholders) - allowed_names()
        if is_usable and template.language.split("-")[0] == language.split("-")[0]:
            return template
    raise LetterUnknown(code, [summary.code for summary in list_letters()])


def list_letters() -> tuple[LetterSummary, ...]:
    """Give every usable letter by code: those whose names all stand in the list of placeholders."""
    allowed = allowed_names()
    templates = (to_template(row) for row in LetterRow.objects.order_by("code"))
    return tuple(
        LetterSummary(
            code=each.code,
            version=each.version,
            kind=each.kind,
            title=each.title,
            language=each.language,
            placeholders=each.placeholders,
        )
        for each in templates
        if not set(each.placeholders) - allowed
    )


def allowed_names() -> set[str]:
    """Give the names letters may use."""
    return set(PlaceholderRow.objects.values_list("name", flat=True))


def to_template(row: LetterRow) -> Template:
    """Give a stored template as data."""
    return codec.convert(row.definition, Template)


def find_by_key(key: str) -> DocumentRow | None:
    """Find the document that was made for an occasion; None for an empty key."""
    return DocumentRow.objects.filter(key=key).first() if key else None


def get_row(document: UUID) -> DocumentRow:
    """Give the row of a document, or raise DocumentNotFound."""
    row = DocumentRow.objects.filter(uuid=document).first()
    if row is None:
        raise DocumentNotFound(str(document))
    return row


def concerned(row: DocumentRow) -> tuple[UUID, ...]:
    """Give the uuids of whom a document is about."""
    return tuple(ConcernedRow.objects.filter(document=row).order_by("id").values_list("subject", flat=True))


def letter_of(row: DocumentRow) -> Letter:
    """Give the finished letter of a document."""
    return codec.convert(row.letter, Letter)


def list_documents(documents: Iterable[UUID]) -> dict[UUID, StoredDocument]:
    """Give the facts of several documents by uuid; unknown ones are left out."""
    return {
        row.uuid: to_data(row) for row in DocumentRow.objects.filter(uuid__in=list(documents)).order_by("id")
    }


def to_data(row: DocumentRow) -> StoredDocument:
    """Give a document's facts."""
    return StoredDocument(
        uuid=row.uuid,
        kind=LetterKind(row.kind),
        template=row.template,
        title=row.title,
        reference=row.reference,
        language=row.language,
        created_at=row.created_at,
        pdf=row.pdf,
    )
