"""The database server stops at once, again and again, while the product serves."""

import time
from pathlib import Path

from tests.proofs.crash.stores import Postgres
from tests.proofs.faults.serving import Served, served, wrong

EVERY_S = 5.0
BACK_WITHIN_S = 10.0
PAUSE_S = 0.02


def cut_off(folder: Path, *, seconds: float) -> tuple[str, str]:
    """Stop the server at once every five seconds; gives what is wrong, and what there is to tell."""
    store = Postgres(folder / "database")
    try:
        with served(folder / "up", cache=folder / "filled", more=store.settings_of("up")) as client:
            before = client.processes()
            slowest, number, cuts = 0.0, 0, max(int(seconds // EVERY_S), 1)
            for cut in range(cuts):
                number = _ask_until(client, time.monotonic() + EVERY_S / 2, number)
                store.stop_at_once()
                number = _ask_until(client, time.monotonic() + EVERY_S / 4, number)
                store.start()
                slowest = max(slowest, client.until_filed(f"after {cut}", within_s=60.0))
            for name in sorted(client.seen.doubtful):
                client.until_filed(name, within_s=20.0)  # a client repeats what it does not know
            is_same = client.processes() == before
            kept = client.kept()["names"]
        found = wrong(client.seen, kept)
        doubtful = client.seen.statuses[503] + client.seen.statuses[0]
        checks = {
            found: found,
            "nothing was refused: the database was not away": not doubtful,
            f"it took {slowest:.1f} s to take cases again": slowest > BACK_WITHIN_S,
            "a process was started anew": not is_same,
        }
        return (
            "; ".join(text for text, is_so in checks.items() if is_so),
            f"database stopped at once {cuts} ×: {len(client.seen.acknowledged)} cases kept, "
            f"{doubtful} answers of 503, taking cases again after at most {slowest:.1f} s",
        )
    finally:
        store.close()


def _ask_until(client: Served, until: float, number: int) -> int:
    while time.monotonic() < until:
        number += 1
        client.file(f"case {number}")
        time.sleep(PAUSE_S)  # the pace of a client
    return number
