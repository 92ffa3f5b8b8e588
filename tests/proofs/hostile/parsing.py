"""Documents for each parser of the product: refused with a name, quickly, and without a packet going out."""

import contextlib
import json
import random
import reprlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from ocapi.lib import bpmn, codec, dmn, feel, xml
from ocapi.lib.bpmn.table import StepTable
from ocapi.lib.codec import MalformedInput
from ocapi.lib.dmn.tests import models as dmn_models
from ocapi.lib.rdf import turtle
from ocapi.lib.tests import bpmn_models
from tests.proofs.hostile import generators
from tests.proofs.hostile.listening import Listener

CPU_S = 0.05  # reliability.md 5.2: XML and JSON abuse is answered within 50 ms
SLACK = 8  # machines of others are slow, and what is measured is whether it grows
EVALUATION_S = 0.2
Wrong = tuple[str, str]
Check = Callable[[random.Random, Listener, Path], Wrong | None]


class Typed(msgspec.Struct, forbid_unknown_fields=True):
    """A shape that outside input is read into."""

    a: int
    b: "Typed | None" = None


def timed(act: Callable[[], Any], *refusals: type[BaseException], within_s: float) -> Wrong | None:
    """Run what must be refused with one of these; anything else, also an answer, is wrong."""
    began = time.process_time()
    try:
        got = act()
    except refusals:
        took = time.process_time() - began
        if took <= within_s * SLACK:
            return None
        return f"refused in {within_s * SLACK:.1f} s of CPU", f"{took:.2f} s"
    except BaseException as failure:  # a RecursionError, for one, becomes a 500
        return f"one of {[each.__name__ for each in refusals]}", f"{type(failure).__name__}: {failure}"[:200]
    return "a refusal", f"taken: {reprlib.repr(got)}"[:200]


