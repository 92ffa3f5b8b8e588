"""The door of documents: render a letter once, show it as HTML at once, hand out its PDF when it is made."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.safestring import SafeString

from ocapi.kernel.access import api as access
from ocapi.kernel.access.data import Scope
from ocapi.kernel.audit import api as audit
from ocapi.kernel.files import api as files
from ocapi.kernel.files.data import FileContent
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.extensions import Loaded, PackFile
from ocapi.lib import clock, written
from ocapi.lib.actor import Actor, Subject, system
from ocapi.modules.documents import html, queries, services
from ocapi.modules.documents.data import Briefing, DocumentNotReady, LetterSummary, StoredDocument
from ocapi.modules.documents.extensions import Printer, printers
from ocapi.modules.documents.models import DocumentRow


def render(
    *,
    template: str,
    values: Mapping[str, str],
    address_form: str,
    about: tuple[UUID, ...],
    reference: str,
    actor: Actor,
    now: datetime,
    title: str = "",
    language: str = "nl",
    key: str = "",
) -> StoredDocument:
    """Fill a letter and keep it: readable as HTML at once, as PDF when the worker has made it.

    values: text by placeholder name; names the letter does not use are ignored, `organization_name` and
    `letter_date` fill themselves. about: persons and organizations it concerns; they may read it.
    title: the letter's own subject when empty. language: of the letter, `nl` stands for `nl-BE`.
    key: of the occasion, at most 100 characters; a second call with it gives the document of the first and
    makes nothing. Runs in the caller's transaction. Raises LetterUnknown, PlaceholderMissing, NotAllowed.
    """
    access.require(actor, "documents.render")
    held = queries.find_by_key(key)
    if held is not None:
        return queries.to_data(held)
    found = queries.get_template(template, language=language)
    with transaction.atomic():
        letter = services.compose(
            found, values, address_form=address_form, title=title, reference=reference, now=now
        )
        row, is_new = services.store(found, letter, about=about, reference=reference, key=key, now=now)
        if not is_new:
            return queries.to_data(row)
        audit.changed(
            actor=actor,
            operation="documents.render",
            resource=f"document/{row.uuid}",
            now=now,
            about=about,
            fields=("letter",),
            reference=reference,
        )
    return queries.to_data(row)


def preview_html(*, template: str, values: Mapping[str, str], address_form: str) -> SafeString:
    """Give the HTML of a letter without keeping anything; raises LetterUnknown, PlaceholderMissing."""
    found = queries.get_template(template)
    return html.render(services.compose(found, values, address_form=address_form))


def read_html(*, document: UUID, actor: Actor, now: datetime) -> SafeString:
    """Give a document as an HTML `article` that holds its own `h1`, and leave a consultation leaf.

    Raises DocumentNotFound, NotAllowed.
    """
    row, about = _allowed(document, actor=actor)
    _consulted(row, about, actor=actor, now=now)
    return html.render(queries.letter_of(row))


def read_document(*, document: UUID, actor: Actor, now: datetime) -> FileContent:
    """Give the PDF of a document, and leave a consultation leaf before it.

    Raises DocumentNotFound, NotAllowed, DocumentNotReady while the worker makes the PDF.
    """
    row, about = _allowed(document, actor=actor)
    if row.pdf is None:
        raise DocumentNotReady(str(document))
    _consulted(row, about, actor=actor, now=now)
    return files.read(file=row.pdf)


def list_documents(*, documents: Iterable[UUID]) -> dict[UUID, StoredDocument]:
    """Give the facts of documents by uuid; the caller has asked the policy of the thing that holds them."""
    return queries.list_documents(documents)


def list_letters() -> tuple[LetterSummary, ...]:
    """Give the letters that can be rendered, by code."""
    return queries.list_letters()


def make_pdf(*, document: UUID, now: datetime) -> StoredDocument:
    """Make the PDF of a document that has none; the worker's job. Raises DocumentNotFound, PdfRefused."""
    engine = registry.setting("documents.pdf_engine")
    row = services.make_pdf(
        queries.get_row(document), engine=engine, actor=system(services.MAKE_PDF), now=now
    )
    return queries.to_data(row)


def load_letter(*, file: PackFile, now: datetime) -> Loaded:
    """Load a letter template of a content pack; raises MalformedInput."""
    return services.load_letter(file, now=now)


def load_placeholders(*, file: PackFile, now: datetime) -> Loaded:
    """Load the list of names letters may use; raises MalformedInput."""
    return services.load_placeholders(file, now=now)


def print_briefing(*, briefing: Briefing, now: datetime) -> bytes:
    """Print figures on two pages as tagged PDF (PDF/UA-1); kept nowhere, the caller decided who may see it.

    Takes a second in a process of its own. Raises PdfRefused.
    """
    return _printer().briefing(briefing=briefing, made_at=now)


def print_picture(*, svg: str) -> bytes:
    """Make a PNG of a drawing that stands alone. Raises PdfRefused."""
    return _printer().picture(svg=svg)


def _printer() -> Printer:
    return printers.get(registry.setting("documents.pdf_engine"))


def date_in_words(instant: datetime) -> str:
    """Give the Brussels day of an instant as letters show it: `23 november 2026`."""
    return written.in_words(clock.local_day(instant))


def _allowed(document: UUID, *, actor: Actor) -> tuple[DocumentRow, tuple[UUID, ...]]:
    row = queries.get_row(document)
    about = queries.concerned(row)
    # A document about nobody is nobody's own: with an empty scope it would be everybody's.
    owners = {Subject(kind=kind, uuid=uuid) for uuid in about for kind in ("person", "organization")}
    scope = Scope(subjects=frozenset(owners or {Subject(kind="document", uuid=row.uuid)}))
    access.require(actor, "documents.read", scope)
    return row, about


def _consulted(row: DocumentRow, about: tuple[UUID, ...], *, actor: Actor, now: datetime) -> None:
    audit.consulted(
        actor=actor,
        operation="documents.read",
        about=about,
        fields=("letter",),
        resource=f"document/{row.uuid}",
        now=now,
        reference=row.reference,
    )
