"""Loading templates, making letters, storing them and their PDF."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.files import api as files
from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.extensions import Loaded, PackFile
from ocapi.kernel.ui.data import InvalidToken, Tokens
from ocapi.lib import clock, codec, crashpoint, ids, written
from ocapi.lib.actor import Actor
from ocapi.lib.codec import MalformedInput, Reason
from ocapi.modules.documents import letters, queries
from ocapi.modules.documents.data import Letter, LetterKind
from ocapi.modules.documents.events import DocumentRendered
from ocapi.modules.documents.extensions import pdf_engines
from ocapi.modules.documents.letters import Filler, Template
from ocapi.modules.documents.models import ConcernedRow, DocumentRow, LetterRow, PlaceholderRow

MAKE_PDF = "documents.make_pdf"


def load_letter(file: PackFile, *, now: datetime) -> Loaded:
    """Store a letter template; raises MalformedInput for one that is not sound or uses an unknown name."""
    template = letters.read_template(file.raw)
    allowed = queries.allowed_names()
    # In a pack the list of names may come after the letters; then loading the list checks the letters.
    if allowed:
        _refuse_unknown_names(template, allowed)
    values = {
        "version": template.version,
        "pack": file.pack,
        "loaded_at": now,
        "definition": codec.decode_untyped(codec.encode_json(template)),
    }
    LetterRow.objects.update_or_create(
        code=template.code, defaults=values, create_defaults={"uuid": ids.new_uuid(now), **values}
    )
    return Loaded(written=1)


def load_placeholders(file: PackFile, *, now: datetime) -> Loaded:
    """Store the names letters may use, in place of the earlier list; raises MalformedInput.

    Refused as a whole when a loaded letter uses a name the list does not hold.
    """
    listed = letters.read_placeholders(file.raw)
    names = {each.name for each in listed}
    for row in LetterRow.objects.order_by("code"):
        _refuse_unknown_names(queries.to_template(row), names)
    for each in listed:
        values = {"label": each.label, "example": each.example}
        PlaceholderRow.objects.update_or_create(
            name=each.name, defaults=values, create_defaults={"uuid": ids.new_uuid(now), **values}
        )
    PlaceholderRow.objects.exclude(name__in=names).delete()
    return Loaded(written=len(listed))


def _refuse_unknown_names(template: Template, allowed: set[str]) -> None:
    unknown = sorted(set(template.placeholders) - allowed)
    if unknown:
        raise MalformedInput(
            Reason.INVALID_VALUE,
            path=f"letter {template.code}: $.placeholders",
            detail=f"{', '.join(unknown)}: not in the list of placeholders",
        )


def compose(
    template: Template,
    values: Mapping[str, str],
    *,
    address_form: str,
    title: str = "",
    reference: str = "",
    now: datetime | None = None,
) -> Letter:
    """Fill a template; raises PlaceholderMissing.

    The sender's name fills itself, and so does the date when `now` is given.
    """
    organization = registry.settings_of("organization")
    known = {"organization_name": organization["name"]} if organization["name"] else {}
    if now is not None:
        known["letter_date"] = written.in_words(clock.local_day(now))
    filler = Filler(template, {**known, **values}, address_form)
    return Letter(
        title=title or filler.subject(),
        language=template.language,
        color=_brand(organization["tokens"]),
        sender=filler.value("organization_name"),
        sender_address=filler.value("organization_address"),
        recipient=filler.value("recipient_name"),
        recipient_address=filler.value("recipient_address"),
        date=filler.value("letter_date"),
        reference=reference or filler.value("case_number"),
        blocks=filler.blocks(),
    )


def _brand(stored: str) -> str:
    """Give the brand color of the organization; a setting that can't be read gives the neutral one."""
    try:
        return codec.decode_json(stored.encode(), Tokens).brand if stored else Tokens().brand
    except (MalformedInput, InvalidToken):
        return Tokens().brand


def store(
    template: Template, letter: Letter, *, about: tuple[UUID, ...], reference: str, key: str, now: datetime
) -> tuple[DocumentRow, bool]:
    """Keep a letter and have its PDF made by the worker; call it in a transaction.

    Gives the row and whether it is new: of two at once with one key the second gets the first's.
    """
    values = {
        "uuid": ids.new_uuid(now),
        "template": template.code,
        "template_version": template.version,
        "kind": LetterKind(template.kind).value,
        "title": letter.title[:300],
        "language": letter.language,
        "reference": reference,
        "created_at": now,
        "letter": codec.decode_untyped(codec.encode_json(letter)),
    }
    if key:
        row, is_new = DocumentRow.objects.get_or_create(key=key, defaults=values)
        if not is_new:
            return row, False
    else:
        row = DocumentRow.objects.create(**values)
    ConcernedRow.objects.bulk_create(
        ConcernedRow(uuid=ids.new_uuid(now), document=row, subject=subject)
        for subject in dict.fromkeys(about)
    )
    jobs.enqueue(
        job=MAKE_PDF, arguments={"document": str(row.uuid)}, due_at=now, key=f"{MAKE_PDF}:{row.uuid}"
    )
    return row, True


def make_pdf(row: DocumentRow, *, engine: str, actor: Actor, now: datetime) -> DocumentRow:
    """Make the PDF of a document that has none, store it and publish the fact; again changes nothing."""
    if row.pdf is not None:
        return row
    content = pdf_engines.get(engine).make(letter=queries.letter_of(row), made_at=row.created_at)
    crashpoint.point("documents.make_pdf.before_store")
    with transaction.atomic():
        current = DocumentRow.objects.select_for_update().get(pk=row.pk)
        if current.pdf is not None:
            return current
        current.pdf, current.pdf_at = files.keep(content=content, name=_file_name(row), now=now).uuid, now
        current.save(update_fields=["pdf", "pdf_at"])
        outbox.publish(
            DocumentRendered(
                document=row.uuid, template=row.template, kind=row.kind, reference=row.reference
            ),
            actor=actor,
            now=now,
        )
        crashpoint.point("documents.make_pdf.before_commit")
    return current


def _file_name(row: DocumentRow) -> str:
    return f"{'-'.join(filter(None, (row.template, row.reference)))}.pdf"
