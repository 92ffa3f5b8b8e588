"""Named crash points: the process ends at a chosen one, so that recovery is proven and not hoped for.

`CRASHPOINT=<name>:<n>` ends the process with status 137 (as SIGKILL would) at the n-th passage of `<name>`.
Without the variable `point` is a no-op, chosen once at import. This module alone reads the environment
itself: a crash must also be possible before any settings exist.
"""

import ast
import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "CRASHPOINT"
STATUS = 137  # what a shell reports for a process ended by SIGKILL
NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.(before|after)_[a-z0-9_]+")


class BadCrashPoint(ValueError):
    """A crash point's name, or the variable that arms one, is not as agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a crash point stands: file relative to the searched tree, and line."""

    path: str
    line: int


def check_name(name: str) -> str:
    """Give the name back when it is `<module>.<operation>.<before_…|after_…>`, else raise BadCrashPoint."""
    if not NAME_PATTERN.fullmatch(name):
        raise BadCrashPoint(f"{name!r} is not <module>.<operation>.<before_...|after_...>")
    return name


def _pass_by(name: str) -> None:
    """Do nothing: no crash point is armed in this process."""


def _armed(setting: str) -> Callable[[str], None]:
    name, _, count = setting.rpartition(":")
    if not count.isdigit() or int(count) < 1:
        raise BadCrashPoint(f"{VARIABLE}={setting!r} is not <name>:<n> with n from 1")
    target, left, lock = check_name(name), [int(count)], threading.Lock()

    def passage(name: str) -> None:
        if check_name(name) != target:
            return
        with lock:
            left[0] -= 1
            if left[0] == 0:
                os._exit(STATUS)

    return passage


def is_armed() -> bool:
    """Tell whether this process was started with a crash point; production refuses to start with one."""
    return bool(os.environ.get(VARIABLE))


point: Callable[[str], None] = _armed(os.environ[VARIABLE]) if is_armed() else _pass_by


def declared_in(source_tree: Path) -> dict[str, list[Place]]:
    """Collect every crash point of a source tree from its syntax, without importing it.

    Keyed by name, the places in order of path and line. Test folders are left out.
    Raises BadCrashPoint for a name that breaks the pattern or is not a literal: the proof runner
    must be able to list them all.
    """
    found: dict[str, list[Place]] = {}
    for path in sorted(source_tree.rglob("*.py")):
        relative = path.relative_to(source_tree)
        if "tests" in relative.parts:
            continue
        tree = ast.parse(path.read_bytes(), filename=str(path))
        for name, line in _points(tree, relative.as_posix()):
            found.setdefault(name, []).append(Place(path=relative.as_posix(), line=line))
    return dict(sorted(found.items()))


def _points(tree: ast.Module, path: str) -> Iterator[tuple[str, int]]:
    bare = _bare_names(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_point(node.func, bare)]
    for call in sorted(calls, key=lambda node: node.lineno):
        argument = call.args[0] if len(call.args) == 1 and not call.keywords else None
        if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
            raise BadCrashPoint(f"{path}:{call.lineno}: a crash point's name must be one literal text")
        yield check_name(argument.value), call.lineno


def _bare_names(tree: ast.Module) -> set[str]:
    """Give the names under which this file imported `point` itself."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("crashpoint")
        for alias in node.names
        if alias.name == "point"
    }


def _is_point(function: ast.expr, bare: set[str]) -> bool:
    if isinstance(function, ast.Name):
        return function.id in bare
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "point"
        and isinstance(function.value, ast.Name)
        and function.value.id == "crashpoint"
    )
