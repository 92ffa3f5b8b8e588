"""Writes of the catalogue: packs and imports into rows, and the search index beside them."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from ocapi.kernel.search import api as search
from ocapi.kernel.tenants.data import Kind
from ocapi.lib import codec, ids
from ocapi.modules.services import definitions, lpdc
from ocapi.modules.services.definitions import ServiceDefinition
from ocapi.modules.services.models import CatalogRow, LifeEventRow, ServiceRow, ServiceVersionRow

SEARCH_KIND = "service"
TOP_TASK_BOOST = 1.5  # top tasks stand first among equals


def path_of(code: str) -> str:
    """Give the citizen's address of a product page."""
    return f"/dienst/{code}"


def store(definition: ServiceDefinition, *, version: str, now: datetime) -> ServiceRow:
    """Keep a definition as the current version of its service; the version before stays in history."""
    values = {
        "domain": definition.domain,
        "life_event": definition.life_event or "",
        "is_top_task": definition.top_task,
        "order_number": definition.order,
        "changed_at": now,
    }
    service, _made = ServiceRow.objects.update_or_create(
        code=definition.code, defaults=values, create_defaults={"uuid": ids.new_uuid(now), **values}
    )
    stored = codec.decode_untyped(codec.encode_json(definition))
    ServiceVersionRow.objects.filter(service=service).exclude(version=version).update(is_current=False)
    row = {"definition": stored, "is_current": True, "loaded_at": now}
    ServiceVersionRow.objects.update_or_create(
        service=service, version=version, defaults=row, create_defaults={"uuid": ids.new_uuid(now), **row}
    )
    return service


def withdraw(*, code: str) -> bool:
    """Take a service out of catalogue and search; tells whether it was there."""
    service = ServiceRow.objects.filter(code=code).first()
    if service is None:
        return False
    search.remove(kind=SEARCH_KIND, uuid=service.uuid)
    service.delete()
    return True


def offers(definition: ServiceDefinition, kind: Kind) -> bool:
    """Tell whether an organization of that kind offers the service."""
    return definitions.fits(definition, kind)


def index(definition: ServiceDefinition, *, uuid: UUID, address_form: str, now: datetime) -> None:
    """Put a service into search: shown in one address form, found by the words of both and by synonyms."""

    def say(words: definitions.Words | None) -> str:
        return definitions.worded(words, address_form)

    texts = (
        definition.description,
        *(each.text for each in definition.procedure),
        *(each.title for each in definition.for_whom),
        *(each.title for each in definition.bring),
    )
    keywords = (
        *definition.keywords,
        *(word for group in definition.synonyms for word in group),
        *definitions.both(definition.title),
        *definitions.both(definition.summary),
    )
    search.index(
        kind=SEARCH_KIND,
        uuid=uuid,
        url=path_of(definition.code),
        title=say(definition.title),
        summary=say(definition.summary),
        body=" ".join(say(text) for text in texts),
        keywords=tuple(dict.fromkeys(keywords)),
        boost=TOP_TASK_BOOST if definition.top_task else 1.0,
        now=now,
    )


def store_life_events(events: Iterable[definitions.LifeEventDefinition], *, now: datetime) -> int:
    """Keep life events, replacing the list; gives how many."""
    count = 0
    codes = []
    for event in events:
        values = {"order_number": event.order, "title_nl": event.title.nl, "title_en": event.title.en}
        LifeEventRow.objects.update_or_create(
            code=event.code, defaults=values, create_defaults={"uuid": ids.new_uuid(now), **values}
        )
        codes.append(event.code)
        count += 1
    LifeEventRow.objects.exclude(code__in=codes).delete()
    return count


def store_entries(entries: Iterable[lpdc.Entry], *, now: datetime) -> tuple[int, int]:
    """Keep imported entries; gives how many were made or renewed and how many were as they are."""
    written = unchanged = 0
    for entry in entries:
        known = CatalogRow.objects.filter(kind=entry.kind.value, iri=entry.iri)
        if known.filter(sha256=entry.sha256).exists():
            unchanged += 1
            continue
        values = {
            "version_of": entry.version_of,
            "product_id": entry.product_id,
            "title": entry.title[:500],
            "search_text": _search_text(entry),
            "generated_at": entry.generated_at,
            "facts": [[path, [list(pair) for pair in pairs]] for path, pairs in entry.facts],
            "raw": entry.raw,
            "sha256": entry.sha256,
            "imported_at": now,
        }
        CatalogRow.objects.update_or_create(
            kind=entry.kind.value,
            iri=entry.iri,
            defaults=values,
            create_defaults={"uuid": ids.new_uuid(now), **values},
        )
        written += 1
    return written, unchanged


def _search_text(entry: lpdc.Entry) -> str:
    texts = [entry.title, entry.product_id, entry.iri]
    texts += [text for _path, pairs in entry.facts for language, text in pairs if language.startswith("nl")]
    return " ".join(texts).lower()


def digest(content: bytes) -> str:
    """Give the strong entity tag of a representation (RFC 9110 section 8.8.3)."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
