"""The least a step can cost: only the rows it has to leave, written by the driver itself, and no more.

What has to be left: where the run stands, a line of its history, its facts in order, the leaf of who did
what, and the task that ends or begins. Each table has its key and the one index it is looked through by. All
texts are made before, as long as ours are; nothing is read, decided or checked.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any

from tests.performance.stepping import Told, timed

STATE, LINES, FACT, LEAF, TASK = "s" * 250, "h" * 120, "f" * 420, "l" * 700, "t" * 220
TABLES = (
    "CREATE TABLE state (id bigint PRIMARY KEY, value text)",
    "CREATE TABLE history (id bigint PRIMARY KEY, state bigint, value text)",
    "CREATE TABLE fact (id bigint PRIMARY KEY, value text)",
    "CREATE TABLE leaf (id bigint PRIMARY KEY, value text)",
    "CREATE TABLE task (id bigint PRIMARY KEY, name text UNIQUE, is_open int, value text)",
    "CREATE INDEX history_state ON history (state, id)",
    "CREATE INDEX task_open ON task (id) WHERE is_open = 1",
)
Rows = list[tuple[Any, ...]]


class Floor:
    """Three transactions an instance, as ours: begun, first task done, second task done."""

    def __init__(self, folder: Path) -> None:
        self._number = self._fact = self._leaf = self._task = 0
        url = os.environ.get("OCAPI_DATABASE_URL", "")
        self._is_postgres = url.startswith("postgres")
        if self._is_postgres:
            import psycopg

            self._held: Any = psycopg.connect(url, autocommit=True, prepare_threshold=0)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            self._held = sqlite3.connect(folder / "floor.sqlite", isolation_level=None)
            self._held.execute("PRAGMA journal_mode = wal")
            self._held.execute("PRAGMA synchronous = full")
        for each in TABLES:
            text = each if self._is_postgres else each.replace("bigint PRIMARY", "integer PRIMARY")
            self._held.execute(text)
        self._cursor = self._held.cursor()

    def steps(self, *, seconds: float) -> Told:
        """Write what whole instances of three steps leave."""
        return timed(self._instance, seconds)

    def _instance(self) -> int:
        self._number += 1
        self._step("INSERT INTO state (value, id) VALUES (?, ?)", facts=2, begins=True, ends=False)
        self._step("UPDATE state SET value = ? WHERE id = ?", facts=2, begins=True, ends=True)
        self._step("UPDATE state SET value = ? WHERE id = ?", facts=2, begins=False, ends=True)
        return 3

    def _step(self, state: str, *, facts: int, begins: bool, ends: bool) -> None:
        self._leaf += 1
        made: Rows = [(self._fact + each, FACT) for each in range(1, facts + 1)]
        self._fact += facts
        work: list[tuple[str, Rows]] = [(state, [(STATE, self._number)])]
        if ends:
            work.append(("UPDATE task SET is_open = 0 WHERE id = ?", [(self._task,)]))
        if begins:
            self._task += 1
            work.append(("INSERT INTO task VALUES (?, ?, 1, ?)", [(self._task, f"{self._task:032d}", TASK)]))
        work += [
            ("INSERT INTO history VALUES (?, ?, ?)", [(self._leaf, self._number, LINES)]),
            ("INSERT INTO fact VALUES (?, ?)", made),
            ("INSERT INTO leaf VALUES (?, ?)", [(self._leaf, LEAF)]),
        ]
        self._write(work)

    def _write(self, work: list[tuple[str, Rows]]) -> None:
        if not self._is_postgres:
            self._held.execute("BEGIN IMMEDIATE")
            for text, rows in work:
                self._cursor.executemany(text, rows)
            self._held.execute("COMMIT")
            return
        with self._held.pipeline():
            self._cursor.execute("BEGIN")
            for text, rows in work:
                self._cursor.executemany(text.replace("?", "%s"), rows)
            self._cursor.execute("COMMIT")
