"""No leaf, no data: a pytest plugin that watches what is read and what is recorded.

A personal column of which a request or job read a row needs a leaf of the same module in the same request or
job, or the test fails (reliability.md 4.6). Reads that need none stand with their reason in
tests/security/leafless.csv.
"""

import csv
import os
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ocapi.lib import codec, durable

LEAFLESS = Path(os.environ.get("OCAPI_LEAFLESS") or Path("tests", "security", "leafless.csv"))
MUTED = os.environ.get("OCAPI_LEAVES_MUTED", "")
"""An operation whose leaves do not count: how a proof plants the fault this watch is for."""
REPORT = os.environ.get("OCAPI_LEAVES_REPORT", "")
"""A folder that gets from each process what it watched: members `watched`, `uncovered` and `leafless`."""
NOTHING_SHOWN = frozenset({400, 401, 403, 404, 405, 406, 410, 412, 415, 428, 429})
"""Answers that hold nothing of what was read: refusals have a fixed text."""
SERVE_OTHERS = frozenset({"accounts", "files"})
"""Their persons and files are shown by other modules, whose leaf it then is."""

Column = tuple[str, str]
_state = threading.local()
_QUOTED = re.compile(r'(?:"(\w+)"\.)?"(\w+)"')
_CLAUSE = re.compile(r"\(|\)|\bFROM\b")
_EVERYTHING = re.compile(r"(?<!\()\*")


@dataclass(slots=True)
class Totals:
    """What a process watched: requests and jobs that read something personal, by what they are."""

    watched: Counter[str] = field(default_factory=Counter)
    uncovered: dict[str, list[str]] = field(default_factory=dict)
    leafless: set[str] = field(default_factory=set)


_totals = Totals()


@dataclass(slots=True)
class Watched:
    """What one request or job read and recorded."""

    what: str
    read: set[tuple[Column, tuple[str, ...]]] = field(default_factory=set)
    operations: set[str] = field(default_factory=set)


@cache
def tagged() -> dict[str, dict[str, str]]:
    """Give the module of each personal column, by table and column."""
    from django.apps import apps

    from ocapi.kernel.tenants.fields import Tagged

    found: dict[str, dict[str, str]] = {}
    for model in apps.get_models():
        for column in model._meta.local_fields:
            if isinstance(column, Tagged) and column.personal is not None:
                found.setdefault(model._meta.db_table, {})[str(column.column)] = model._meta.app_label
    return found


@lru_cache(maxsize=8192)
def personal_columns(sql: str) -> frozenset[Column]:
    """Give the personal columns whose values a statement answers with; rather one too many than too few."""
    is_query = sql.lstrip()[:6].upper() in ("SELECT", "WITH R")
    tables = [table for table in tagged() if f'"{table}"' in sql]
    if not tables or not (is_query or "RETURNING" in sql):
        return frozenset()
    chosen = _select_list(sql) if is_query else sql.rpartition("RETURNING")[2]
    if _EVERYTHING.search(chosen):
        return frozenset((table, column) for table in tables for column in tagged()[table])
    return frozenset(
        (table, column)
        for of_table, column in _QUOTED.findall(chosen)
        for table in ([of_table] if of_table in tagged() else tables)
        if column in tagged()[table]
    )


def _select_list(sql: str) -> str:
    depth = 0
    for found in _CLAUSE.finditer(sql):
        if found[0] == "FROM" and depth == 0:
            return sql[: found.start()]
        depth += {"(": 1, ")": -1}.get(found[0], 0)
    return sql


@cache
def leafless() -> tuple[tuple[str, str, str], ...]:
    """Give (table, file, function) of the reviewed reads that need no leaf."""
    with LEAFLESS.open(newline="") as file:
        return tuple((row["table"], row["file"], row["function"]) for row in csv.DictReader(file))


def uncovered(watched: Watched) -> list[str]:
    """Give what was read without a leaf, a line each: table, columns, and the calls that led there."""
    modules = {operation.partition(".")[0] for operation in watched.operations}
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (table, column), calls in watched.read:
        module = tagged()[table][column]
        if module in modules or (module in SERVE_OTHERS and modules):
            continue
        named = [f"{of} {file}:{name}" for of, file, name in leafless()
                 if of == table and f"{file}:{name}" in calls]
        _totals.leafless.update(named)
        if not named:
            found.setdefault((table, calls), []).append(column)
    return [
        f"{watched.what} read {', '.join(sorted(columns))} of {table} without a leaf, by "
        + " > ".join(calls[-6:])
        for (table, calls), columns in found.items()
    ]


