"""Spans: how long each step of a trace took. Off, and then next to free, unless a process calls `begin`.

A span says what kind of work it was, how it ended and how long it took: codes and numbers, never an address,
a name, a text of a failure or anything people typed. Nothing is sent from here, as web has no way out: spans
are lines of OTLP's JSON in files, which the operator's collector reads (its receiver `otlpjsonfile`).
"""

from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from ocapi.lib.tracing import following

if TYPE_CHECKING:
    from ocapi.lib.tracing.recording import Recorder

HUNDRED = 1 << 32  # of the last digits of a trace's id, which are random


class NotInstalled(RuntimeError):
    """Spans were asked for, and OpenTelemetry is not there."""


class Span(Protocol):
    """A step that is being timed; a context manager. A failure that passes through ends it with its kind."""

    @property
    def parent(self) -> str:
        """Give the `traceparent` for whom this step asks; nothing when it is not recorded."""

    def note(self, name: str, value: str | int) -> None:
        """Put a code or a number with the span."""

    def __enter__(self) -> "Span":
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""


class _NoSpan:
    """What stands where nothing is recorded."""

    __slots__ = ()
    parent = ""

    def note(self, name: str, value: str | int) -> None:
        """Forget it."""

    def __enter__(self) -> "_NoSpan":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


NO_SPAN = _NoSpan()
_recorder: "Recorder | None" = None


def is_installed() -> bool:
    """Tell whether OpenTelemetry is there."""
    return find_spec("opentelemetry") is not None and find_spec("opentelemetry.sdk") is not None


def begin(process: str, *, folder: Path, percent: int) -> None:
    """Record spans of this process from now on, of so many percent of the traces; raises NotInstalled.

    To be called after a fork, never before: a thread writes the file. All processes choose the same traces.
    """
    global _recorder
    if not percent:
        return
    if not is_installed():
        raise NotInstalled
    from ocapi.lib.tracing.recording import Recorder

    _recorder = Recorder(process, folder=folder, below=HUNDRED * percent // 100)


def end() -> None:
    """Write what is still held and record no more."""
    global _recorder
    if _recorder is not None:
        _recorder.close()
    _recorder = None


def span(name: str, *, trace_id: str = "", parent: str = "") -> Span:
    """Give a span of a trace, the one of the work at hand when none is named; `parent` is a `traceparent`."""
    if _recorder is None:
        return NO_SPAN
    wanted = following.digits(trace_id or following.current())
    return _recorder.span(name, trace=wanted, parent=parent) or NO_SPAN


