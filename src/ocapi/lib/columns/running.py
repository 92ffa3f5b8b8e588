"""Asks questions about tables in a process of its own, which is ended when its time is over."""

from collections.abc import Iterable, Mapping

import msgspec

from ocapi.lib import confined

MEMORY_MB = 256  # performance.md 3.7: of one query child
GRACE_SECONDS = 6.0  # the child needs this to start and to read the request


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table a question may read. path: of a Parquet file. columns: by name."""

    path: str
    columns: tuple[str, ...]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One SELECT. most_rows: 0 reads the formula without running it; more rows are cut. seconds: of
    running.
    """

    sql: str
    most_rows: int = 1000
    seconds: float = 2.0


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the child reads. seconds: for all questions together."""

    tables: dict[str, Table]
    questions: tuple[Question, ...]
    seconds: float
    memory_mb: int = MEMORY_MB
    threads: int = 1


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the child found. reason: empty when it did; else one of formulas.FormulaRefused, or tooSlow,
    tooLarge, tooMuchMemory, failed. rows: numbers that are no whole ones as text, so that nothing is rounded
    on the way.
    """

    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    rows: list[list[str | int | bool | None]] = []
    is_cut: bool = False
    reason: str = ""
    what: str = ""
    lineage: dict[str, tuple[str, ...]] = {}
    tables: tuple[str, ...] = ()


def ask(
    tables: Mapping[str, Table], questions: Iterable[Question], *, seconds: float, threads: int = 1
) -> tuple[Answer, ...]:
    """Answer questions over tables, in order, in at most `seconds` and the start of a process.

    When the process had to be ended every question is answered with tooSlow, or with failed when it broke
    down.
    """
    asked = tuple(questions)
    request = Request(tables=dict(tables), questions=asked, seconds=seconds, threads=threads)
    said = msgspec.json.encode(request)
    try:
        done = confined.run("ocapi.lib.columns.child", asked=said, wall_seconds=seconds + GRACE_SECONDS)
    except confined.TooLong:
        return (Answer(reason="tooSlow"),) * len(asked)
    if done.code:
        return (Answer(reason="tooSlow" if done.is_out_of_time else "failed"),) * len(asked)
    return tuple(msgspec.json.decode(done.said, type=list[Answer]))
