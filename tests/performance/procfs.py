"""What the kernel says about processes: CPU of whole trees, memory, load from outside, unsynced pages.

CPU is counted by owner. Whatever an arm leaves behind comes to this process, the child subreaper, and is
found there: leaving the tree does not hide work.
"""

import ctypes
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

MARK = "OCAPI_BENCH_ARM"
TICKS = os.sysconf("SC_CLK_TCK")
_PR_SET_CHILD_SUBREAPER = 36
_SYS_CACHESTAT = 451  # Linux 6.5
_libc = ctypes.CDLL(None, use_errno=True)


def become_subreaper() -> None:
    """Adopt every process whose parent ends, below this one."""
    if _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """One process at one instant; seconds. reaped: CPU of its children that ended and were waited for."""

    pid: int
    parent: int
    state: str
    user: float
    system: float
    reaped_user: float
    reaped_system: float
    exact: float

    @property
    def total(self) -> float:
        """Give its own CPU seconds, by nanosecond statistics where they do not miss ended threads."""
        ticked = self.user + self.system
        return self.exact if self.exact > ticked - 0.03 else ticked

    @property
    def reaped(self) -> float:
        """Give the CPU seconds of waited-for children."""
        return self.reaped_user + self.reaped_system


def read_stat(pid: int) -> Stat | None:
    """Read one process, or None when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    rest = text[text.rindex(")") + 2 :].split()
    user, system, reaped_user, reaped_system = (int(each) / TICKS for each in rest[11:15])
    return Stat(
        pid=pid, parent=int(rest[1]), state=rest[0], user=user, system=system, reaped_user=reaped_user,
        reaped_system=reaped_system, exact=_exact(pid),
    )


def _exact(pid: int) -> float:
    total = 0
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            total += int(Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()[0])
    except (OSError, IndexError, ValueError):
        pass  # a thread ended meanwhile, or the kernel keeps no statistics: ticks decide
    return total / 1e9


def all_stats() -> dict[int, Stat]:
    """Read every process that can be seen, by pid."""
    found = (read_stat(int(name)) for name in os.listdir("/proc") if name.isdigit())
    return {each.pid: each for each in found if each is not None}


def descendants(root: int, stats: Mapping[int, Stat]) -> set[int]:
    """Give the pids below one process, itself included when it lives."""
    below: dict[int, list[int]] = {}
    for each in stats.values():
        below.setdefault(each.parent, []).append(each.pid)
    found, waiting = set(), [root]
    while waiting:
        pid = waiting.pop()
        if pid in stats and pid not in found:
            found.add(pid)
            waiting.extend(below.get(pid, ()))
    return found


def command_of(pid: int) -> str:
    """Give a process's command line, empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _mark_of(pid: int) -> str:
    try:
        pairs = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    start = f"{MARK}=".encode()
    return next((pair[len(start) :].decode() for pair in pairs if pair.startswith(start)), "")


@dataclass(slots=True, kw_only=True)
class Snapshot:
    """CPU seconds so far by pid of one arm; detached: the pids that left its tree."""

    stats: dict[int, Stat] = field(default_factory=dict)
    detached: set[int] = field(default_factory=set)


