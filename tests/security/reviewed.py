"""The reviewed tables by themselves: every hole and every contradiction named, before anything is asked."""

import csv
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
PARTIES = (
    "anonymous",
    "citizen_self",
    "citizen_other",
    "represented",
    "clerk",
    "policy_maker",
    "dpo",
    "tenant_admin",
    "collective_admin",
    "supplier",
    "peer_system",
    "suspended",
)
CELLS = frozenset({"allow", "own", "deny", "hide", "login", "na"})
WORDS = {
    "personal": {"yes", "no"},
    "min_loa": {"none", "low", "substantial", "high"},
    "four_eyes": {"yes", "no"},
    "leaf": {"none", "consultation", "change"},
    "surface": {"public", "citizen", "desk", "rest", "file", "command", "dataplane"},
}
OPEN = frozenset({"allow", "own"})
Rows = list[dict[str, str]]


def tables() -> tuple[Rows, Rows]:
    """Read policy.csv and routes.csv."""
    found = []
    for name in ("policy.csv", "routes.csv"):
        with (HERE / name).open(newline="") as file:
            found.append(list(csv.DictReader(file)))
    return found[0], found[1]


def faults(policy: Rows, routes: Rows) -> list[str]:
    """Name every hole and contradiction as `operation.column: what`, or `route: what`."""
    return [*_holes(policy), *_contradictions(policy), *_routes(policy, routes)]


def _holes(policy: Rows) -> Iterator[str]:
    seen: set[str] = set()
    for row in policy:
        name = row["operation"]
        if name in seen:
            yield f"{name}: reviewed twice"
        seen.add(name)
        for party in PARTIES:
            if not row.get(party):
                yield f"{name}.{party}: empty; say allow, own, deny, hide, login or na"
            elif row[party] not in CELLS:
                yield f"{name}.{party}: {row[party]!r} is no cell"
        for column, words in WORDS.items():
            if row.get(column) not in words:
                yield f"{name}.{column}: {row.get(column)!r}, not one of {sorted(words)}"


def _contradictions(policy: Rows) -> Iterator[str]:
    for row in policy:
        name = row["operation"]
        if row["personal"] == "yes" and row["anonymous"] in OPEN:
            yield f"{name}.anonymous: {row['anonymous']}, and the data are personal"
        if row["personal"] == "yes" and row["leaf"] == "none":
            yield f"{name}.leaf: none, and the data are personal"
        if row["citizen_self"] == "own" and row["citizen_other"] in OPEN:
            yield f"{name}.citizen_other: {row['citizen_other']}, and citizens see their own only"
        if row["leaf"] == "change" and row["suspended"] in OPEN:
            yield f"{name}.suspended: {row['suspended']}, and it changes something"
        if row["anonymous"] == "allow" and any(row[party] == "deny" for party in ("citizen_self", "clerk")):
            yield f"{name}.anonymous: allow, and who signs in is denied"
        if row["represented"] in OPEN and row["citizen_self"] not in OPEN:
            yield f"{name}.represented: {row['represented']}, more than the person itself may"


def _routes(policy: Rows, routes: Rows) -> Iterator[str]:
    known = {row["operation"] for row in policy}
    for row in routes:
        operations = f"{row['operation']} {row['changes']}".split()
        if not row["operation"]:
            yield f"{row['route']!r}: no operation"
        for each in operations:
            if not each.startswith("open:") and each not in known:
                yield f"{row['route']!r}: {each} is not in the policy table"
