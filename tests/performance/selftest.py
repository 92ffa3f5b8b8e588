"""`bench selftest`: plants faults in small servers and tells whether the harness flags every one of them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.performance import procfs
from tests.performance.arms import HttpArm, Sample, Window
from tests.performance.engine import Gate, Options, Scenario, run
from tests.performance.programs import SERVERS, Program, free_port

SECONDS = 0.2
RECORD = 64
CASES = (
    ("none", "", "an honest pair"),
    ("wrong", "answers", "an arm that answers wrong"),
    ("nosync", "durability", "an arm that skips its sync"),
    ("lossy", "lost", "an arm that loses what it acknowledged"),
    ("detached", "detached", "an arm that works in a detached child"),
    ("shed", "shed", "an arm that sheds load"),
    ("cached", "answers", "an arm that answers from an earlier round"),
    ("noise", "noise", "noise from outside"),
)


def main(folder: Path, ledger: procfs.Ledger) -> int:
    """Run every case; exit code 0 when each fault was flagged as what it is and the honest pair was not."""
    missed = 0
    for fault, kind, title in CASES:
        reasons = _case(folder / fault, fault, ledger)
        kinds = {each.partition(":")[0] for each in reasons}
        is_right = kind in kinds if kind else not kinds - {"noise"}
        missed += not is_right
        told = next((each for each in reasons if each.startswith(f"{kind}:")), "") if kind else "not flagged"
        seen = told if is_right else f"MISSED, the harness said: {'; '.join(reasons) or 'valid'}"
        print(f"{'ok  ' if is_right else 'FAIL'} {title}: {seen}", flush=True)
    print("selftest: every planted fault was flagged" if not missed else f"selftest: {missed} not flagged")
    return 1 if missed else 0


def _case(folder: Path, fault: str, ledger: procfs.Ledger) -> list[str]:
    served = "none" if fault == "noise" else fault
    arms = [_arm("ours", served, folder, ledger), _arm("limit", "none", folder, ledger)]
    noise = _Noise(ledger) if fault == "noise" else None
    scenario = Scenario(
        job="selftest", name=fault, arms=list(arms), equal=("ours", "limit"), window=Window(seconds=SECONDS,
                                                                                          connections=1),
        gates=[Gate(basis="units_per_cpu_s", better="higher", goal=0.01, against="limit")],
        between=_between(arms, noise),
    )
    options = Options(rounds=5, goals="off", seed=1, folder=folder)
    try:
        return list(run(scenario, options, ledger)["reasons"])
    finally:
        if noise is not None:
            noise.stop()


def _arm(name: str, fault: str, folder: Path, ledger: procfs.Ledger) -> HttpArm:
    home, port = folder / name, free_port()
    home.mkdir(parents=True, exist_ok=True)
    (home / "nonce").write_bytes(b"0")
    program = Program(
        owner=name, port=port, folder=home,
        command=(sys.executable, "-I", "-S", str(SERVERS / "faulty.py"), str(port), fault),
    )
    request = "POST /append HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
    return HttpArm(
        name=name, role="ours" if name == "ours" else "limit", program=program, requests=(request,),
        durability="fdatasync before the answer", has_background=False, before=_remember,
        after=_recount(ledger),
    )


def _between(arms: list[HttpArm], noise: "_Noise | None") -> Callable[[int], None]:
    def change(number: int) -> None:
        for arm in arms:
            (arm.program.folder / "nonce").write_bytes(b"round %d" % number)
        if noise is not None:
            noise.start()  # and it goes on until the next round's look at the load from outside

    return change


def _remember(arm: HttpArm) -> None:
    arm.state["size"] = (arm.program.folder / "log").stat().st_size


def _recount(ledger: procfs.Ledger) -> Callable[[HttpArm, Sample], None]:
    def after(arm: HttpArm, sample: Sample) -> None:
        """Kill the server at once, look what the disk has, start it again, and count."""
        log = arm.program.folder / "log"
        unsynced = procfs.unsynced_pages(log)
        arm.program.kill(ledger)
        sample["acked"] = sample["units"]
        sample["found"] = (log.stat().st_size - arm.state["size"]) // RECORD
        sample["lost"] = max(sample["acked"] - sample["found"], 0)
        sample["duplicated"] = max(sample["found"] - sample["acked"], 0)
        # a kernel without cachestat tells it by what an emptied file no longer costs the disk
        sample["unsynced_pages"] = procfs.unsynced_by_truncation(log) if unsynced is None else unsynced
        arm.program.start(ledger)

    return after


class _Noise:
    """A stranger that keeps a core busy."""

    def __init__(self, ledger: procfs.Ledger) -> None:
        self._ledger = ledger
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._process is None:
            self._process = subprocess.Popen([sys.executable, "-I", "-S", "-c", "while True: pass"])
            self._ledger.own(self._process.pid, "stranger")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._ledger.disown(self._process.pid)


def titles() -> list[str]:
    """Give what is planted, in words."""
    return [title for fault, _kind, title in CASES if fault != "none"]


