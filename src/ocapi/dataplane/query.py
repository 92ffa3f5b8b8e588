"""Columnar queries in a child process, ended when a question takes too long; one question at a time."""

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from ocapi.lib import codec
from ocapi.lib.columns.behind import Log

PATIENCE_S = 5.0
START_S = 30.0
LARGEST = 64 << 20
PROGRAM = "ocapi.lib.columns.answering"
log = structlog.get_logger("dataplane.query")


class QueryTooLong(Exception):
    """A question took longer than it may, and its process was ended, or more memory than it may."""


class QueryFailed(Exception):
    """A question has no answer: a file is missing or damaged."""


class TooManyWaiting(Exception):
    """Too many readings of what is asked for wait to be put into files."""


_FAULTS: dict[str, type[Exception]] = {"OutOfMemoryException": QueryTooLong, "TooMany": TooManyWaiting}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A named query over files, and the log behind them."""

    name: str
    files: Sequence[Path]
    parameters: dict[str, Any]
    log: Log


class Columns:
    """The child of this process that reads columns; started with the first question."""

    def __init__(self, *, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None

    async def ask(self, question: Question) -> list[dict[str, Any]]:
        """Give the rows of an answer; raises QueryTooLong, QueryFailed, TooManyWaiting."""
        line = codec.encode_record(
            {
                "name": question.name,
                "files": [str(each) for each in question.files],
                "parameters": question.parameters,
                "log": {
                    "folder": question.log.folder, "after": question.log.after, "until": question.log.until,
                },
            }
        )
        async with self._turn:
            try:
                found = await self._asked(line)
            except asyncio.CancelledError:
                await self.close()  # its answer would be taken for that of the next question
                raise
        if "error" in found:
            log.error(
                "a query failed", query=question.name, reason=found["error"], detail=found.get("detail")
            )
            raise _FAULTS.get(found["error"], QueryFailed)(found["error"])
        return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]

    async def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None and child.returncode is None:
            child.kill()
            await child.wait()

    async def _asked(self, line: bytes) -> dict[str, Any]:
        child = await self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            async with asyncio.timeout(self._patience_s):
                child.stdin.write(line + b"\n")
                await child.stdin.drain()
                told = await child.stdout.readline()
        except TimeoutError:
            await self.close()
            raise QueryTooLong from None
        except (OSError, ValueError) as failure:
            await self.close()
            raise QueryFailed(type(failure).__name__) from None
        if not told:
            await self.close()
            raise QueryFailed("the process ended")
        found = codec.decode_untyped(told, max_bytes=LARGEST, max_depth=8, max_keys=10**7)
        return found if isinstance(found, dict) else {"error": "no answer"}

    async def _started(self) -> asyncio.subprocess.Process:
        if self._child is None or self._child.returncode is not None:
            kept = {
                name: os.environ[name]
                for name in ("PATH", "PYTHONPATH", "LANG", "TMPDIR")
                if name in os.environ
            }
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                PROGRAM,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=kept,
                limit=LARGEST,
            )
            assert self._child.stdout is not None
            async with asyncio.timeout(START_S):
                await self._child.stdout.readline()
        return self._child
