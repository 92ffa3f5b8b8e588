"""A statement tape and its replay: on a disk that fails, and cleanly, to know what each commit must leave."""

import contextlib
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import apsw

from ocapi.kernel.tenants.sqlite import apply_pragmas
from tests.proofs.power.disk import Disk, PowerVFS

NAME = "db.sqlite"
MARKS = "proof_mark"  # the number of each transaction, written inside it: what the restart found tells
CHECKPOINT_PAGES = 20  # so that checkpoints are often hit
ATTEMPTS = 40  # a planted full disk ends sooner
JOURNAL_BYTES = slice(18, 20)  # of the header: 2 2 means write-ahead log, 1 1 a journal
_TABLE = re.compile(r'^(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "(\w+)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """One store's work. base: its database file before; transactions: their statements without BEGIN."""

    store: str
    base: bytes
    transactions: tuple[tuple[str, ...], ...]
    tables: tuple[str, ...]
    digests: tuple[str, ...]

    def cut_short(self, transactions: int) -> "Tape":
        """Give its beginning."""
        return Tape(
            store=self.store, base=self.base, transactions=self.transactions[:transactions],
            tables=self.tables, digests=self.digests[: transactions + 1],
        )


class TapeIsNotWhole(RuntimeError):
    """A clean replay does not leave what the product left."""


def load(folder: Path, store: str) -> Tape:
    """Read a recorded tape and what a clean replay leaves after each commit; raises TapeIsNotWhole."""
    statements = json.loads((folder / f"{store}.tape.json").read_text())
    transactions = _grouped(statements)
    tables = sorted({found[1] for sql in statements if (found := _TABLE.match(sql))})
    database = _in_memory((folder / f"{store}.before.sqlite").read_bytes())
    database.execute(f"CREATE TABLE {MARKS} (number INTEGER PRIMARY KEY)")
    base = bytearray(database.serialize("main"))
    base[JOURNAL_BYTES] = b"\2\2"
    digests, accepted = [digest(database, tables)], list[tuple[str, ...]]()
    for number, transaction in enumerate(transactions, 1):
        accepted.append(_run(database, transaction, number))
        digests.append(digest(database, tables))
    if digests[-1] != digest(_in_memory((folder / f"{store}.after.sqlite").read_bytes()), tables):
        raise TapeIsNotWhole(store)
    return Tape(
        store=store, base=bytes(base), transactions=tuple(accepted), tables=tuple(tables),
        digests=tuple(digests),
    )


def _grouped(statements: list[str]) -> tuple[tuple[str, ...], ...]:
    """Put statements into transactions; one that stands alone is a transaction of its own."""
    found: list[tuple[str, ...]] = []
    opened: list[str] | None = None
    for sql in statements:
        if sql.startswith("BEGIN"):
            opened = []
        elif opened is None:
            found.append((sql,))
        elif sql == "COMMIT":
            found.append(tuple(opened))
            opened = None
        elif sql == "ROLLBACK":
            opened = None
        else:
            opened.append(sql)
    return tuple(each for each in found if each)


def _in_memory(raw: bytes) -> apsw.Connection:
    plain = bytearray(raw)
    plain[JOURNAL_BYTES] = b"\1\1"
    database = apsw.Connection(":memory:")
    database.deserialize("main", bytes(plain))
    return database


def digest(database: apsw.Connection, tables: tuple[str, ...] | list[str]) -> str:
    """Give a hash over every row of the tables a tape writes to."""
    found = hashlib.sha256()
    for table in tables:
        found.update(table.encode())
        for row in database.execute(f'SELECT rowid, * FROM "{table}" ORDER BY rowid'):
            found.update(repr(row).encode())
    return found.hexdigest()


def _run(database: apsw.Connection, transaction: tuple[str, ...], number: int) -> tuple[str, ...]:
    """Run and commit; gives the statements that had an effect: the product catches a refused insert."""
    accepted = []
    database.execute("BEGIN IMMEDIATE")
    for sql in transaction:
        with contextlib.suppress(apsw.ConstraintError):
            database.execute(sql).fetchall()
            accepted.append(sql)
    database.execute(f"INSERT INTO {MARKS} VALUES ({number})")
    database.execute("COMMIT")
    return tuple(accepted)


@dataclass(slots=True, kw_only=True)
class Played:
    """What the client knows after a replay: how many commits it was told of, and what it may not expect."""

    acknowledged: int = 0
    begun: int = 0
    complaint: str = ""


def play(tape: Tape, disk: Disk, folder: Path, *, synchronous: str = "") -> Played:
    """Replay on a disk until the end or the power cut, with the pragmas of record.

    A transaction that failed is asked after and repeated, as a client does with its key; synchronous: the
    planted fault of the canaries.
    """
    disk.put(NAME, tape.base)
    vfs = PowerVFS(disk, folder)
    played = Played()
    database = None
    try:
        database = apsw.Connection(str(folder / NAME), vfs=vfs.vfs_name)
        database.set_busy_timeout(0)
        _prepare(database, synchronous)
        for number, transaction in enumerate(tape.transactions, 1):
            played.begun = number
            if not _acknowledged(database, transaction, number, disk, played):
                break
            played.acknowledged = number
    except apsw.Error as failure:
        if not disk.is_off:
            played.complaint = f"{type(failure).__name__}: {failure}"
    finally:
        disk_was_on = not disk.is_off
        disk.is_off = True  # closing must not tidy up what a restart has to find
        if database is not None:
            with contextlib.suppress(apsw.Error):
                database.close(True)
        vfs.unregister()
        disk.is_off = not disk_was_on
    return played


def _prepare(database: apsw.Connection, synchronous: str) -> None:
    for attempt in range(ATTEMPTS):
        try:
            apply_pragmas(database)  # type: ignore[arg-type]  # asks of a connection what both drivers have
            database.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            if synchronous:
                database.execute(f"PRAGMA synchronous = {synchronous}")
            return
        except (apsw.IOError, apsw.FullError):
            if attempt == ATTEMPTS - 1:
                raise


def _acknowledged(
    database: apsw.Connection, transaction: tuple[str, ...], number: int, disk: Disk, played: Played
) -> bool:
    for _attempt in range(ATTEMPTS):
        try:
            _run(database, transaction, number)
            return True
        except (apsw.IOError, apsw.FullError) as failure:
            if disk.is_off:
                return False
            if database.in_transaction:
                database.execute("ROLLBACK")
            if database.execute(f"SELECT 1 FROM {MARKS} WHERE number = {number}").fetchone():
                return True  # it was in doubt, and it is there
            played.complaint = f"transaction {number} keeps failing: {failure}"
    return False


def judge(
    tape: Tape, image: dict[str, bytes], folder: Path, played: Played, *, invariants: dict[str, str]
) -> str:
    """Open what a restart finds with the normal VFS and say what is wrong with it, or nothing."""
    for name, data in image.items():
        (folder / name).write_bytes(data)
    database = apsw.Connection(str(folder / NAME))
    try:
        database.execute("PRAGMA synchronous = off")  # a throw-away copy: only its content counts
        return _wrong(tape, database, played, invariants)
    except apsw.Error as failure:
        return f"{type(failure).__name__}: {failure}"
    finally:
        database.close(True)


def _wrong(tape: Tape, database: apsw.Connection, played: Played, invariants: dict[str, str]) -> str:
    checked = database.execute("PRAGMA integrity_check").fetchall()
    if checked != [("ok",)]:
        return f"corrupt: {checked[0][0]}"
    marks = [row[0] for row in database.execute(f"SELECT number FROM {MARKS} ORDER BY number")]
    if marks != list(range(1, len(marks) + 1)):
        return f"transactions {marks} are no beginning of the work"
    if len(marks) < played.acknowledged:
        return f"lost {played.acknowledged - len(marks)} of {played.acknowledged} acknowledged"
    if len(marks) > played.begun:
        return f"{len(marks)} stored, {played.begun} begun"
    if digest(database, tape.tables) != tape.digests[len(marks)]:
        return f"the rows are not those of {len(marks)} commits"
    if database.execute("PRAGMA foreign_key_check").fetchall():
        return "orphan references"
    for name, sql in invariants.items():
        if database.execute(sql).fetchall():
            return f"invariant {name} does not hold"
    return ""
