"""Result files: one object per scenario in the shape of performance.md §4, compared and shown as a table."""

import json
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from tests.performance import stats
from tests.performance.programs import PROJECT

SCHEMA = "ocapi-bench/1"
PACKAGES = ("django", "wagtail", "granian", "starlette", "aiohttp", "msgspec", "django-ninja")
Document = dict[str, Any]


def document(judged: Document, *, job: str, scenario: str, size: str, seed: int, command: list[str],
             folder: Path, calibration: Document) -> Document:
    """Give the whole object of one scenario."""
    return {
        "schema": SCHEMA, "job": job, "scenario": scenario, "size": size, "seed": seed, "command": command,
        "code": code(), "host": host(folder), "versions": versions(), "settings": judged["settings"],
        "calibration": calibration, "arms": judged["arms"], "rounds": judged["rounds"],
        "ratios": judged["ratios"], "growth": judged["growth"], "notes": judged["notes"],
        "verdict": judged["verdict"], "reasons": judged["reasons"],
    }


def code() -> Document:
    """Give the commit and whether files differ from it."""
    def told(*arguments: str) -> str:
        try:
            done = subprocess.run(
                ["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False
            )
        except FileNotFoundError:
            return ""
        return done.stdout.strip()

    return {"commit": told("rev-parse", "HEAD"), "dirty": bool(told("status", "--porcelain", "-uno"))}


def host(folder: Path) -> Document:
    """Give what the figures depend on of the machine; no name or address of it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    memory = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    return {
        "cpus": len(os.sched_getaffinity(0)), "cpu": cpu, "mem_bytes": memory, "kernel": platform.release(),
        "fs": _file_system(folder), "python": platform.python_version(),
    }


def _file_system(folder: Path) -> str:
    best, kind = "", ""
    for line in Path("/proc/mounts").read_text().splitlines():
        _device, place, name, *_rest = line.split()
        if str(folder.absolute()).startswith(place) and len(place) >= len(best):
            best, kind = place, name
    return kind


def versions() -> dict[str, str]:
    """Give the versions of what serves."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def calibrate() -> Document:
    """Give what one CPU-second is worth here: signatures, hashing and JSON, for readers of other machines."""
    import hashlib

    import msgspec
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key, message = ec.generate_private_key(ec.SECP256R1()), b"x" * 2048
    signature = key.sign(message, ec.ECDSA(hashes.SHA256()))
    public, block = key.public_key(), b"x" * (1 << 20)
    rows = msgspec.json.encode([{"name": "Noor", "n": number, "ok": True} for number in range(1000)])
    return {
        "p256_sign_per_cpu_s": _rate(lambda: key.sign(message, ec.ECDSA(hashes.SHA256()))),
        "p256_verify_per_cpu_s": _rate(lambda: public.verify(signature, message, ec.ECDSA(hashes.SHA256()))),
        "sha256_mb_per_cpu_s": _rate(lambda: hashlib.sha256(block).digest()),
        "json_mb_per_cpu_s": round(_rate(lambda: msgspec.json.decode(rows)) * len(rows) / 1e6, 1),
    }


def _rate(act: Any) -> float:
    until, began, done = perf_counter() + 0.1, process_time(), 0
    while perf_counter() < until:
        act()
        done += 1
    return round(done / max(process_time() - began, 1e-9), 1)


def write(found: Document, path: Path) -> None:
    """Write one result file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def read(path: Path) -> Document:
    """Read one result file; raises ValueError for anything else."""
    found = json.loads(path.read_text())
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise ValueError(f"{path} is no result of ocapi bench")
    return found


def compare(before: Document, after: Document) -> list[str]:
    """Give the gated medians that got worse by more than 15 % without overlapping quartiles.

    Raises ValueError when the two do not measure the same thing.
    """
    for name in ("job", "scenario", "size"):
        if before[name] != after[name]:
            raise ValueError(f"{name} differs: {before[name]} and {after[name]}")
    worse = []
    for key, old in before["ratios"].items():
        new = after["ratios"].get(key)
        if old.get("goal") is None:
            continue
        if new is None:
            worse.append(f"{key}: was {old['median']:.3g}, is no longer measured")
        elif stats.has_fallen(_spread(old), _spread(new), better=old["better"]):
            worse.append(f"{key}: {old['median']:.3g} became {new['median']:.3g}")
    return worse


def _spread(row: Document) -> stats.Spread:
    return stats.Spread(median=row["median"], q1=row["q1"], q3=row["q3"], n=row["n"])


def table(found: list[Document]) -> str:
    """Give a Markdown table of results: what, median with quartiles, goal, met, and where it was measured."""
    rows = ["| job, scenario | figure | median (q1 - q3) | goal | met | size, seed, cores, verdict |",
            "|---|---|---|---|---|---|"]
    for each in found:
        where = f"{each['size']}, {each['seed']}, {each['host']['cpus']}, {each['verdict']}"
        for key, row in each["ratios"].items():
            sign, met = ("≥" if row["better"] == "higher" else "≤"), row.get("met")
            goal = f"{sign} {_short(row['goal'])}" if row.get("goal") is not None else "-"
            rows.append(
                f"| {each['job']} {each['scenario']} | {key} ({row['basis']}) | {_short(row['median'])} "
                f"({_short(row['q1'])} - {_short(row['q3'])}) | {goal} | "
                f"{'-' if met is None else 'yes' if met else '**no**'} | {where} |"
            )
        rows.extend(
            f"| {each['job']} {each['scenario']} | {name} | absent: {arm['absent']} | - | - | {where} |"
            for name, arm in each["arms"].items() if arm.get("absent")
        )
    served = ", ".join(f"{name} {value}" for name, value in found[0]["versions"].items()) if found else ""
    return "\n".join([*rows, "", f"Versions: {served}."])


def _short(value: float) -> str:
    if abs(value) >= 1e6:
        return f"{value / 1e6:.1f} M"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
