"""Which of our processes the kernel lets go first: those that somebody waits for, then those that may wait.

A page is a few milliseconds of work in three processes, and each time one of them is woken it may find both
processors busy. A short slice (Linux 6.12 and later) lets a process that was woken go before one that still
runs; a lower standing makes the others keep their turn seldom. Both are hints: where the kernel knows
neither, all share alike.
"""

import ctypes
import os
import platform
import struct
import sys

GIVING_WAY = 10
"""How much lower those stand that may wait: the worker, and the processes of web that floods are given."""
PROMPT_SLICE_NS = 100_000  # the kernel's least
_SETATTR = {"x86_64": 314, "aarch64": 274}.get(platform.machine(), -1) if sys.platform == "linux" else -1
_ATTRIBUTES = struct.Struct("=IIQiIQQQII")  # struct sched_attr of Linux 5.3
_libc = ctypes.CDLL(None)


def be_prompt() -> None:
    """Let this process, and what it starts, go soon when it is woken; its share stays the same."""
    _ask_for_slice(PROMPT_SLICE_NS)


def give_way() -> None:
    """Let this process, and what it starts, wait for the others."""
    _ask_for_slice(0)  # the kernel's own
    os.nice(GIVING_WAY)


def _ask_for_slice(nanoseconds: int) -> None:
    if _SETATTR < 0 or (policy := os.sched_getscheduler(0)) not in (os.SCHED_OTHER, os.SCHED_BATCH):
        return  # what an operator chose stays
    standing = os.getpriority(os.PRIO_PROCESS, 0)
    wanted = _ATTRIBUTES.pack(_ATTRIBUTES.size, policy, 0, standing, 0, nanoseconds, 0, 0, 0, 0)
    _libc.syscall(_SETATTR, 0, wanted, 0)  # refused: by an older kernel or a filter, and only a hint
