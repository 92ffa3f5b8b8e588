"""An index of statements that questions are asked of: written by one, read from copies that never change.

In its folder: `index-N` is written, `copy-N` is read, `current` says which, and up to which version of each
service. The copy comes before its name, the position after the statements: a crash in between only does the
same again. All of it can be made anew from the objects.
"""

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocapi.lib import codec, durable
from ocapi.lib.rdf.graph import Graph, Lexical, Value
from ocapi.lib.rdf.writing import Written, write

if TYPE_CHECKING:
    import pyoxigraph

CURRENT = "current"


class IndexBusy(RuntimeError):
    """Another process writes the index now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """Which folders are in use, and how far each service was followed."""

    index: str
    copy: str
    positions: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a thing says in a graph. name: told apart from other things by it; labels of the nameless start
    with it, so that the same can be taken away later.
    """

    graph_name: str
    subject: str
    name: str
    graph: Graph


def current(folder: Path) -> Current | None:
    """Give what is in use, or None before the first copy."""
    try:
        return codec.decode_json(durable.read_file(folder / CURRENT), Current)
    except FileNotFoundError:
        return None


def readable(folder: Path) -> Path | None:
    """Give the copy that questions are asked of, or None."""
    found = current(folder)
    return folder / found.copy if found else None


@contextmanager
def writing(folder: Path, *, is_new: bool = False) -> Iterator["Writer"]:
    """Give the writer of an index; raises IndexBusy. is_new: starts from nothing."""
    durable.make_directory(folder)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, durable.FILE_MODE)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise IndexBusy(str(folder)) from None
        yield Writer(folder, is_new=is_new)
    finally:
        os.close(lock)


class Writer:
    """Writes an index; nothing is seen until `publish`."""

    def __init__(self, folder: Path, *, is_new: bool) -> None:
        self._folder = folder
        self._before = current(folder)
        self.positions = dict(self._before.positions) if self._before and not is_new else {}
        kept = self._before.index if self._before and not is_new else ""
        if not kept or not (folder / kept).exists():
            self.positions = {}
            kept = f"index-{_after(folder, 'index-')}"
        self._name = kept
        self._store: Any = None

    def _opened(self) -> Any:
        if self._store is None:
            import pyoxigraph

            self._store = pyoxigraph.Store(str(self._folder / self._name))
        return self._store

    def load(self, things: Iterable[Said]) -> None:
        """Add many things at once."""
        self._opened().bulk_extend(quad for each in things for quad in _quads(each))

    def forget(self, graph_name: str) -> None:
        """Take a whole graph away."""
        import pyoxigraph

        self._opened().remove_graph(pyoxigraph.NamedNode(graph_name))

    def replace(self, before: Said | None, after: Said | None) -> None:
        """Put what a thing says now in the place of what it said before."""
        store = self._opened()
        if before is not None:
            self._take_away(before)
        if after is not None:
            store.extend(_quads(after))

    def _take_away(self, before: Said) -> None:
        """Take away what a thing said; what it said of things with names stays while others speak of them."""
        import pyoxigraph

        store, others = self._opened(), list["pyoxigraph.Quad"]()
        subject = pyoxigraph.NamedNode(before.subject)
        name = pyoxigraph.NamedNode(before.graph_name)
        for quad in _quads(before):
            is_own = isinstance(quad.subject, pyoxigraph.BlankNode) or quad.subject == subject
            if is_own:
                store.remove(quad)
            else:
                others.append(quad)
        for quad in others:
            if next(store.quads_for_pattern(None, None, quad.subject, name), None) is None:
                store.remove(quad)

    def publish(self) -> int:
        """Make what was written readable; gives how many statements there are."""
        store = self._opened()
        store.flush()
        copy = f"copy-{_after(self._folder, 'copy-')}"
        store.backup(str(self._folder / copy))
        made = Current(index=self._name, copy=copy, positions=self.positions)
        durable.write_file(self._folder / CURRENT, codec.encode_json(made))
        count = len(store)
        self._store = store = None
        self._clean({self._name, copy, self._before.copy if self._before else copy})
        return count

    def _clean(self, kept: set[str]) -> None:
        """Take away older copies; a question that still reads one is answered with "try again"."""
        for each in self._folder.iterdir():
            if each.is_dir() and each.name.startswith(("copy-", "index-")) and each.name not in kept:
                shutil.rmtree(each, ignore_errors=True)


def _after(folder: Path, prefix: str) -> int:
    numbers = [int(each.name.removeprefix(prefix)) for each in folder.glob(f"{prefix}[0-9]*")]
    return max(numbers, default=0) + 1


def _quads(said: Said) -> "list[pyoxigraph.Quad]":
    import pyoxigraph

    own = Graph()
    for subject, predicate, value in said.graph:
        own.add(_labeled(subject, said.name), predicate, _labeled_value(value, said.name))
    text = write(own, format=Written.N_QUADS, name=said.graph_name)
    return list(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_QUADS, lenient=True))


def _labeled(subject: str, name: str) -> str:
    return f"_:{name}{subject[2:]}" if subject.startswith("_:") else subject


def _labeled_value(value: Value, name: str) -> Value:
    return value if isinstance(value, Lexical) else _labeled(value, name)