@contextmanager
def watching(what: str) -> Iterator[Watched]:
    """Watch what this thread reads and records in the block; a block within one belongs to the outer."""
    outer: Watched | None = getattr(_state, "watched", None)
    if outer is not None:
        yield outer
        return
    _state.watched = Watched(what)
    try:
        yield _state.watched
    finally:
        _state.watched = None


def _calls() -> tuple[str, ...]:
    """Give the functions of ours on the stack as file:name, outermost first."""
    found: list[str] = []
    frame = sys._getframe(1)
    while frame is not None:
        _before, is_ours, file = frame.f_code.co_filename.partition("/src/ocapi/")
        if is_ours and not file.endswith("main/watching.py"):
            found.append(f"{file}:{frame.f_code.co_name}")
        frame = frame.f_back  # type: ignore[assignment]
    return tuple(reversed(found))


def _fetching(name: str) -> Callable[..., Any]:
    def fetched(self: Any, *args: Any) -> Any:
        answer = self.db.wrap_database_errors(getattr(self.cursor, name))(*args)
        if answer:  # columns count once a row was taken
            _note(self)
        return answer

    return fetched


def _note(cursor: Any) -> None:
    watched: Watched | None = getattr(_state, "watched", None)
    columns = cursor.__dict__.get("ocapi_columns")
    if watched is not None and columns:
        calls = _calls()
        watched.read.update((column, calls) for column in columns)


def _iterated(self: Any) -> Iterator[Any]:
    with self.db.wrap_database_errors:
        for row in self.cursor:
            _note(self)
            yield row


def _asked(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    context["cursor"].__dict__["ocapi_columns"] = personal_columns(sql)
    return execute(sql, params, many, context)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Put the watch on every connection, request, job and leaf of this process."""
    from django.core.handlers.base import BaseHandler
    from django.db.backends.signals import connection_created
    from django.db.backends.utils import CursorWrapper

    from ocapi.kernel.audit import leaves
    from ocapi.kernel.jobs import running

    def connected(connection: Any, **_more: Any) -> None:
        if _asked not in connection.execute_wrappers:
            connection.execute_wrappers.append(_asked)

    connection_created.connect(connected, weak=False)
    for name in ("fetchone", "fetchmany", "fetchall"):
        setattr(CursorWrapper, name, _fetching(name))
    CursorWrapper.__iter__ = _iterated  # type: ignore[method-assign]
    BaseHandler.get_response = _answering(BaseHandler.get_response)  # type: ignore[method-assign]
    leaves.stage = _recording(leaves.stage)
    running.run = _running(running.run)


def _running(run: Callable[..., bool]) -> Callable[..., bool]:
    def watched_run(claimed: Any, **more: Any) -> bool:
        with watching(f"job {claimed.name} {claimed.arguments.get('handler', '')}".strip()) as watched:
            done = run(claimed, **more)
        _judge(watched)
        return done

    return watched_run


def _answering(answer: Callable[..., Any]) -> Callable[..., Any]:
    def answered(self: Any, request: Any) -> Any:
        is_outermost = getattr(_state, "watched", None) is None
        with watching(f"{request.method} {request.path}") as watched:
            response = answer(self, request)
        if is_outermost and response.status_code not in NOTHING_SHOWN:
            watched.what = f"{request.method} {getattr(request.resolver_match, 'route', request.path)}"
            _judge(watched)
        return response

    return answered


def _recording(stage: Callable[..., UUID]) -> Callable[..., UUID]:
    def recorded(act: Any) -> UUID:
        uuid = stage(act)
        watched: Watched | None = getattr(_state, "watched", None)
        if watched is not None and act.operation != MUTED:
            watched.operations.add(act.operation)
        return uuid

    return recorded


def _judge(watched: Watched) -> None:
    lines = uncovered(watched)
    _state.found = [*getattr(_state, "found", []), *lines]
    if watched.read:
        _totals.watched[watched.what] += 1
        _totals.uncovered.setdefault(watched.what, []).extend(lines)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test in which something personal was read without a leaf, unless it fails already."""
    _state.found = []
    yield
    if _state.found:
        pytest.fail("no leaf, no data:\n" + "\n".join(dict.fromkeys(_state.found)), pytrace=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell what this process watched, for a proof."""
    if REPORT:
        told = {"watched": _totals.watched, "uncovered": _totals.uncovered,
                "leafless": sorted(_totals.leafless)}
        durable.write_file(Path(REPORT, f"{os.getpid()}.json"), codec.encode_json(told))
