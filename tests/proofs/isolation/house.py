"""The product with three filled organizations inside, and what the proof asks of it by name.

A case is `step/…` (matrix), `decision/…`, `plane/…`, `channel/…`, `crossing/N`, `timing/…` or `mutant/…`.
"""

import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.proofs import planting
from tests.proofs.isolation import (
    channels,
    crossing,
    deciding,
    filling,
    holding,
    judging,
    marking,
    matrix,
    mutants,
    parity,
    plane,
)

KEYS = ("alpha", "beta", "gamma")
TIMED = (
    "GET|desk/zaken/<uuid:case>|clerk",
    "GET|mijn/zaken/<uuid:case>|citizen_self",
    "GET|api/cases/v1/cases/<uuidstr:case_id>|peer_system",
)
PAIRS = 200
RENEWED_EVERY_S = 240.0
SLOWER = "a foreign thing that takes longer"
CLOSE_MS = 1.0  # between the medians for a foreign and an unknown identifier
Wrong = tuple[str, str]


class World:
    """Everything this process holds once it was built."""

    houses: dict[str, holding.House]
    judge: judging.Judge
    seed: int
    renewed_at: float


WORLD = World()


def build(*, seed: int) -> dict[str, Any]:
    """Fill the organizations; gives how many text columns hold marks, and which are silent."""
    from ocapi.kernel.tenants import api as tenants
    from tests.proofs.isolation import asking

    WORLD.seed = seed
    WORLD.houses = filling.fill(seed)
    asking.application()
    WORLD.judge = judging.Judge(WORLD.houses, random.Random(seed))
    plane.publish(WORLD.houses)
    WORLD.renewed_at = time.monotonic()
    silent = plane.unlisted() + matrix.unmade(WORLD.houses["alpha"])
    for house in WORLD.houses.values():
        with tenants.bind_tenant(house.tenant):
            silent += [f"{house.tenant.key}: {line}" for line in marking.silent(house)]
    held = [row for row in marking.judged().values() if row in ("text", "marked")]
    return {
        "silent": silent,
        "columns": len(marking.judged()),
        "held": len(held),
        "unfilled": sum(each == "unfilled" for each in marking.judged().values()),
    }


def list_cases(*, seed: int) -> list[str]:
    """Give every case but the mutants and the crossings, whose number the level decides."""
    steps = [f"step/{step.id}" for step in matrix.steps(KEYS, random.Random(seed))]
    return [
        *steps,
        *(f"decision/{name}" for name in deciding.names()),
        *(f"plane/{name}" for name in plane.names()),
        *(f"channel/{name}" for name in channels.CHANNELS),
        *(f"timing/{route}" for route in TIMED),
        *(f"parity/{party}" for party in parity.names()),
    ]


def list_mutants() -> list[str]:
    """Give every guard that is taken away, one at a time."""
    return [
        SLOWER,
        *(each.name for each in mutants.MUTANTS),
        *(f"open {name}" for name in deciding.operations_by_name()),
    ]


def _renew() -> None:
    """Renew in time what ends by itself, tokens and the policy snapshot: a run at night takes longer."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import clock

    if time.monotonic() - WORLD.renewed_at < RENEWED_EVERY_S:
        return
    WORLD.renewed_at = time.monotonic()
    for house in WORLD.houses.values():
        with tenants.bind_tenant(house.tenant):
            filling.take_tokens(house, clock.now())
    plane.publish(WORLD.houses)


def check(*, id: str) -> list[str] | None:
    """Check one case; gives what was expected and what came when they differ."""
    kind, _, name = id.partition("/")
    _renew()
    try:
        wrong = CHECKS[kind](name)
    except AssertionError:
        raise
    except Exception as failure:  # whatever it is, nothing but an answer is right
        return ["an answer", f"{type(failure).__name__}: {failure}"[:300]]
    return list(wrong) if wrong else None


def notices(*, mutant: str) -> bool:
    """Take one guard away and tell whether the cases that guard it notice."""
    import contextvars

    _renew()  # before a guard is away
    return contextvars.copy_context().run(_notices, mutant)


def _is_slower_noticed() -> bool:
    """Spend three milliseconds more on what is foreign."""
    kept = WORLD.judge.reply

    def slower(step: matrix.Step, *, instead: str = "") -> Any:
        until = time.thread_time() + (0 if instead else 3 * CLOSE_MS / 1000)
        while time.thread_time() < until:
            pass
        return kept(step, instead=instead)

    WORLD.judge.reply = slower  # type: ignore[method-assign]
    try:
        return check(id=f"timing/{TIMED[0]}") is not None
    finally:
        WORLD.judge.reply = kept  # type: ignore[method-assign]


def _notices(name: str) -> bool:
    if name == SLOWER:
        return _is_slower_noticed()
    if name.startswith("open "):
        operation = name.removeprefix("open ")
        with mutants.opened(operation) as party:
            return not party or check(id=f"decision/{operation}/{party}") is not None
    mutant = next(each for each in mutants.MUTANTS if each.name == name)
    assert not any(check(id=case) for case in mutant.cases), f"{name}: its cases are red without it"
    with planting.planted(mutant):
        return any(check(id=case) is not None for case in mutant.cases)


def searched_log(*, path: str) -> list[str]:
    """Give the log lines that hold a mark: no text of an organization belongs in one."""
    from tests.proofs.isolation import canary

    marks = [house.marks for house in WORLD.houses.values()]
    return [
        line[:200].decode(errors="replace")
        for line in Path(path).read_bytes().splitlines()
        if canary.found_in(line, marks)
    ]


def _step(name: str) -> Wrong | None:
    return WORLD.judge.check(matrix.parse(name))


def _plane(name: str) -> Wrong | None:
    return plane.check(name, WORLD.houses)


def _channel(name: str) -> Wrong | None:
    wrong = channels.CHANNELS[name](WORLD.houses)
    return ("nothing passes", wrong) if wrong else None


def _parity(name: str) -> Wrong | None:
    return parity.check(name, WORLD.houses["alpha"])


def _crossing(name: str) -> Wrong | None:
    told = crossing.cross(WORLD.houses, requests=int(name), seed=WORLD.seed)
    return ("0 crossings", f"{len(told.wrong)}: {told.wrong[:3]}") if told.wrong else None


def _timing(name: str) -> Wrong | None:
    """Ask for a foreign and an unknown thing in pairs, each first as often, and compare within the pairs.

    Counted is the CPU time of this thread: what else runs on the machine would drown a millisecond.
    """
    step = matrix.parse(f"alpha|{name}|{matrix.FOREIGN}|path")

    def took(instead: str) -> float:
        began = time.thread_time()
        WORLD.judge.reply(step, instead=instead)
        return (time.thread_time() - began) * 1000

    later = []
    for number in range(PAIRS):
        first, second = ("", matrix.GHOST) if number % 2 else (matrix.GHOST, "")
        times = {first: took(first), second: took(second)}
        later.append(times[""] - times[matrix.GHOST])
    median = statistics.median(later)
    if abs(median) <= CLOSE_MS:
        return None
    return f"a median difference of at most {CLOSE_MS} ms", f"{median:.2f} ms over {PAIRS} pairs"


CHECKS: dict[str, Callable[[str], Wrong | None]] = {
    "step": _step,
    "decision": deciding.check,
    "plane": _plane,
    "channel": _channel,
    "crossing": _crossing,
    "timing": _timing,
    "parity": _parity,
}
OPERATIONS = {
    "build": build,
    "list_cases": list_cases,
    "list_mutants": list_mutants,
    "check": check,
    "notices": notices,
    "searched_log": searched_log,
}
