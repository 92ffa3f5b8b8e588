"""The product runs while its clock jumps: what was promised is kept, and the log stays in one order.

Only all of its processes together are skewed, as a machine's clock is; time that passes (the monotonic clock)
is left alone, as an adjusted machine leaves it.
"""

import base64
import json
import sys
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from tests.proofs import product
from tests.proofs.faults import serving

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
JUMPS_S = (0, 1200, 0, -3600, 0, 3600)
"""Twenty minutes on and back are within a session; an hour on ends it, an hour back is before it began."""
WITHIN_A_SESSION = (0, 1200)
REFUSED = {-3600: (403, 401), 3600: (401,)}
BACK_S = 1000  # of a jump of 1,200; less would mean that the processes do not see it
SEEN_AFTER_S = 1.5  # the product's parts look at their clocks every second
EACH = 5  # cases filed after a jump

SOUND = {"told": "ok: 70 leaves", "back_s": 1200.0}
PLANTED: dict[str, tuple[list[str], str, dict[str, object], bool]] = {
    "an answer of another kind": (["+1200 s: filing [500]"], "", SOUND, True),
    "a case that is lost": ([], "lost ['case 1']", SOUND, True),
    "a log out of order": ([], "", SOUND | {"told": "log: sequence: 5 after 7"}, True),
    "a clock that nobody moved": ([], "", SOUND | {"back_s": 0.0}, True),
    "a part that fell": ([], "", SOUND, False),
}


def skewed(folder: Path) -> str:
    """Give what is wrong, or nothing."""
    told = folder / "now"
    told.write_text("+0")
    through = (
        "env", f"LD_PRELOAD={LIBRARY}", f"FAKETIME_TIMESTAMP_FILE={told}", "FAKETIME_NO_CACHE=1",
        "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_DONT_RESET=1",
    )
    with serving.served(folder / "up", command=through) as client:
        before = client.processes()
        odd = [each for jump in JUMPS_S if (each := _after(jump, client, told))]
        kept = client.kept()["names"]
        is_same = client.processes() == before
    for status in {each for refused in REFUSED.values() for each in refused}:
        del client.seen.statuses[status]  # judged by when they came
    log = product.step(folder / "up", "clock.running", str(folder / "log"))
    return wrong(odd, serving.wrong(client.seen, kept), log, is_same=is_same)


def wrong(odd: list[str], lost: str, log: dict[str, object], *, is_same: bool) -> str:
    """Judge what was seen; log: what the verifier said, and by how many seconds a leaf is older than the one
    before it.
    """
    checks = {
        "; ".join(odd): odd,
        lost: lost,
        f"log: {log['told']}": not str(log["told"]).startswith("ok"),
        f"the log goes back by {log['back_s']} s: no clock jumped": float(str(log["back_s"])) < BACK_S,
        "a process was started anew": not is_same,
    }
    return "; ".join(text for text, is_so in checks.items() if is_so)


def _after(jump: int, client: serving.Served, told: Path) -> str:
    """Move the clock, file and look around; gives what was answered otherwise than it should."""
    told.write_text(f"{jump:+d}")
    time.sleep(SEEN_AFTER_S)
    statuses = {client.file(f"case {jump} {time.monotonic_ns()}") for _ in range(EACH)}
    wanted = {201} if jump in WITHIN_A_SESSION else set(REFUSED[jump])
    looked = client.look()
    if statuses <= wanted and looked == 200:
        return ""
    return f"{jump:+d} s: filing {sorted(statuses)} instead of {sorted(wanted)}, a page {looked}"


def main(arguments: list[str]) -> int:
    """Run inside the product's settings: export the log into FOLDER and let the verifier look at it."""
    import django

    django.setup()
    from ocapi.kernel.audit import api as audit
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import clock
    from tests.performance.product import KEY
    from tests.proofs.crash.client import wrong_with_log

    folder = Path(arguments[0])
    with tenants.bind(KEY):
        audit.seal(now=clock.now())
        head = audit.export_log(folder=folder)
    lines = [json.loads(line)["leaf"] for line in (folder / "leaves.jsonl").read_text().splitlines()]
    leaves = [json.loads(base64.urlsafe_b64decode(f"{line}==")) for line in lines]
    ats = [datetime.fromisoformat(leaf["at"]) for leaf in leaves]
    back_s = max(((before - at).total_seconds() for before, at in pairwise(ats)), default=0.0)
    print(json.dumps({"told": wrong_with_log(str(folder)) or f"ok: {head.size} leaves", "back_s": back_s}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
