"""The register of OSLO standards: read from a file of the register, kept, and matched with our services.

Two forms are read, both lists of JSON: the build list (repository, configuration, sometimes status) and the
entries of the register itself (title, category, usage, status, publicationDate). What an entry does not say
stays empty: nothing is guessed but the kind and name of a standard, which its configuration is named by.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Q

from ocapi.lib import codec, ids
from ocapi.lib.codec import JsonValue, MalformedInput, Reason
from ocapi.modules.linkeddata import profiles
from ocapi.modules.linkeddata.data import (
    Access,
    Conformance,
    InvalidCursor,
    Standard,
    StandardCategory,
    StandardFault,
    StandardPage,
)
from ocapi.modules.linkeddata.models import ObjectRow, ServiceRow, StandardRow

MAX_BYTES = 8 << 20
MOST = 5_000
PREFIXES = {
    "ap": StandardCategory.PROFILE,
    "voc": StandardCategory.VOCABULARY,
    "im": StandardCategory.MODEL,
}
CATEGORIES = {
    "applicatieprofiel": StandardCategory.PROFILE,
    "vocabularium": StandardCategory.VOCABULARY,
    "implementatiemodel": StandardCategory.MODEL,
}
_NAMED = re.compile(r"(?:^|[-_ ])(ap|voc|im)(?:[-_ ]|$)", re.IGNORECASE)
_THEME = re.compile(r"^oslo[-_]?(?:thema|theme)?[-_]?", re.IGNORECASE)
FIELDS = ("code", "slug", "title", "category", "status", "usage", "published_on", "address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A standard as a file says it."""

    code: str
    slug: str
    title: str
    category: StandardCategory
    status: str
    usage: str
    published_on: date | None
    address: str


def read(raw: bytes) -> tuple[tuple[Entry, ...], tuple[tuple[int, str], ...]]:
    """Give the entries of a file, and (place, reason) of each that can't be read; raises MalformedInput."""
    document = codec.decode_untyped(raw, max_bytes=MAX_BYTES)
    if not isinstance(document, list):
        raise MalformedInput(Reason.INVALID_VALUE, detail="a list of standards was expected")
    if len(document) > MOST:
        raise MalformedInput(Reason.TOO_LARGE, detail=f"more than {MOST} standards")
    found: dict[str, Entry] = {}
    refused = []
    for place, each in enumerate(document, start=1):
        try:
            entry = _entry(each)
        except ValueError as wrong:
            refused.append((place, str(wrong)))
        else:
            found[entry.code] = entry
    return tuple(found.values()), tuple(refused)


def _entry(each: JsonValue) -> Entry:
    if not isinstance(each, dict):
        raise ValueError(StandardFault.NO_OBJECT)
    said = {name: value.strip() for name, value in each.items() if isinstance(value, str)}
    repository, configuration = said.get("repository", ""), said.get("configuration", "")
    title = said.get("title") or said.get("name", "")
    if not title and not configuration:
        raise ValueError(StandardFault.NO_NAME)
    theme = _THEME.sub("", repository.rstrip("/").rpartition("/")[2])
    name = re.sub(r"-?config\.json$", "", configuration)
    sort = _NAMED.search(name)
    own = _slug(_NAMED.sub("-", name, count=1)) or _slug(theme)
    own = _slug(title) if not configuration else own
    code = f"{_slug(theme)}/{_slug(name)}" if configuration else own
    if not code.strip("/") or not (title or own):
        raise ValueError(StandardFault.NO_LETTERS)
    return Entry(
        code=code[:200],
        slug=own[:120],
        title=(title or own.replace("-", " ").capitalize())[:300],
        category=_category(said, sort.group(1).lower() if sort else ""),
        status=said.get("status", "")[:80],
        usage=said.get("usage", "")[:80],
        published_on=_day(said.get("publicationDate", "")),
        address=_address(repository),
    )


