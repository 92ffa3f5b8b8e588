"""Files of readings that a browser sends: streamed to disk, whole or not there, by the pass of a page.

The web process never holds such a body. Who sends is known by the pass alone, before a byte of the file is
read; what the file says is the worker's matter.
"""

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ocapi.dataplane import pages
from ocapi.dataplane.front import new_trace_id
from ocapi.dataplane.ingest import as_response
from ocapi.dataplane.multipart import BadForm, FileOfForm
from ocapi.dataplane.pages import Answer, Text
from ocapi.dataplane.plan import Plan
from ocapi.dataplane.snapshot import NoPolicy, Policy
from ocapi.lib import clock, durable, handed
from ocapi.lib.handed import About, BadPass, Pass

AT_ONCE = 2  # files of one organization on their way
FORM_MARGIN = 64 << 10  # bytes of a form around its file
GATHERED = 1 << 20  # bytes that are written together
log = structlog.get_logger("dataplane.uploads")
EXPIRED = Text(
    title="Deze pagina stond te lang open",
    explanation="Een bestand versturen kan tot een uur nadat de pagina geopend is. Er is niets bewaard.",
    advice="Ga terug, laad de pagina opnieuw en kies het bestand nog eens.",
)
NO_FILE = Text(
    title="Er kwam geen bestand aan",
    explanation="Er was geen bestand gekozen, of het was leeg. Er is niets bewaard.",
    advice="Ga terug en kies een CSV- of Parquet-bestand met metingen.",
)
BUSY = Text(
    title="Er komen al twee bestanden binnen",
    explanation="De organisatie verstuurt al twee bestanden met metingen. Er is niets bewaard.",
    advice="Wacht tot een ervan binnen is. Ga daarna terug en verstuur opnieuw.",
)
TWICE = Text(
    title="Dit bestand is al binnen",
    explanation="Vanaf deze pagina kwam al een bestand aan. Een tweede keer versturen is niet nodig.",
    advice="Ga terug naar de lijst met bestanden en ga daar verder.",
)


class _Stopped(Exception):
    """A file is not taken; status and words of the answer."""

    def __init__(self, status: int, text: Text | None = None) -> None:
        super().__init__(status)
        self.status, self.text = status, text


