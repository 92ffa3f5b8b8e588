"""`ocapi bench rules`: how fast compiled rules are against a bare Python call.

No arms and rounds: both sides run in this process, turn by turn. Exit code 1: a ratio above its limit.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

from ocapi.lib import dmn
from ocapi.lib.feel import compile_unary_tests, to_feel
from ocapi.lib.feel.budget import Limits, Run

NOW = datetime(2026, 7, 1, tzinfo=UTC)
TEST_LIMIT, TABLE_LIMIT = 40.0, 2_000.0  # times a bare call: 2 and 100 microseconds where that costs 0.05
ROUNDS = 60
TESTS: tuple[tuple[str, object], ...] = (
    (">= 18", Decimal(20)), ('"A"', "B"), ('"A", "B", "C"', "D"), ("[18..65)", Decimal(70)),
    ('not("A")', "B"),
    ('< date("2020-01-01")', date(2021, 2, 3)), ("? > 10 and ? < 20", Decimal(15)),
)
INPUTS = {"amount": Decimal(98), "code": "C", "count": 100}


def seconds(work: Callable[[], object], times: int) -> float:
    """Give the best time of one call over many short rounds: other work on the machine can only add."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(times):
            work()
        best = min(best, (time.perf_counter() - started) / times)
    return best


def nothing() -> None:
    """The bare call everything is measured against."""


def model() -> bytes:
    """Give a model with one table of a hundred rules over a number, a code and a number."""
    rules = "".join(
        f'<rule id="r{n}"><inputEntry><text>[{n}..{n + 1})</text></inputEntry>'
        f'<inputEntry><text>"{"ABC"[n % 3]}"</text></inputEntry>'
        f"<inputEntry><text>&gt; {n % 7}</text></inputEntry>"
        f"<outputEntry><text>{n}.50</text></outputEntry></rule>"
        for n in range(100)
    )
    kinds = {"amount": "number", "code": "string", "count": "number"}
    data = "".join(
        f'<inputData name="{n}"><variable name="{n}" typeRef="{k}"/></inputData>' for n, k in kinds.items()
    )
    needs = "".join(
        f'<informationRequirement><requiredInput href="#{n}"/></informationRequirement>' for n in kinds
    )
    columns = "".join(f"<input><inputExpression><text>{n}</text></inputExpression></input>" for n in kinds)
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" namespace="urn:speed" name="a">'
        f"{data}"
        f'<decision name="Fee"><variable name="Fee" typeRef="number"/>{needs}'
        f'<decisionTable hitPolicy="UNIQUE">{columns}<output typeRef="number"/>{rules}'
        "</decisionTable></decision>"
        "</definitions>"
    ).encode()


def unary_test(text: str, value: object) -> Callable[[], object]:
    """Give the compiled test as a decision table calls it, on a value."""
    test = compile_unary_tests(text)._test
    frame = [Run(now=NOW, limits=Limits(milliseconds=10**9, steps=10**12)), *[None] * 10]
    given = to_feel(value)
    assert test is not None
    return lambda: test(given, frame)


def main() -> int:
    """Print name, microseconds and ratio a line."""
    call = seconds(nothing, 20_000)
    print(f"{'bare call':34} {call * 1e6:8.3f} µs")
    slow = False
    for text, value in TESTS:
        took = seconds(unary_test(text, value), 2_000)
        slow |= took / call > TEST_LIMIT
        print(f"{'test ' + text:34} {took * 1e6:8.3f} µs {took / call:8.1f} x  (limit {TEST_LIMIT:.0f})")
    loaded = dmn.load(model())
    took = seconds(lambda: loaded.evaluate("Fee", INPUTS, now=NOW), 50)
    slow |= took / call > TABLE_LIMIT
    print(f"{'table of 100 rules':34} {took * 1e6:8.3f} µs {took / call:8.1f} x  (limit {TABLE_LIMIT:.0f})")
    took = seconds(lambda: loaded.evaluate("Fee", INPUTS, now=NOW, explains=True), 50)
    print(f"{'the same, explained':34} {took * 1e6:8.3f} µs {took / call:8.1f} x")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
