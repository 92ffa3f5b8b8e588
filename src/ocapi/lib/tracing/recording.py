"""Recording spans with OpenTelemetry, into files of bounded size. Loaded only when spans are asked for."""

import os
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType

from opentelemetry import context, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

from ocapi.lib import codec
from ocapi.lib.tracing import following

SCOPE = "ocapi"
FILE_BYTES = 16 << 20  # then the file begins anew; a collector has read it long since
EVERY_MS = 1_000
KIND_INTERNAL, STATUS_ERROR = 1, 2  # of OTLP
LONGEST = 200  # characters of one value
_wanted: ContextVar[int] = ContextVar("wanted", default=0)  # each thread has its own


class _Ids(RandomIdGenerator):
    """Gives a span without parent the id of the trace it belongs to."""

    def generate_trace_id(self) -> int:
        """Give the id that was set, as the tracer asks for it in the same call."""
        return _wanted.get()


class RecordedSpan:
    """One span being timed."""

    def __init__(self, made: trace.Span) -> None:
        self._made = made

    @property
    def parent(self) -> str:
        """Give the `traceparent` of what this step asks for."""
        found = self._made.get_span_context()
        return following.write_parent(f"{found.trace_id:032x}", f"{found.span_id:016x}")

    def note(self, name: str, value: str | int) -> None:
        """Put a code or a number with the span."""
        self._made.set_attribute(name, value)

    def __enter__(self) -> "RecordedSpan":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, place: TracebackType | None
    ) -> None:
        if kind is not None:  # its kind only: the text may hold what people typed
            self._made.set_attribute("error.type", kind.__qualname__)
            self._made.set_status(trace.StatusCode.ERROR)
        self._made.end()


class Recorder:
    """The spans of one process. below: the last 32 bits of a trace's id decide whether it is recorded."""

    def __init__(self, process: str, *, folder: Path, below: int) -> None:
        self._below = below
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._provider = TracerProvider(
            resource=Resource({"service.name": "ocapi", "ocapi.process": process}), id_generator=_Ids(),
            span_limits=SpanLimits(max_span_attributes=16, max_attribute_length=LONGEST),
        )
        exporter = LineExporter(folder / f"{process}.jsonl")
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=EVERY_MS))
        self._tracer = self._provider.get_tracer(SCOPE)

    def span(self, name: str, *, trace: str, parent: str) -> RecordedSpan | None:
        """Begin a span, or give None when its trace is not recorded. trace: 32 digits, or nothing."""
        if not trace or int(trace[-8:], 16) >= self._below:
            return None
        of_trace, of_span = following.read_parent(parent)
        _wanted.set(int(trace, 16))
        return RecordedSpan(self._tracer.start_span(name, context=_below(of_trace, of_span, trace)))

    def close(self) -> None:
        """Write what is held."""
        self._provider.shutdown()


def _below(of_trace: str, of_span: str, wanted: str) -> context.Context:
    """Give the context of a parent in the same trace, or of none."""
    if of_trace != wanted:
        return context.Context()
    sampled = trace.TraceFlags(trace.TraceFlags.SAMPLED)
    known = trace.SpanContext(int(of_trace, 16), int(of_span, 16), is_remote=True, trace_flags=sampled)
    return trace.set_span_in_context(trace.NonRecordingSpan(known), context.Context())


class LineExporter(SpanExporter):
    """Writes each batch as one line of OTLP's JSON; what the disk does not take is lost, and only that."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write a batch."""
        line = codec.encode_json({"resourceSpans": [{
            "resource": {"attributes": _attributes(dict(spans[0].resource.attributes))},
            "scopeSpans": [{"scope": {"name": SCOPE}, "spans": [_told(each) for each in spans]}],
        }]}) + b"\n"
        try:
            if self._path.exists() and self._path.stat().st_size > FILE_BYTES:
                self._path.unlink()
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                os.write(file, line)
            finally:
                os.close(file)
        except OSError:
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS


def _told(span: ReadableSpan) -> dict[str, object]:
    own = span.get_span_context()
    assert own is not None, "a span that ended has a place"
    told: dict[str, object] = {
        "traceId": f"{own.trace_id:032x}", "spanId": f"{own.span_id:016x}", "name": span.name,
        "kind": KIND_INTERNAL,
        "startTimeUnixNano": str(span.start_time), "endTimeUnixNano": str(span.end_time),
        "attributes": _attributes(dict(span.attributes or {})),
    }
    if span.parent is not None:
        told["parentSpanId"] = f"{span.parent.span_id:016x}"
    if span.status.status_code is trace.StatusCode.ERROR:
        told["status"] = {"code": STATUS_ERROR}
    return told


def _attributes(found: dict[str, object]) -> list[dict[str, object]]:
    kinds = [(name, "intValue" if isinstance(value, int) else "stringValue") for name, value in found.items()]
    return [{"key": name, "value": {kind: str(found[name])}} for name, kind in kinds]
