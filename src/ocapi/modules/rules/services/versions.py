"""Versions of decision models: read, tried on their test cases, stored verbatim, loaded once."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from ocapi.kernel.outbox import api as outbox
from ocapi.lib import codec, dmn, ids
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn.engine import values
from ocapi.lib.codec import JsonValue
from ocapi.lib.dmn import sheets
from ocapi.lib.feel import BudgetExceeded, NotAValue, as_json, to_feel
from ocapi.lib.feel.values import Value
from ocapi.lib.kept import Kept
from ocapi.modules.rules import data, events
from ocapi.modules.rules.models import DecisionRow, ModelFileRow, ModelVersionRow
from ocapi.modules.rules.services import words

MAX_CASES = 500
KEPT = 100  # models, about 0.5 MB each
_TEXT = re.compile(r'"([^"\\]*)"')
_KEPT: Kept[dmn.Model] = Kept(KEPT)


def read(raw: bytes, others: Sequence[bytes]) -> dmn.Model:
    """Give a model that can answer; raises ModelNotUsable with the element and what to repair."""
    try:
        model = dmn.load(raw, others=others)
    except dmn.ModelRefused as refusal:
        raise data.ModelNotUsable(
            refusal.reason, element=refusal.element,
            told=words.named(refusal.element, words.refusal(refusal.reason)),
        ) from None
    if model.problems:
        first = model.problems[0]
        raise data.ModelNotUsable(first.reason, element=first.element, told=words.problem(first))
    if not model.decisions or not model.name:
        raise data.ModelNotUsable("noDecision", told=words.refusal("noDecision"))
    return model


def tried(model: dmn.Model, cases: Sequence[data.Case], *, now: datetime) -> None:
    """Ask a model its test cases; raises CasesFailed with those that do not pass."""
    if len(cases) > MAX_CASES:
        raise data.ModelNotUsable("tooManyCases", told=words.refusal("tooManyCases"))
    failed = tuple(found for case in cases if (found := _failed(model, case, now=now)) is not None)
    if failed:
        raise data.CasesFailed(failed)


def _failed(model: dmn.Model, case: data.Case, *, now: datetime) -> data.FailedCase | None:
    try:
        wanted = to_feel(case.expected)
        answer = model.evaluate(case.decision, case.facts, now=now).value
    except dmn.UnknownDecision:
        wanted, got = None, "unknownDecision"
    except (BudgetExceeded, NotAValue) as refusal:
        wanted, got = None, type(refusal).__name__
    else:
        if answer == wanted and (answer is None) is (wanted is None):
            return None
        got = words.written(answer, now=now)
    return data.FailedCase(
        name=case.name, decision=case.decision, expected=words.written(wanted, now=now), got=got
    )


def deploy(
    raw: bytes, model: dmn.Model, others: Sequence[bytes], cases: Sequence[data.Case], *, actor: Actor,
    now: datetime,
) -> ModelVersionRow:
    """Store a model as a new version and let its decisions be answered by it; the same changes nothing.

    Raises DecisionTaken.
    """
    last = latest(model.name)
    file, written = keep_file(raw, now=now), _cases_json(cases)
    imports = sorted(keep_file(each, now=now).sha256 for each in others)
    if last is not None and (last.file_id, last.imports, last.cases) == (file.id, imports, written):
        return last
    for name in model.decisions:
        taken = DecisionRow.objects.select_related("version").filter(name=name).first()
        if taken is not None and taken.version.key != model.name:
            raise data.DecisionTaken(name, taken.version.key)
    ModelVersionRow.objects.filter(key=model.name, is_current=True).update(is_current=False)
    row = ModelVersionRow.objects.create(
        uuid=ids.new_uuid(now), key=model.name, version=last.version + 1 if last else 1, file=file,
        imports=imports, decisions=list(model.decisions), cases=written, is_current=True, deployed_at=now,
    )
    DecisionRow.objects.filter(version__key=model.name).delete()
    DecisionRow.objects.bulk_create([DecisionRow(name=name, version=row) for name in model.decisions])
    outbox.publish(
        events.ModelDeployed(model=row.uuid, key=row.key, version=row.version, sha256=file.sha256),
        actor=actor, now=now,
    )
    return row


def latest(key: str) -> ModelVersionRow | None:
    """Give the newest version of a model, or None."""
    return ModelVersionRow.objects.select_related("file").filter(key=key).order_by("-version").first()


def keep_file(raw: bytes, *, now: datetime) -> ModelFileRow:
    """Keep a file, once per content."""
    row, _is_new = ModelFileRow.objects.get_or_create(
        sha256=hashlib.sha256(raw).hexdigest(),
        defaults={"uuid": ids.new_uuid(now), "xml": raw, "deployed_at": now},
    )
    return row


def _cases_json(cases: Sequence[data.Case]) -> str:
    return codec.encode_json([
        {"name": each.name, "decision": each.decision, "expected": _stored(each.expected),
         "facts": {name: _stored(value) for name, value in each.facts.items()}} for each in cases
    ]).decode()


def _stored(value: object) -> str:
    try:
        return values.write(value)
    except values.NotStorable as refusal:
        raise data.ModelNotUsable("caseRefused", told=refusal.detail) from None


def cases_of(row: ModelVersionRow) -> tuple[data.Case, ...]:
    """Give the test cases of a version."""
    found = cast("list[dict[str, object]]", codec.decode_untyped(row.cases.encode()))
    return tuple(
        data.Case(
            name=str(each["name"]), decision=str(each["decision"]),
            expected=values.read(str(each["expected"])),
            facts={
                name: values.read(str(text))
                for name, text in cast("dict[str, object]", each["facts"]).items()
            },
        ) for each in found
    )


def find(decision: str, version: int | None) -> ModelVersionRow | None:
    """Give the version that answers a decision: the newest of its model, or the one asked for."""
    row = DecisionRow.objects.select_related("version__file").filter(name=decision).first()
    if row is None or version is None or row.version.version == version:
        return row.version if row else None
    older = ModelVersionRow.objects.select_related("file").filter(key=row.version.key, version=version)
    return older.first()


def texts(row: ModelVersionRow, decision: str) -> tuple[str, ...]:
    """Give the plain texts in the output cells of a decision's table."""
    try:
        drawn = sheets.read_sheets(bytes(row.file.xml))
    except dmn.ModelRefused:  # larger than the editor takes; it answers all the same
        return ()
    own = [each for each in drawn if each.owner == decision]
    cells = (cell for sheet in own for line in sheet.lines for cell in line.outputs)
    found = (_TEXT.fullmatch(cell.strip()) for cell in cells)
    return tuple(dict.fromkeys(each[1] for each in found if each))