class Uploads:
    """The HTTP part below /ingest/v1/uploads."""

    def __init__(self, *, policy: Policy, plan: Plan) -> None:
        self._policy = policy
        self._plan = plan
        self._sealer = plan.sealer
        self._largest = plan.readings_bytes
        self._under_way: set[tuple[str, UUID]] = set()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="uploads")

    def routes(self) -> list[Route]:
        """Give the routes of this part."""
        return [Route("/ingest/v1/uploads/{told}", self.receive, methods=["POST"])]

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    async def receive(self, request: Request) -> Response:
        """Take one file in and send the browser on to the page of its upload."""
        trace_id = new_trace_id()
        ways: pages.Links = ()
        try:
            told = self._read(request)
            ways = ((told.again, "Terug naar de bestanden met metingen"),) if told.again else ()
            self._require_room(request, told)
            with self._turn(told):
                await self._taken(request, told)
        except _Stopped as stopped:
            return as_response(_refusal(stopped, trace_id, ways))
        except ClientDisconnect:
            return as_response(pages.page(408, trace_id=trace_id))
        except OSError as failure:
            log.error("a file was not taken", reason=type(failure).__name__, number=failure.errno)
            is_full = failure.errno in (errno.ENOSPC, errno.EDQUOT)
            extra = (("retry-after", "60"),)
            status = 507 if is_full else 503
            return as_response(pages.page(status, trace_id=trace_id, extra=extra, links=ways))
        headers = {"location": told.back, "cache-control": "no-store", "belgov-trace-id": trace_id}
        return Response(status_code=303, headers=headers)

    def _read(self, request: Request) -> Pass:
        if self._sealer is None:
            raise _Stopped(503)
        try:
            return handed.read_pass(request.path_params["told"], sealer=self._sealer, now=clock.now())
        except BadPass:
            raise _Stopped(403, EXPIRED) from None

    def _require_room(self, request: Request, told: Pass) -> None:
        """Stop who sends to an organization that takes nothing in now, or more than it takes."""
        try:
            part = self._policy.current().parts.get(told.tenant)
        except NoPolicy:
            raise _Stopped(503) from None
        if part is None or part.tenant.state != "active" or part.tenant.is_replaced(clock.now()):
            raise _Stopped(503)
        declared = request.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self._largest + FORM_MARGIN:
            raise _Stopped(413)

    @contextlib.contextmanager
    def _turn(self, told: Pass) -> Iterator[None]:
        """Hold one upload of an organization; raises what is told to who comes a second time, or third."""
        if (told.tenant, told.upload) in self._under_way:
            raise _Stopped(409, TWICE)
        if sum(tenant == told.tenant for tenant, _upload in self._under_way) >= AT_ONCE:
            raise _Stopped(429, BUSY)
        self._under_way.add((told.tenant, told.upload))
        try:
            yield
        finally:
            self._under_way.discard((told.tenant, told.upload))

    async def _taken(self, request: Request, told: Pass) -> None:
        folder = handed.folder_of(self._plan.data / "tenants" / told.tenant / "capture", told.upload)
        await self._aside(durable.make_directory, folder)
        if (folder / handed.ABOUT).exists():
            raise _Stopped(409, TWICE)
        try:
            form = FileOfForm(request.headers.get("content-type", ""))
        except BadForm:
            raise _Stopped(400) from None
        try:
            with durable.StreamWriter(folder) as writer:
                async for piece in _gathered(self._chunks(request, form)):
                    await self._aside(writer.write, piece)
                    if writer.size > self._largest:
                        raise _Stopped(413)
                if not form.is_whole or not writer.size:
                    raise _Stopped(400, NO_FILE)
                await self._aside(self._keep, writer, folder, form.name)
        except BadForm:
            raise _Stopped(400) from None
        finally:
            await self._aside(_sweep, folder)

    @staticmethod
    def _keep(writer: durable.StreamWriter, folder: Path, name: str) -> None:
        size, digest = writer.size, writer.sha256
        writer.commit(folder / handed.DATA)
        about = About(name=name or "metingen", size_bytes=size, sha256=digest, arrived_at=clock.now())
        handed.add_about(folder, about)

    async def _chunks(self, request: Request, form: FileOfForm) -> AsyncIterator[bytes]:
        """Give the file as it comes in, at the rate every body must have at least."""
        stream, started, size = request.stream(), clock.monotonic(), 0
        while True:
            allowed = max(self._plan.body_deadline_s, size / self._plan.min_rate)
            try:
                chunk = await asyncio.wait_for(anext(stream), allowed - (clock.monotonic() - started))
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise _Stopped(408) from None
            size += len(chunk)
            if size > self._largest + FORM_MARGIN:
                raise _Stopped(413)
            for piece in form.feed(chunk):
                yield piece

    async def _aside(self, act: Callable[..., object], *given: object) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, act, *given)


async def _gathered(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Put small chunks together, so that the disk is asked once for a megabyte."""
    held = bytearray()
    async for chunk in chunks:
        held += chunk
        if len(held) >= GATHERED:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def _sweep(folder: Path) -> None:
    """Take away a folder in which no file came whole."""
    with contextlib.suppress(OSError):  # it holds a file
        folder.rmdir()


def _refusal(stopped: _Stopped, trace_id: str, ways: pages.Links) -> Answer:
    extra = (("retry-after", "30"),) if stopped.status in (429, 503) else ()
    text = pages.TEXTS[stopped.status] if stopped.text is None else stopped.text
    return pages.render(stopped.status, text, trace_id=trace_id, extra=extra, links=ways)
