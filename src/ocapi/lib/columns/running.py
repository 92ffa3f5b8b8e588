"""Asks questions about tables in a process of its own, which is ended when its time is over."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import msgspec

from ocapi.lib import codec, confined

MEMORY_MB = 256  # performance.md 3.7: of one query child
GRACE_SECONDS = 6.0  # the child needs this to start and to read the request
CLUSTER_GRACE_SECONDS = 90.0  # Java starts, and finds the machines of its cluster
LARGEST_ANSWER = 16 << 20  # bytes of one answer
LARGEST_REQUEST = 64 << 20
ZONE = "Europe/Brussels"


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table a question may read. paths: of the Parquet files it is made of. columns: by name."""

    paths: tuple[str, ...]
    columns: tuple[str, ...]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One SELECT. most_rows: 0 reads the formula without running it; more rows are cut. seconds: of
    running.
    """

    sql: str
    most_rows: int = 1000
    seconds: float = 2.0


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the child reads. seconds: for all questions together. counts: folder with counts that were kept of
    parts of tables, empty when all is counted again.
    """

    tables: dict[str, Table]
    questions: tuple[Question, ...]
    seconds: float
    memory_mb: int = MEMORY_MB
    threads: int = 1
    counts: str = ""


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """A Spark that answers instead of DuckDB. address: where its machines find the process that asks."""

    master: str
    address: str = "127.0.0.1"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the child found. reason: empty when it did; else one of formulas.FormulaRefused, or tooSlow,
    tooLarge, tooMuchMemory, outOfRange, notOfType, notGrouped, sumOfSums, sumInWhere, wrongArguments,
    ambiguous, noSuchOrder, manyRows, windowHere, failed. rows: numbers that are no whole ones as text, so
    that nothing is rounded on the way. counted: files for the folder with counts, by name; used: the names of
    all it was made of.
    """

    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    rows: list[list[str | int | bool | None]] = []
    is_cut: bool = False
    reason: str = ""
    what: str = ""
    lineage: dict[str, tuple[str, ...]] = {}
    tables: tuple[str, ...] = ()
    counted: dict[str, bytes] = {}
    used: tuple[str, ...] = ()


def ask(
    tables: Mapping[str, Table],
    questions: Iterable[Question],
    *,
    seconds: float,
    threads: int = 1,
    cluster: Cluster | None = None,
    counts: str = "",
) -> tuple[Answer, ...]:
    """Answer questions over tables, in order, in at most `seconds` and the start of a process.

    counts: folder with counts of parts that were kept, see `rollups`; who asks writes what is new into it.
    cluster: who is to answer instead of DuckDB in that process. When the process had to be ended every
    question is answered with tooSlow, or with failed when it broke down.
    """
    asked = tuple(questions)
    request = Request(tables=dict(tables), questions=asked, seconds=seconds, threads=threads, counts=counts)
    said = msgspec.json.encode(request)
    try:
        done = _on_cluster(said, seconds, cluster) if cluster else _here(said, seconds)
    except confined.TooLong:
        return (Answer(reason="tooSlow"),) * len(asked)
    if done.code:
        return (Answer(reason="tooSlow" if done.is_out_of_time else "failed"),) * len(asked)
    return tuple(msgspec.json.decode(done.said, type=list[Answer]))


def _here(said: bytes, seconds: float) -> confined.Ended:
    return confined.run("ocapi.lib.columns.child", asked=said, wall_seconds=seconds + GRACE_SECONDS)


def _on_cluster(said: bytes, seconds: float, cluster: Cluster) -> confined.Ended:
    """Ask Spark; what it spills goes with the folder it gets."""
    with tempfile.TemporaryDirectory(prefix="ocapi-spark-") as folder:
        told = confined.environment(
            OCAPI_SPARK_MASTER=cluster.master,
            SPARK_LOCAL_IP=cluster.address,
            PATH=os.defpath,
            TZ=ZONE,
            SPARK_LOCAL_DIRS=folder,
            _JAVA_OPTIONS=f"-Djava.io.tmpdir={folder}",
        )
        return confined.run(
            "ocapi.lib.columns.cluster", asked=said, wall_seconds=seconds + CLUSTER_GRACE_SECONDS, told=told
        )


def part_of(path: str) -> str:
    """Give how a file that is part of a table is called in the names of its counts."""
    return hashlib.sha256(Path(path).name.encode()).hexdigest()[:32]


def fits(answer: Answer) -> bool:
    """Tell whether an answer is small enough to be given."""
    return len(codec.encode_json(msgspec.to_builtins(answer))) <= LARGEST_ANSWER


def plain(value: Any) -> str | int | bool | None:
    """Give a value as it stands in an answer: what is no number, or infinite, is no value."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return None if value != value or value in (float("inf"), float("-inf")) else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def without_paths(text: str) -> str:
    """Give the first line of what a database says, without words that name files."""
    first = text.split("\n")[0]
    return " ".join(word for word in first.split() if "/" not in word)[:200]
