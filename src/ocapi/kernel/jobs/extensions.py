"""What others fill: jobs by name, and handlers of facts by type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import time, timedelta
from typing import Any, TypeVar

from ocapi.lib.codec import JsonValue
from ocapi.lib.envelope import Meta
from ocapi.lib.registry import Registry

Run = TypeVar("Run", bound=Callable[..., None])
Work = TypeVar("Work", bound=Callable[..., object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a job has to ask of somebody outside: its `run` gives this instead of waiting for them.

    ask: waits, for 40 s at most. It runs in a thread that is bound to no organization and has no database.
    settle: `(answer, *, now)`, with the organization bound; `answer()` gives what came, or raises as `ask`
    did.
    """

    ask: Callable[[], object]
    settle: Callable[..., None]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """A kind of work. `run(*, now, **arguments)` is idempotent; `every` or `at` makes it recur.

    is_prompt: the first time is at once, not somewhere in its interval. is_long: it may take minutes.
    is_outside: it may give an `Outside`.
    """

    name: str
    run: Callable[..., object]
    every: timedelta | None
    at: time | None
    is_atomic: bool
    is_prompt: bool = False
    is_long: bool = False
    is_outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerKind:
    """A reaction to facts of one type; `reads` names the few fields it needs.

    once_per: member of the fact by which facts that wait are told of together; empty for each by itself.
    """

    name: str
    event_type: str
    reads: type
    run: Callable[..., None]
    once_per: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatcherKind:
    """A reaction to facts whose types are known only while the organization works.

    types: the types that are waited for now, asked once for each batch of facts. run: takes the members of
    the fact without its personal part, and its meta.
    """

    name: str
    types: Callable[[], frozenset[str]]
    run: Callable[[Mapping[str, JsonValue], Meta], None]


jobs: Registry[JobKind] = Registry(JobKind)
watchers: Registry[WatcherKind] = Registry(WatcherKind)
handlers: Registry[HandlerKind] = Registry(HandlerKind)
foreign_handlers: Registry[HandlerKind] = Registry(HandlerKind)


def job(
    name: str, *, every: timedelta | None = None, at: time | None = None, is_atomic: bool = True,
    is_prompt: bool = False, is_long: bool = False, is_outside: bool = False,
) -> Callable[[Work], Work]:
    """Declare a function `(*, now, **arguments)` as a job, perhaps recurring.

    every: interval. at: wall time in Brussels, each day. is_atomic: its effects and its end are one
    transaction, undone when its lease was lost; a job that calls the outside or takes long says False and
    keeps its own transactions short. is_prompt: a new organization does not wait for its first time.
    is_long: it may take minutes, so the worker has it done in a process of its own; never atomic.
    is_outside: it gives an `Outside` when somebody outside has to answer, so that nobody waits for them;
    never atomic. The job ends when that is settled; a worker that ended meanwhile has it run again.
    """
    if (is_long or is_outside) and is_atomic:
        raise ValueError(f"{name}: a long job keeps its own transactions short")
    if every is not None and at is not None:
        raise ValueError(f"{name}: a job recurs by interval or by wall time, not both")

    def declare(run: Work) -> Work:
        jobs.add(JobKind(
            name=name, run=run, every=every, at=at, is_atomic=is_atomic, is_prompt=is_prompt, is_long=is_long,
            is_outside=is_outside,
        ))
        return run

    return declare


def handles(event_type: str, *, reads: type[Any], once_per: str = "") -> Callable[[Run], Run]:
    """Declare a function `(event, meta)` as handler of facts of a type.

    reads: a frozen dataclass with the few members it needs; other members are ignored. It runs at least
    once per fact in a transaction that also remembers the fact, so its effects happen once.

    once_per: for a handler that looks at what is there now and only needs to know of what, the member that
    tells: facts with the same value that wait together make one run, with the first of them. It always runs
    after the newest. Such a handler reads that member alone.
    """
    if once_per and [each.name for each in fields(reads)] != [once_per]:
        raise ValueError(f"{event_type}: a handler told once per {once_per} reads nothing else")
    return _declare(handlers, event_type, reads, once_per)


def handles_foreign(event_type: str, *, reads: type[Any]) -> Callable[[Run], Run]:
    """Declare a function `(event, meta)` as handler of facts of a type that *other* organizations sent.

    It never sees a fact of the bound organization, as `handles` never sees one of another; `meta.source` is
    the IRI of the sender, `meta.sequence` a place in the sender's outbox. Runs once per (source, event id).
    """
    return _declare(foreign_handlers, event_type, reads)


def watches(types: Callable[[], frozenset[str]]) -> Callable[[Run], Run]:
    """Declare a function `(members, meta)` as handler of facts of whatever types `types()` gives.

    For what an organization itself decides to wait for. It runs once per fact, as with `handles`.
    """

    def declare(run: Run) -> Run:
        watchers.add(WatcherKind(name=f"{_owner(run)}.{run.__name__}", types=types, run=run))
        return run

    return declare


def _owner(run: Callable[..., None]) -> str:
    return run.__module__.removeprefix("ocapi.modules.").removeprefix("ocapi.kernel.").split(".")[0]


def _declare(
    book: Registry[HandlerKind], event_type: str, reads: type[Any], once_per: str = ""
) -> Callable[[Run], Run]:
    def declare(run: Run) -> Run:
        name = f"{_owner(run)}.{run.__name__}"
        book.add(
            HandlerKind(name=name, event_type=event_type, reads=reads, run=run, once_per=once_per)
        )
        return run

    return declare


__all__ = [
    "HandlerKind", "JobKind", "Outside", "WatcherKind", "foreign_handlers", "handlers", "handles",
    "handles_foreign", "job", "jobs", "watchers", "watches",
]
