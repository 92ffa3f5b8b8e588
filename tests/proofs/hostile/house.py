"""The product with one organization whose every text is hostile, and what the proof asks of it by name.

A case is `CLASS/NUMBER`, made by chance from its name and seed, or `page/STEP` of the matrix.
"""

import random
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from tests.proofs import planting
from tests.proofs.hostile import edging, entering, listening, mutants, parsing, reaching

Wrong = tuple[str, str]
Check = Callable[[random.Random, listening.Listener, Path], Wrong | None]
CHECKS: dict[str, Check] = {**parsing.CHECKS, **entering.CHECKS, **edging.CHECKS, **reaching.CHECKS}
TRIES = 200  # of a class, at most, before a missing guard must have been noticed


class World:
    """The listener that nobody may reach, and a file that no document may read."""

    listener = listening.Listener()
    secret: Path


WORLD = World()


def build(*, seed: int) -> bool:
    """Fill the organization and open the listener; tells whether the listener sees who comes."""
    WORLD.listener.open()
    WORLD.secret = Path(settings.OCAPI.data) / "planted-secret.txt"
    entering.build(seed)
    WORLD.secret.write_text("planted-secret")
    return WORLD.listener.is_seeing


def list_pages() -> list[str]:
    """Give every page as every party."""
    return list(entering.pages())


def sighted() -> int:
    """Give how many pages held hostile text, harmless as it was."""
    return entering.WORLD.sighted


def hits() -> int:
    """Give how often anything came to the listener."""
    return WORLD.listener.hits


def check(*, id: str, seed: int) -> list[str] | None:
    """Check one case; gives what was expected and what came when they differ."""
    kind, _, name = id.partition("/")
    if kind == "page":
        wrong = entering.shown(name)
    else:
        wrong = CHECKS[kind](random.Random(f"{id}:{seed}"), WORLD.listener, WORLD.secret)
    return list(wrong) if wrong else None


def list_mutants() -> list[str]:
    """Give every guard that is taken away."""
    return [each.name for each in mutants.MUTANTS]


def notices(*, mutant: str, seed: int) -> bool:
    """Take one guard away and tell whether its class notices within a few tries."""
    found = next(each for each in mutants.MUTANTS if each.name == mutant)
    with planting.planted(found):
        return any(_is_red(case, seed) for case in found.cases)


def _is_red(case: str, seed: int) -> bool:
    if case.startswith("page/"):
        return (
            check(id=case.replace("page/KEY", f"page/{entering.WORLD.house.tenant.key}"), seed=seed)
            is not None
        )
    return any(check(id=f"{case}/{number}", seed=seed) for number in range(TRIES))


OPERATIONS = {
    "build": build,
    "list_pages": list_pages,
    "sighted": sighted,
    "hits": hits,
    "check": check,
    "list_mutants": list_mutants,
    "notices": notices,
}
