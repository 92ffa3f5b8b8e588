"""Guards of the product taken away for a moment, by a change in the source of one function."""

import contextlib
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One guard taken away. place: `module:function` or `module:Class.method`; cases: which must notice.

    also: a second guard of the same thing, in another function: the first alone would not be missed.
    """

    name: str
    place: str
    old: str
    new: str
    cases: tuple[str, ...]
    also: "Mutant | None" = None


@contextlib.contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """Take the guard away for a block."""
    module_name, _, path = mutant.place.partition(":")
    owner: Any = import_module(module_name)
    *outer, name = path.split(".")
    for each in outer:
        owner = getattr(owner, each)
    kept = inspect.getattr_static(owner, name)
    function = inspect.unwrap(kept.fget if isinstance(kept, property) else kept)
    original = function.__code__
    function.__code__ = _changed(function, mutant).__code__  # whoever imported it has it too
    try:
        with planted(mutant.also) if mutant.also else contextlib.nullcontext():
            yield
    finally:
        function.__code__ = original


def _changed(function: Callable[..., Any], mutant: Mutant) -> Callable[..., Any]:
    source = textwrap.dedent(inspect.getsource(function))
    body = source[re.search(r"(async )?def ", source).start() :]  # type: ignore[union-attr]
    assert body.count(mutant.old) == 1, f"{mutant.name}: {body.count(mutant.old)} × {mutant.old}"
    made: dict[str, Any] = {}
    future = "from __future__ import annotations\n"  # names of types need not be known where it is compiled
    compiled = compile(future + body.replace(mutant.old, mutant.new), mutant.place, "exec")
    exec(compiled, function.__globals__, made)  # noqa: S102 (our own source, one guard less)
    changed: Callable[..., Any] = made[function.__name__]
    return changed