class Ledger:
    """Who started what: processes of this harness by owner, everything else below it by its mark."""

    def __init__(self) -> None:
        self._owners: dict[int, str] = {}

    def own(self, pid: int, owner: str) -> None:
        """Write down that this harness started a process for an owner."""
        self._owners[pid] = owner

    def disown(self, pid: int) -> None:
        """Forget a process that ended and was waited for."""
        self._owners.pop(pid, None)

    def owned(self, owner: str) -> set[int]:
        """Give the processes started for an owner."""
        return {pid for pid, whose in self._owners.items() if whose == owner}

    def snapshot(self, owner: str) -> Snapshot:
        """Read all processes of an owner; an unmarked orphan is taken to be the one asked for's."""
        stats = all_stats()
        me, found = os.getpid(), Snapshot()
        for pid in descendants(me, stats) - {me}:
            top = self._top(pid, stats, me)
            is_known = top in self._owners
            whose = self._owners[top] if is_known else (_mark_of(top) or owner)
            if whose == owner:
                found.stats[pid] = stats[pid]
                if not is_known:
                    found.detached.add(pid)
        return found

    def _top(self, pid: int, stats: Mapping[int, Stat], me: int) -> int:
        while pid not in self._owners and stats[pid].parent != me and stats[pid].parent in stats:
            pid = stats[pid].parent
        return pid

    def reap_orphans(self) -> None:
        """Wait for ended processes that nobody here started."""
        me = os.getpid()
        for each in all_stats().values():
            if each.parent == me and each.state == "Z" and each.pid not in self._owners:
                os.waitpid(each.pid, os.WNOHANG)

    def orphans(self, owner: str) -> set[int]:
        """Give the processes that left the tree of an owner and still live."""
        return self.snapshot(owner).detached


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """CPU seconds of one arm in one window; by_process by name; detached: part that left the tree."""

    user: float
    system: float
    total: float
    by_process: dict[str, float]
    detached: float


def used(before: Snapshot, after: Snapshot, names: Mapping[int, str]) -> Used:
    """Give the CPU between two snapshots, ended children included; `names` gives a process its name."""
    def summed(held: Snapshot, of: Iterable[str]) -> float:
        return sum(getattr(each, part) for each in held.stats.values() for part in of)

    user = summed(after, ("user", "reaped_user")) - summed(before, ("user", "reaped_user"))
    system = summed(after, ("system", "reaped_system")) - summed(before, ("system", "reaped_system"))
    total = summed(after, ("total", "reaped")) - summed(before, ("total", "reaped"))
    by_process: dict[str, float] = {}
    detached = 0.0
    for pid, each in after.stats.items():
        earlier = before.stats.get(pid)
        spent = each.total + each.reaped - (earlier.total + earlier.reaped if earlier else 0.0)
        name = names.get(pid, "other")
        by_process[name] = round(by_process.get(name, 0.0) + spent, 6)
        if pid in after.detached:
            detached += spent
    share = total / (user + system) if user + system > 0 else 0.0
    return Used(user=user * share, system=system * share, total=max(total, 0.0), by_process=by_process,
                detached=detached)


def pss_bytes(pid: int) -> int:
    """Give the proportional set size of a process, 0 when it is gone."""
    return _rollup(pid, "Pss:")


def rss_bytes(pid: int) -> int:
    """Give the resident set size of a process, 0 when it is gone."""
    return _rollup(pid, "Rss:")


def _rollup(pid: int, name: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (OSError, ValueError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), 0)


def busy_seconds() -> float:
    """Give the CPU seconds all cores together have worked since the machine started."""
    values = [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(values[:8]) - values[3] - values[4]) / TICKS  # all but idle and waiting for disks


def own_seconds(strangers: Iterable[int] = ()) -> float:
    """Give the CPU seconds of this process and all below it, ended children included, strangers not."""
    stats = all_stats()
    ours = descendants(os.getpid(), stats)
    for pid in strangers:
        ours -= descendants(pid, stats)
    return sum(stats[pid].total + stats[pid].reaped for pid in ours)


class _Range(ctypes.Structure):
    _fields_ = [("offset", ctypes.c_uint64), ("length", ctypes.c_uint64)]


class _CacheStat(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("cached", "dirty", "writing", "evicted", "recent")]


def unsynced_pages(path: Path) -> int | None:
    """Give how many pages of a file the disk does not have yet; None where the kernel cannot tell."""
    asked, told = _Range(0, 0), _CacheStat()
    with path.open("rb") as file:
        done = _libc.syscall(_SYS_CACHESTAT, file.fileno(), ctypes.byref(asked), ctypes.byref(told), 0)
    return int(told.dirty + told.writing) if done == 0 else None


def unsynced_by_truncation(path: Path) -> int:
    """Empty a file and give the bytes whose writing that spared the disk: they had not been synced."""
    def spared() -> int:
        return int(Path("/proc/self/io").read_text().rpartition("cancelled_write_bytes:")[2])

    before = spared()
    os.truncate(path, 0)
    return spared() - before
