"""The DMN Technology Compatibility Kit as a folder: its test cases read, answered and compared."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from lxml import etree

from ocapi.lib import xml
from ocapi.lib.dmn.engine import Model, UnknownDecision, load
from ocapi.lib.dmn.errors import ModelRefused
from ocapi.lib.dmn.kit_report import CaseResult, KitMissing, KitReport, LevelScore, NodeResult
from ocapi.lib.feel.budget import Limits, Run
from ocapi.lib.feel.comparing import equal, identical
from ocapi.lib.feel.errors import BudgetExceeded, Fault, Issue
from ocapi.lib.feel.natives import NotAValue
from ocapi.lib.feel.numbers import exact
from ocapi.lib.feel.showing import literal
from ocapi.lib.feel.temporal import DateTime, Time
from ocapi.lib.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time
from ocapi.lib.feel.values import Value

_NS = "{http://www.omg.org/spec/DMN/20160719/testcase}"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_READERS = {"date": parse_date, "time": parse_time, "dateTime": parse_date_time, "duration": parse_duration}
TOLERANCE = Decimal("1E-8")
CASE_LIMITS = Limits(milliseconds=2_000)
EXTERNAL = "feel-external-java"


def run_kit(folder: Path, *, now: datetime) -> KitReport:
    """Answer every test case of the folder; raises KitMissing when there is none."""
    cases = [
        case
        for level in sorted(folder.glob("compliance-level-*"))
        for directory in sorted(path for path in level.iterdir() if path.is_dir())
        for case in _directory(level.name, directory, now)
    ]
    if not cases:
        raise KitMissing(str(folder))
    counted = [case for case in cases if not case.is_external]
    return KitReport(
        levels=tuple(
            _score(level, [case for case in counted if case.level == level])
            for level in sorted({case.level for case in counted})
        ),
        failed=tuple(node for case in counted for node in case.nodes if not node.is_passed),
        passed=tuple(node.id for case in counted for node in case.nodes if node.is_passed),
        external=len(cases) - len(counted),
    )


def _score(level: str, cases: list[CaseResult]) -> LevelScore:
    failing = {case.directory for case in cases if not case.is_passed}
    directories = {case.directory for case in cases}
    return LevelScore(
        level=level, passed=sum(case.is_passed for case in cases), total=len(cases),
        null_baseline=sum(case.is_null for case in cases),
        directories_passed=len(directories - failing), directories=len(directories),
    )


def _directory(level: str, directory: Path, now: datetime) -> Iterator[CaseResult]:
    models = {path.name: path.read_bytes() for path in sorted(directory.glob("*.dmn"))}
    for path in sorted(directory.glob("*-test-*.xml")):
        root = xml.parse(path.read_bytes())
        name = root.findtext(f"{_NS}modelName") or f"{directory.name}.dmn"
        others = [raw for other, raw in models.items() if other != name]
        try:
            model: Model | str = load(models[name], others=others)
        except (KeyError, ModelRefused) as refusal:
            model = f"{type(refusal).__name__} {refusal}"
        for case in root.findall(f"{_NS}testCase"):
            yield _case(level, directory.name, case, model, now)


def _case(
    level: str, directory: str, case: etree._Element, model: Model | str, now: datetime
) -> CaseResult:
    inputs: dict[str, object] = {}
    for node in case.findall(f"{_NS}inputNode"):
        namespace = node.get("namespace")
        inputs[f"{{{namespace}}}{node.get('name')}" if namespace else str(node.get("name"))] = _value(node)
    results = case.findall(f"{_NS}resultNode")
    expected = [_expected(node) for node in results]
    service = case.get("invocableName") if case.get("type") == "decisionService" else None
    asked = (model, service, inputs, now)
    return CaseResult(
        level=level, directory=directory, is_external=EXTERNAL in directory,
        is_null=all(value is None for value in expected),
        nodes=tuple(
            _node(f"{directory}/{case.get('id')}/{node.get('name')}", node, value, asked)
            for node, value in zip(results, expected, strict=True)
        ),
    )


def _node(
    identity: str, node: etree._Element, expected: Value,
    asked: tuple[Model | str, str | None, dict[str, object], datetime],
) -> NodeResult:
    model, service, inputs, now = asked
    if isinstance(model, str):
        return NodeResult(id=identity, is_passed=False, got=model)
    name = node.get("name", "")
    try:
        if service is not None:
            answer = model.evaluate_service(service, inputs, now=now, limits=CASE_LIMITS)
        else:
            answer = model.evaluate(name, inputs, now=now, limits=CASE_LIMITS)
    except (BudgetExceeded, NotAValue, UnknownDecision) as failure:
        return NodeResult(id=identity, is_passed=False, got=f"{type(failure).__name__} {failure}")
    run = Run(now=now)
    wants_reason = node.get("errorResult") == "true"
    passed = same(run, expected, answer.value) and (bool(answer.issues) or not wants_reason)
    return NodeResult(
        id=identity, is_passed=passed, expected=literal(run, expected),
        got=_told(run, answer.value, answer.issues),
    )


def _told(run: Run, value: Value, issues: tuple[Issue, ...]) -> str:
    reasons = ", ".join(f"{issue.code} {issue.detail}".strip() for issue in issues[:3])
    return literal(run, value) + (f" ({reasons})" if reasons else "")


def _expected(node: etree._Element) -> Value:
    holder = node.find(f"{_NS}expected")
    return None if holder is None else _value(holder)


def _value(holder: etree._Element) -> Value:
    """Read a value of the kit: a simple value, components, or a list."""
    value = holder.find(f"{_NS}value")
    if value is not None:
        return _simple(value)
    items = holder.find(f"{_NS}list")
    if items is not None:
        if items.get(f"{_XSI}nil") == "true":
            return None
        return [_value(item) for item in items.findall(f"{_NS}item")]
    components = holder.findall(f"{_NS}component")
    if components:
        return {
            str(each.get("name")): None if each.get(f"{_XSI}nil") == "true" else _value(each)
            for each in components
        }
    return None


def _simple(value: etree._Element) -> Value:
    if value.get(f"{_XSI}nil") == "true":
        return None
    text = value.text or ""
    kind = (value.get(f"{_XSI}type") or "string").rpartition(":")[2]
    if kind in ("decimal", "double", "integer", "int", "float", "long"):
        return exact(text.strip())
    if kind == "boolean":
        return text.strip() in ("true", "1")
    reader = _READERS.get(kind)
    if reader is None:
        return text
    try:
        return reader(text.strip())
    except Fault:
        return text


def same(run: Run, expected: Value, got: Value) -> bool:
    """Compare as the kit does: numbers within 8 decimals, dates and times by value, lists by order."""
    if type(expected) is not type(got):
        return False
    if isinstance(expected, Decimal):
        return bool(abs(expected - got) < TOLERANCE)
    if isinstance(expected, list):
        return len(expected) == len(got) and all(map(same, [run] * len(got), expected, got))
    if isinstance(expected, dict):
        return expected.keys() == got.keys() and all(same(run, expected[key], got[key]) for key in got)
    if isinstance(expected, DateTime | Time):
        nano = expected.nano if isinstance(expected, Time) else expected.time.nano
        other = got.nano if isinstance(got, Time) else got.time.nano
        return nano == other and equal(run, expected, got) is True
    return identical(run, expected, got)
