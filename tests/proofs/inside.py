"""A process of the product that a proof asks, line by line; the proof itself stays free of Django.

A program is a module with `OPERATIONS`, functions by name whose arguments and answers have a JSON form. Run
as `python -m tests.proofs.inside MODULE` inside the product's settings: one JSON line in, one out.
"""

import contextlib
import json
import os
import subprocess
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from tests.proofs.product import settings
from tests.proofs.proof import PROJECT, SetUpFailed

TOLD = 1500  # characters of a failure that are shown


class Inside:
    """A started program. log: where its standard error goes, which holds the product's log lines."""

    def __init__(self, folder: Path, module: str, *, log: Path, **environment: str) -> None:
        self.log = log
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.proofs.inside", module],
            cwd=PROJECT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=settings(folder, **environment),
        )

    @property
    def pid(self) -> int:
        """Give its process id."""
        return self._process.pid

    def ask(self, operation: str, **arguments: object) -> Any:
        """Ask for one operation; raises SetUpFailed with what it said when it fails or ends."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"operation": operation, "arguments": arguments}) + "\n")
            self._process.stdin.flush()
            told = self._process.stdout.readline()
        except OSError:
            told = ""
        if not told:
            raise SetUpFailed(f"{operation}: the process ended: {self.log.read_text()[-TOLD:]}")
        answer = json.loads(told)
        if "error" in answer:
            raise SetUpFailed(f"{operation}: {answer['error']}")
        return answer["answer"]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process.wait(30)
        self._log.close()


def serve(module: str) -> None:
    """Answer one line after the other until the input ends; nothing else may write on standard output."""
    import django

    answers, sys.stdout = sys.stdout, sys.stderr
    questions = _own_input()
    django.setup()
    known = import_module(module).OPERATIONS
    for line in questions:
        asked = json.loads(line)
        try:
            answer = {"answer": known[asked["operation"]](**asked["arguments"])}
        except Exception as failure:  # whatever it is, the proof must hear of it
            answer = {"error": "".join(traceback.format_exception(failure))[-TOLD:]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _own_input() -> IO[str]:
    """Take the questions away from standard input, and leave it empty for a command that reads it."""
    questions = os.fdopen(os.dup(0), encoding="utf-8")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    return questions


if __name__ == "__main__":
    serve(sys.argv[1])
