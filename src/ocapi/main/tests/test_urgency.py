"""Which process goes first. Not covered: what it does for a neighbor of a flood, see `ocapi proof load`."""

import os
import sys
from pathlib import Path

import pytest

from ocapi.main import environment, supervisor, urgency


def slice_ns(pid: int) -> int | None:
    """Give the slice of a process, None where the kernel has none (before Linux 6.12) or tells nothing."""
    path = Path(f"/proc/{pid}/sched")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((int(line.rpartition(":")[2]) for line in lines if line.startswith("se.slice")), None)


class TestParts:
    @pytest.mark.parametrize(("is_urgent", "lower"), [(True, 0), (False, urgency.GIVING_WAY)])
    def test_go_first_when_somebody_waits_for_them_and_share_one_session(
        self, tmp_path: Path, is_urgent: bool, lower: int
    ) -> None:
        settings = environment.read({"OCAPI_DEMO": "1", "OCAPI_DATA": str(tmp_path)})
        (tmp_path / "run").mkdir()
        part = supervisor.Part(name="one", command=(sys.executable, "-c", "import time; time.sleep(60)"),
                               is_healthy=lambda: True, is_urgent=is_urgent)
        its = supervisor.Supervisor(settings, [part], tmp_path / "run")
        its._start(part)
        assert part.process is not None
        try:
            pid = part.process.pid
            assert os.getpriority(os.PRIO_PROCESS, pid) - os.getpriority(os.PRIO_PROCESS, 0) == lower
            assert (os.getsid(pid), os.getpgid(pid)) == (os.getsid(0), pid)
            assert slice_ns(pid) is None or (slice_ns(pid) == urgency.PROMPT_SLICE_NS) == is_urgent
        finally:
            its._stop()