def answer(
    row: ModelVersionRow, decision: str, facts: Mapping[str, object], *, now: datetime
) -> data.Decided:
    """Answer a decision by a version; raises DecisionNotFound, DecisionFailed."""
    model = _loaded(row.uuid)
    try:
        given = model.evaluate(decision, facts, now=now, explains=True)
    except dmn.UnknownDecision:
        raise data.DecisionNotFound(decision) from None
    except BudgetExceeded as spent:
        raise data.DecisionFailed("budget", spent.limit) from None
    except NotAValue as refusal:
        raise data.DecisionFailed("notAValue", str(refusal)) from None
    return data.Decided(
        decision=decision, model=row.key, version=row.version, value=given.value, tables=given.tables,
        words=words.told(given.tables, model.names), issues=tuple(each.code for each in given.issues),
    )


def inputs(row: ModelVersionRow) -> tuple[data.Input, ...]:
    """Give what a version asks for."""
    return tuple(
        data.Input(name=name, type=as_json.name_of(kind)) for name, kind in _loaded(row.uuid).inputs.items()
    )


def facts_of_json(row: ModelVersionRow, given: Mapping[str, JsonValue]) -> dict[str, Value]:
    """Give facts of decoded JSON as a version's types mean them; raises FactRefused."""
    known, found = _loaded(row.uuid).inputs, dict[str, Value]()
    for name, value in given.items():
        if name not in known:
            raise data.FactRefused(name, f"no input; there are: {', '.join(known)}"[:300])
        try:
            found[name] = as_json.fitted(as_json.value_of(value), known[name])
        except NotAValue as refusal:
            raise data.FactRefused(name, str(refusal)) from None
    return found


def _loaded(version: UUID) -> dmn.Model:
    return _KEPT.get(str(version), _load)


def _load(version: str) -> dmn.Model:
    row = ModelVersionRow.objects.select_related("file").get(uuid=UUID(version))
    others = ModelFileRow.objects.filter(sha256__in=row.imports).values_list("xml", flat=True)
    return dmn.load(bytes(row.file.xml), others=[bytes(each) for each in others])