def _category(said: dict[str, str], prefix: str) -> StandardCategory:
    named = CATEGORIES.get(said.get("category", "").lower())
    return named or PREFIXES.get(prefix, StandardCategory.UNKNOWN)


def _slug(text: str) -> str:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", text)
    return re.sub(r"[^a-z0-9]+", "-", apart.lower()).strip("-")


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError(f"publicationDate {text[:40]} is no day") from None


def _address(text: str) -> str:
    return text[:400] if text.startswith(("https://", "http://")) else ""


def keep(entries: tuple[Entry, ...], *, now: datetime) -> tuple[int, int]:
    """Put a register in place of the one before; gives how many are new or changed, and how many stayed."""
    held = {row.code: row for row in StandardRow.objects.all()}
    fresh = [each for each in entries if each.code not in held]
    changed = [each for each in entries if each.code in held and _said(each) != _kept(held[each.code])]
    StandardRow.objects.bulk_create(
        [StandardRow(uuid=ids.new_uuid(now), imported_at=now, **_said(each)) for each in fresh]
    )
    for each in changed:
        StandardRow.objects.filter(id=held[each.code].id).update(**_said(each))
    gone = set(held) - {each.code for each in entries}
    StandardRow.objects.filter(code__in=gone).delete()
    StandardRow.objects.update(imported_at=now)
    return len(fresh) + len(changed), len(entries) - len(fresh) - len(changed)


def _said(each: Entry) -> dict[str, object]:
    return {name: getattr(each, name) for name in FIELDS} | {"category": each.category.value}


def _kept(row: StandardRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in FIELDS}


def page(*, text: str, cursor: str, page_size: int, readable: frozenset[Access]) -> StandardPage:
    """Give standards by title with the services that go by them; text: words of the title. Raises
    InvalidCursor.
    """
    rows = StandardRow.objects.order_by("title", "id")
    for word in text.split():
        rows = rows.filter(title__icontains=word)
    if cursor:
        title, number = _position(cursor)
        rows = rows.filter(Q(title__gt=title) | Q(title=title, id__gt=number))
    found = list(rows[: page_size + 1])
    last = found[page_size - 1] if len(found) > page_size else None
    conforms = _conforming(readable)
    return StandardPage(
        items=tuple(_standard(row, conforms.get(row.slug, ())) for row in found[:page_size]),
        total=StandardRow.objects.count(),
        imported_at=StandardRow.objects.aggregate(last=Max("imported_at"))["last"],
        next_cursor=codec.canonical_json([last.title, last.id]).hex() if last else "",
    )


def _position(cursor: str) -> tuple[str, int]:
    try:
        title, number = codec.decode_json(bytes.fromhex(cursor), tuple[str, int])
    except ValueError:
        raise InvalidCursor from None
    return title, number


def _standard(row: StandardRow, conforms: tuple[Conformance, ...]) -> Standard:
    category = StandardCategory(row.category)
    return Standard(
        code=row.code,
        title=row.title,
        category=category,
        status=row.status,
        usage=row.usage,
        published_on=row.published_on,
        address=row.address,
        conforms=conforms if category is StandardCategory.PROFILE else (),
    )


def _conforming(readable: frozenset[Access]) -> dict[str, tuple[Conformance, ...]]:
    """Give the services by the slug of each profile they go by: their own, or those it says it restates."""
    made: dict[str, tuple[Conformance, ...]] = {}
    for row in ServiceRow.objects.filter(access__in=readable).select_related("profile").order_by("code"):
        objects = ObjectRow.objects.filter(service=row, is_deleted=False)
        told = Conformance(
            service=row.code,
            title=row.title,
            profile=row.profile.name,
            digest=row.profile.digest,
            objects=objects.count(),
            checked_at=objects.aggregate(last=Max("changed_at"))["last"],
        )
        for slug in profiles.standards_of(row):
            made[slug] = (*made.get(slug, ()), told)
    return made
