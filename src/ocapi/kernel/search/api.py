"""The door of search: put things in the index of the bound organization, take them out, find them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Sum

from ocapi.kernel.search import ranking
from ocapi.kernel.search.data import Entry, Hit, Results
from ocapi.kernel.search.models import DocumentRow, TokenRow, WordRow
from ocapi.lib import stem

QUERY_TOKENS = 8  # more words than this do not make an answer better, only slower
VOCABULARY = 20_000
RAREST = 3  # when not all words stand together, the rarest ones decide


def index(
    *, kind: str, uuid: UUID, url: str, title: str, summary: str, body: str, now: datetime,
    keywords: Iterable[str] = (), audience: str = "public", boost: float = 1.0,
) -> None:
    """Put a thing into the index, or renew it; never anything with personal data in it.

    audience: public, citizen or desk: who may find it. boost: 1.0 is ordinary, 2.0 counts double.
    """
    entry = Entry(
        kind=kind, uuid=uuid, url=url, title=title, summary=summary, body=body, keywords=tuple(keywords),
        audience=audience, boost=boost,
    )
    index_all([entry], now=now)


def index_all(entries: Sequence[Entry], *, now: datetime) -> None:
    """Put many things into the index, or renew them, in a few statements; see `index`."""
    found, words = list[tuple[DocumentRow, dict[str, int]]](), Counter[str]()
    for each in entries:
        weights = ranking.weighted_tokens(
            title=each.title, keywords=each.keywords, summary=each.summary, body=each.body, boost=each.boost
        )
        words.update(set(stem.raw_tokens(" ".join((each.title, each.summary, *each.keywords)))))
        document = DocumentRow(
            uuid=each.uuid, kind=each.kind, audience=each.audience, url=each.url, title=each.title,
            summary=each.summary, indexed_at=now,
        )
        found.append((document, weights))
    with transaction.atomic():
        for kind in {each.kind for each in entries}:
            uuids = [each.uuid for each in entries if each.kind == kind]
            DocumentRow.objects.filter(kind=kind, uuid__in=uuids).delete()
        DocumentRow.objects.bulk_create([document for document, _weights in found])
        TokenRow.objects.bulk_create(
            [
                TokenRow(document=document, token=token, weight=weight)
                for document, weights in found
                for token, weight in weights.items()
            ]
        )
        _count_words(words)


def _count_words(words: Counter[str]) -> None:
    known = set(WordRow.objects.filter(word__in=words).values_list("word", flat=True))
    for count in {words[each] for each in known}:
        same = [each for each in known if words[each] == count]
        WordRow.objects.filter(word__in=same).update(documents=F("documents") + count)
    new = Counter[str]()
    for word in words.keys() - known:
        new[word[: ranking.TOKEN_LENGTH]] += words[word]
    rows = [WordRow(word=word, documents=count) for word, count in sorted(new.items())]
    WordRow.objects.bulk_create(rows, ignore_conflicts=True)


def remove(*, kind: str, uuid: UUID) -> None:
    """Take a thing out of the index, if it is in."""
    DocumentRow.objects.filter(kind=kind, uuid=uuid).delete()


def find(*, text: str, audience: str = "public", kinds: tuple[str, ...] = (), limit: int = 20) -> Results:
    """Find things by words in any order, stemmed, accents folded; a misspelling is corrected within distance
    2.

    First everything that holds all words; when nothing does, what holds most of the rarest ones. Gives at
    most `limit` hits; `suggestion` is the corrected text; it was searched when the text itself found nothing.
    """
    vocabulary = dict(
        WordRow.objects.order_by("-documents", "word").values_list("word", "documents")[:VOCABULARY]
    )
    suggestion = ranking.corrected(text, vocabulary=vocabulary)
    hits = _search(text, audience, kinds, limit)
    if hits:
        return Results(text=text, hits=hits, suggestion=suggestion)
    if suggestion is None:
        return Results(text=text, hits=_loose(text, audience, kinds, limit))
    hits = _search(suggestion, audience, kinds, limit) or _loose(suggestion, audience, kinds, limit)
    return Results(text=text, hits=hits, suggestion=suggestion if hits else None)


def _search(text: str, audience: str, kinds: tuple[str, ...], limit: int) -> tuple[Hit, ...]:
    tokens = list(dict.fromkeys(stem.tokens(text)))[:QUERY_TOKENS]
    return _matching(tokens, len(tokens), audience, kinds, limit) if tokens else ()


def _loose(text: str, audience: str, kinds: tuple[str, ...], limit: int) -> tuple[Hit, ...]:
    tokens = list(dict.fromkeys(stem.tokens(text)))[:QUERY_TOKENS]
    if not tokens:
        return ()
    frequency = dict(
        TokenRow.objects.filter(token__in=tokens).values_list("token").annotate(n=Count("id")).order_by("n")
    )
    rarest = list(frequency)[:RAREST]
    return _matching(rarest, 1, audience, kinds, limit) if rarest else ()


def _matching(
    tokens: list[str], at_least: int, audience: str, kinds: tuple[str, ...], limit: int
) -> tuple[Hit, ...]:
    rows = DocumentRow.objects.filter(tokens__token__in=tokens, audience=audience)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    scored = rows.annotate(found=Count("tokens__token", distinct=True), score=Sum("tokens__weight"))
    best = scored.filter(found__gte=at_least).order_by("-found", "-score", "title", "id")[:limit]
    return tuple(
        Hit(
            kind=row.kind,
            uuid=row.uuid,
            url=row.url,
            title=row.title,
            summary=row.summary,
            score=row.score / 1000,
        )
        for row in best
    )
