"""Decision models that are being worked on: tables changed in place, test cases tried at each save."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ocapi.lib import codec, dmn, ids
from ocapi.lib.dmn import parts, sheets
from ocapi.lib.feel import BudgetExceeded, NotAValue, typed
from ocapi.modules.rules import data
from ocapi.modules.rules.models import ModelDraftRow, ModelFileRow
from ocapi.modules.rules.services import versions, words

MAX_DRAFTS, MAX_CASES, MAX_CASE = 1_000, 100, 10_000


def row_of(draft: UUID) -> ModelDraftRow:
    """Give the row of a draft, or raise DraftNotFound."""
    row = ModelDraftRow.objects.filter(uuid=draft).first()
    if row is None:
        raise data.DraftNotFound(str(draft))
    return row


def require_revision(row: ModelDraftRow, revision: int) -> None:
    """Refuse what was made from an older revision; raises DraftChanged."""
    if row.revision != revision:
        raise data.DraftChanged(row.revision)


def listed() -> tuple[data.ModelDraft, ...]:
    """Give every draft, the last changed first, without its tables."""
    rows = ModelDraftRow.objects.defer("xml", "cases").order_by("-changed_at", "-id")[:MAX_DRAFTS]
    return tuple(
        data.ModelDraft(uuid=row.uuid, title=row.title, revision=row.revision, changed_at=row.changed_at)
        for row in rows
    )


def told(row: ModelDraftRow, *, now: datetime) -> data.ModelDraft:
    """Give a draft with its tables and what its test cases give."""
    raw = bytes(row.xml)
    found = data.ModelDraft(
        uuid=row.uuid, title=row.title, revision=row.revision, changed_at=row.changed_at,
        sheets=sheets.read_sheets(raw), parts=parts.read_parts(raw),
    )
    cases = _typed(row)
    try:
        model = versions.read(raw, imports_of(row))
    except data.ModelNotUsable as refusal:
        tried = tuple(data.TriedCase(case=each, problem="model") for each in cases)
        return _replace(found, tried=tried, problem=refusal.told, element=refusal.element)
    return _replace(
        found, key=model.name, decisions=tuple(model.decisions),
        tried=tuple(_tried(model, each, now=now) for each in cases),
    )


def _replace(found: data.ModelDraft, **values: object) -> data.ModelDraft:
    import dataclasses

    return dataclasses.replace(found, **values)  # type: ignore[arg-type]


def _tried(model: dmn.Model, case: data.TypedCase, *, now: datetime) -> data.TriedCase:
    try:
        facts = typed.read_lines(case.facts, now=now)
        wanted = typed.read_value(case.expected, now=now)
    except typed.LineRefused as refusal:
        return data.TriedCase(case=case, problem=f"line:{refusal.number}:{refusal.detail}")
    try:
        given = model.evaluate(case.decision, facts, now=now, explains=True)
    except dmn.UnknownDecision:
        return data.TriedCase(case=case, problem="unknownDecision")
    except (BudgetExceeded, NotAValue):
        return data.TriedCase(case=case, problem="budget")
    return data.TriedCase(
        case=case, got=words.written(given.value, now=now), words=words.told(given.tables, model.names),
        has_passed=given.value == wanted and (given.value is None) is (wanted is None),
    )


def create(
    *, title: str, raw: bytes, imports: Sequence[bytes], key: str, now: datetime
) -> ModelDraftRow:
    """Keep a new draft; raises ModelNotUsable, DecisionNotFound."""
    cases: tuple[data.TypedCase, ...] = ()
    shas: list[str] = []
    if key:
        last = versions.latest(key)
        if last is None:
            raise data.DecisionNotFound(key)
        raw, shas = bytes(last.file.xml), list(last.imports)
        cases = tuple(_as_typed(each, now=now) for each in versions.cases_of(last))
    elif not raw:
        raw = sheets.blank(title)
    name = _name_of(raw)
    shas = shas or sorted(versions.keep_file(each, now=now).sha256 for each in imports)
    return ModelDraftRow.objects.create(
        uuid=ids.new_uuid(now), title=(title or name)[:200], xml=raw, cases=_json(cases), imports=shas,
        revision=1, changed_at=now,
    )


def _name_of(raw: bytes) -> str:
    try:
        sheets.read_sheets(raw)
        return dmn.reader.read(raw).name
    except dmn.ModelRefused as refusal:
        raise data.ModelNotUsable(
            refusal.reason, element=refusal.element,
            told=words.named(refusal.element, words.refusal(refusal.reason)),
        ) from None


def _as_typed(case: data.Case, *, now: datetime) -> data.TypedCase:
    facts = "\n".join(f"{name} = {words.written(value, now=now)}" for name, value in case.facts.items())
    return data.TypedCase(
        name=case.name, decision=case.decision, facts=facts,
        expected=words.written(case.expected, now=now),  # type: ignore[arg-type]
    )


def save_sheet(
    draft: UUID, place: int, sheet: data.Sheet, *, revision: int, now: datetime
) -> ModelDraftRow:
    """Save one table; raises DraftChanged, DraftNotFound, ModelNotUsable."""
    row = row_of(draft)
    require_revision(row, revision)
    try:
        row.xml = sheets.write_sheet(bytes(row.xml), place, sheet)
    except dmn.ModelRefused as refusal:
        raise data.ModelNotUsable(
            refusal.reason, element=refusal.element,
            told=words.named(refusal.element, words.refusal(refusal.reason)),
        ) from None
    except IndexError:
        raise data.DraftNotFound(f"{draft} {place}") from None
    return _save(row, revision, now=now)


def save_expression(draft: UUID, place: int, text: str, *, revision: int, now: datetime) -> ModelDraftRow:
    """Save one plain expression; raises DraftChanged, DraftNotFound, ModelNotUsable."""
    row = row_of(draft)
    require_revision(row, revision)
    try:
        row.xml = parts.write_expression(bytes(row.xml), place, text)
    except dmn.ModelRefused as refusal:
        raise data.ModelNotUsable(refusal.reason, told=words.refusal(refusal.reason)) from None
    except IndexError:
        raise data.DraftNotFound(f"{draft} {place}") from None
    return _save(row, revision, now=now)


def save_cases(
    draft: UUID, cases: Sequence[data.TypedCase], *, revision: int, now: datetime
) -> ModelDraftRow:
    """Save the test cases; raises DraftChanged, DraftNotFound, ModelNotUsable."""
    row = row_of(draft)
    require_revision(row, revision)
    too_long = any(len(each.facts) > MAX_CASE or len(each.expected) > MAX_CASE for each in cases)
    if len(cases) > MAX_CASES or too_long:
        raise data.ModelNotUsable("tooManyCases", told=words.refusal("tooManyCases"))
    row.cases = _json(cases)
    return _save(row, revision, now=now)


def _save(row: ModelDraftRow, revision: int, *, now: datetime) -> ModelDraftRow:
    done = ModelDraftRow.objects.filter(id=row.id, revision=revision).update(
        xml=row.xml, cases=row.cases, revision=revision + 1, changed_at=now
    )
    if not done:
        raise data.DraftChanged(row_of(row.uuid).revision)
    row.revision, row.changed_at = revision + 1, now
    return row


def imports_of(row: ModelDraftRow) -> tuple[bytes, ...]:
    """Give the files a draft imports."""
    found = ModelFileRow.objects.filter(sha256__in=row.imports).order_by("id")
    return tuple(bytes(each) for each in found.values_list("xml", flat=True))


def cases_of(row: ModelDraftRow, *, now: datetime) -> tuple[data.Case, ...]:
    """Give the test cases of a draft; raises ModelNotUsable for one that can't be read."""
    try:
        return tuple(
            data.Case(
                name=each.name, decision=each.decision, facts=dict(typed.read_lines(each.facts, now=now)),
                expected=typed.read_value(each.expected, now=now),
            ) for each in _typed(row)
        )
    except typed.LineRefused as refusal:
        raise data.ModelNotUsable("caseRefused", told=refusal.detail) from None


def _typed(row: ModelDraftRow) -> tuple[data.TypedCase, ...]:
    return tuple(codec.decode_json(row.cases.encode(), list[data.TypedCase], max_bytes=4 << 20))


def _json(cases: Sequence[data.TypedCase]) -> str:
    return codec.encode_json(list(cases)).decode()