def json_documents(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """Every way JSON comes in: untyped, typed, signed."""
    kind, raw, _is_refused = generators.json_bytes(coin)
    decoders: dict[str, Callable[[], Any]] = {
        "untyped": lambda: codec.decode_untyped(raw),
        "typed": lambda: codec.decode_json(raw, Typed),
        "signed": lambda: codec.decode_signed_json(raw),
        "a list": lambda: codec.decode_json(raw, list[int]),
    }
    for name, decode in decoders.items():
        wrong = timed(decode, MalformedInput, within_s=CPU_S)
        if wrong:
            return wrong[0], f"{kind}, {name}: {wrong[1]}"
    return None


def signed_twice(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """A member that stands twice in a signed document."""
    key = coin.choice(("a", "\u00e9", "iss", ""))
    first, second = coin.choice((("1", "2"), ("1", "1"), ('"x"', "null")))
    inner = f'{{"{key}":{first},"{key}":{second}}}'
    raw = coin.choice((inner, f"[{inner}]", f'{{"x":{inner}}}')).encode()
    return timed(lambda: codec.decode_signed_json(raw), MalformedInput, within_s=CPU_S)


GOOD_BPMN = bpmn_models.process('<startEvent id="s"/>').decode()
GOOD_DMN = dmn_models.definitions(
    '<decision id="d" name="d"><literalExpression><text>1</text></literalExpression></decision>'
).decode()


def xml_documents(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """The XML door itself, and each format that stands behind it."""
    address = f"http://127.0.0.1:{listener.port}/x.dtd"
    body = coin.choice((GOOD_BPMN, GOOD_DMN, "<a>x</a>"))
    kind, raw = generators.xml_bytes(coin, body=body, address=address, file=str(file))
    before = listener.hits
    for name, parse, refusal in (
        ("xml", xml.parse, xml.MalformedXml),
        ("bpmn", lambda raw: bpmn.inspect(raw), MalformedInput),
        ("dmn", lambda raw: dmn.load(raw, others=()), dmn.ModelRefused),
    ):
        within_s = CPU_S if kind != "nested" else CPU_S * 4
        wrong = timed(lambda parse=parse: parse(raw), refusal, within_s=within_s)  # type: ignore[misc]
        if wrong:
            return wrong[0], f"{kind}, {name}: {wrong[1]}"
    return ("no packet", f"{listener.hits - before}") if listener.hits != before else None


def linked_data(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """JSON-LD whose context stands elsewhere, and Turtle that is none."""
    address = coin.choice(
        (f"http://127.0.0.1:{listener.port}/c", f"http://[::1]:{listener.port}/c", f"file://{file}")
    )
    context = coin.choice(
        (
            address,
            [address],
            [{"a": "urn:a"}, address],
            {"@import": address, "@version": 1.1},
            {"a": {"@id": "urn:a", "@context": address}},
        )
    )
    node = {"@context": context, "@id": "urn:x", "a": {"@id": "urn:y", "b": "c"}}
    raw = json.dumps(node).encode()
    before = listener.hits
    wrong = timed(
        lambda: list(turtle.parse(raw, format=turtle.Format.JSON_LD, base_iri="urn:base")),
        turtle.MalformedRdf,
        within_s=CPU_S,
    )
    if listener.hits != before:
        return "no packet", f"{listener.hits - before} for {context}"
    return wrong


def expressions(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """FEEL that would not end, and FEEL that wants out; the latter gives null or is no FEEL."""
    from ocapi.lib.clock import now

    text = generators.expression(coin)
    began = time.monotonic()
    spent = time.process_time()
    try:
        compiled = feel.compile_expression(text, names=("x",))
        value = compiled.evaluate({"x": "a" * coin.choice((10, 30_000))}, now=now()).value
        if isinstance(value, str) and ("root:" in value or "uid=" in value or "module" in value):
            return "nothing of the host", f"{text}: {value[:80]}"
    except (feel.FeelSyntaxError, feel.BudgetExceeded):
        pass
    except BaseException as failure:
        return "FeelSyntaxError or BudgetExceeded", f"{text}: {type(failure).__name__}: {failure}"[:200]
    took = min(time.monotonic() - began, time.process_time() - spent)
    return (f"stopped in {EVALUATION_S} s", f"{text}: {took:.2f} s") if took > EVALUATION_S * 2 else None


def patterns(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """A pattern that could take long on a long text: refused, or done in time."""
    from ocapi.lib.clock import now

    pattern = coin.choice(("(a?){500}a{500}b", "^(a+)+$", "(a|a)*b", "(.*a){40}b", "((a{0,50}){0,20}b)?c"))
    text = coin.choice(
        (f'matches(x, "{pattern}")', f'replace(x, "{pattern}", "b")', f'split(x, "{pattern}")')
    )
    began = time.process_time()
    with contextlib.suppress(feel.BudgetExceeded):
        feel.compile_expression(text, names=("x",)).evaluate({"x": "a" * 100_000}, now=now())
    took = time.process_time() - began
    return (f"stopped in {EVALUATION_S} s", f"{text}: {took:.2f} s") if took > EVALUATION_S * 2 else None


def decision_tables(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """A decision model whose cells spend without end: the whole evaluation has one budget."""
    from html import escape

    from ocapi.lib.clock import now

    text = escape(
        coin.choice(generators.EXPRESSIONS).replace("x", '"aaaaaaaa"')
        if coin.random() < 0.5
        else coin.choice(generators.EXPRESSIONS[:7])
    )
    body = "".join(
        f'<decision id="d{n}" name="d{n}"><variable name="d{n}"/>'
        + (
            f'<informationRequirement><requiredDecision href="#d{n - 1}"/></informationRequirement>'
            if n
            else ""
        )
        + f"<literalExpression><text>{text}</text></literalExpression></decision>"
        for n in range(coin.choice((1, 6)))
    )
    raw = dmn_models.definitions(body)
    began, spent = time.monotonic(), time.process_time()
    try:
        model = dmn.load(raw, others=())
        for name in model.decisions:
            model.evaluate(name, {}, now=now())
            break
    except (dmn.ModelRefused, feel.BudgetExceeded):
        pass
    except BaseException as failure:
        return "ModelRefused or BudgetExceeded", f"{text}: {type(failure).__name__}: {failure}"[:200]
    took = min(time.monotonic() - began, time.process_time() - spent)
    return (f"stopped in {EVALUATION_S} s", f"{text}: {took:.2f} s") if took > EVALUATION_S * 2.5 else None


def processes(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """Code in a process model: a script, a listener, a connector nobody allowed; never executable."""
    code = f"open({str(file)!r}, 'a').write('ran')"
    kind = coin.choice(("script", "listener", "service", "expression"))
    connector = coin.choice(("../x", "os.system", "", "__import__"))
    body = {
        "script": f'<scriptTask id="a" scriptFormat="{coin.choice(("python", "javascript", "groovy"))}">'
        f"<script>{code}</script></scriptTask>",
        "listener": '<userTask id="a"><extensionElements>'
        '<executionListener xmlns="http://camunda.org/schema/1.0/bpmn"'
        f' event="start" expression="${{{code}}}"/></extensionElements></userTask>',
        "service": f'<serviceTask id="a" o:connector="{connector}"/>',
        "expression": '<userTask id="a"/>',
    }[kind]
    condition = f"<conditionExpression>{code}</conditionExpression>" if kind == "expression" else ""
    flows = (
        '<sequenceFlow id="f1" sourceRef="s" targetRef="a"/>'
        f'<sequenceFlow id="f2" sourceRef="a" targetRef="e">{condition}</sequenceFlow>'
    )
    raw = bpmn_models.process(f'<startEvent id="s"/><endEvent id="e"/>{body}{flows}')
    before = file.read_bytes()
    try:
        report = bpmn.inspect(raw)
    except MalformedInput:
        return None
    if file.read_bytes() != before:
        return "nothing runs", f"{kind} wrote to a file"
    table: StepTable | None = report.processes[0].table
    is_blind = kind in ("listener", "service")  # kept as text, or refused when it is deployed
    return None if table is None or is_blind else ("not executable", f"{kind}: {code}")


def tables(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """Cells that a spreadsheet would run: escaped in what leaves, and the same again when they come back."""
    rows = [[generators.formula(coin) for _ in range(3)] for _ in range(3)]
    delimiter = coin.choice(",;")
    raw = codec.encode_csv([["a", "b", "c"], *rows], delimiter=delimiter)
    _header, plain = codec.decode_csv(raw, unescape=False, delimiter=delimiter)
    for row in plain:
        for cell in row.cells:
            if cell.lstrip("'")[:1] in generators.SPREADSHEET and not cell.startswith("'"):
                return "an apostrophe before each formula", repr(cell)
    _header, back = codec.decode_csv(raw, delimiter=delimiter)
    found = [row.cells for row in back]
    return None if found == rows else (f"the round trip gives {rows}"[:200], f"{found}"[:200])


CHECKS: dict[str, Check] = {
    "json": json_documents,
    "signed": signed_twice,
    "xml": xml_documents,
    "linked data": linked_data,
    "feel": expressions,
    "pattern": patterns,
    "dmn": decision_tables,
    "bpmn": processes,
    "csv": tables,
}
