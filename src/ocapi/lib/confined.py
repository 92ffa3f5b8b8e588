"""Programs of ours that work for a stranger's input: started with nothing of the environment and ended when
their time is over (`run`), and held by themselves to what they need (`confine`).

Root is not needed. The filter of system calls (seccomp) takes away sockets and other programs; it is set
before any thread starts and can't be taken off again, and threads that start later are under it too.
"""

import ctypes
import platform
import resource
import struct
import subprocess
import sys
from typing import NamedTuple

_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER_MODE = 38, 22, 2  # prctl(2)
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # classic BPF
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # EPERM for what is refused
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4  # in struct seccomp_data
_X32 = 0x40000000  # calls of a second set of numbers on x86-64
_KNOWN = {
    # architecture as the kernel names it; socket, connect, socketpair, execve, execveat, io_uring_setup
    "x86_64": (0xC000003E, (41, 42, 53, 59, 322, 425)),
    "aarch64": (0xC00000B7, (198, 203, 199, 221, 281, 425)),
}


class Ended(NamedTuple):
    """How a program ended. code: 0 when it did what was asked, below zero the signal that ended it."""

    code: int
    said: bytes

    @property
    def is_out_of_time(self) -> bool:
        """Tell whether its processor time was over (SIGXCPU, or SIGKILL after it)."""
        return self.code in (-24, -9)


def start(module: str, *arguments: str) -> None:
    """Start a module of ours beside this process, which goes on; it tells by files how it does.

    It ends with the process group of who started it, and calls `confine` before it reads a stranger's input.
    """
    subprocess.Popen(
        [*command(module), *arguments], env=environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )


class TooLong(RuntimeError):
    """The program had not ended in its time and was killed."""


class NotConfined(RuntimeError):
    """The process can't be held: no filter for this machine, or the kernel refused it."""


def command(module: str) -> list[str]:
    """Give the command that runs a module of ours as a program."""
    return [sys.executable, "-m", module]


def environment(**more: str) -> dict[str, str]:
    """Give all that such a program is told of the world: no secret, no setting, no proxy."""
    return {"PYTHONPATH": ":".join(sys.path), **more}


def run(
    module: str, *, asked: bytes, wall_seconds: float, told: dict[str, str] | None = None,
    arguments: tuple[str, ...] = (),
) -> Ended:
    """Run a module of ours on what is asked and wait; the program calls `confine` before it reads that.

    told: its environment, when more than `environment()`. Raises TooLong after `wall_seconds`, in which its
    start falls.
    """
    try:
        done = subprocess.run(
            [*command(module), *arguments],
            input=asked,
            capture_output=True,
            timeout=wall_seconds,
            check=False,
            env=environment() if told is None else told,
        )
    except subprocess.TimeoutExpired:
        raise TooLong(module) from None
    return Ended(done.returncode, done.stdout)


def confine(
    *, memory_bytes: int, cpu_seconds: int, writes_files: bool = True, is_enough: bool = False
) -> None:
    """Hold this process to memory and time, without sockets and other programs; raises NotConfined.

    writes_files: False lets no file grow. is_enough: where this machine knows no filter, memory and time
    will do, for a program whose library can't go out by itself.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not writes_files:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        _filter()
    except NotConfined:
        if not is_enough:
            raise


def _filter() -> None:
    machine = platform.machine()
    if machine not in _KNOWN:
        raise NotConfined(f"no filter for {machine}")
    program = _program(*_KNOWN[machine])
    size = len(program) // 8
    held = ctypes.create_string_buffer(program)
    header = struct.pack("HxxxxxxP", size, ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(_SET_SECCOMP, _FILTER_MODE, header, 0, 0):
        raise NotConfined(f"the kernel refused the filter ({ctypes.get_errno()})")


def _program(architecture: int, refused: tuple[int, ...]) -> bytes:
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_JUMP_IF_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_JUMP_IF_AT_LEAST, len(refused) + 1, 0, _X32),
        *((_JUMP_IF_EQUAL, len(refused) - place, 0, number) for place, number in enumerate(refused)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *each) for each in steps)
