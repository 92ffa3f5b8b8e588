"""The planes stay apart. Not covered: what the import contracts already see in the source."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
HEAVY = ("pandas", "polars", "pyarrow", "duckdb", "rdflib", "pyshacl", "pyoxigraph", "typst")


def loaded_by(module: str, folder: Path) -> set[str]:
    """Give the top-level modules a fresh interpreter holds after importing one."""
    environment = {
        **os.environ, "OCAPI_DATA": str(folder), "OCAPI_DEMO": "1", "OCAPI_SECRET": "x" * 40,
        "PYTHONPATH": str(PROJECT / "src"),
    }
    code = f"import {module}, sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=PROJECT
    )
    return set(done.stdout.split())


class TestDataPlane:
    def test_importing_it_loads_no_django_and_nothing_heavy(self, tmp_path: Path) -> None:
        found = loaded_by("ocapi.main.asgi", tmp_path)
        assert "starlette" in found
        assert not found & {"django", *HEAVY}


class TestSupervisor:
    def test_it_holds_neither_django_nor_a_server(self, tmp_path: Path) -> None:
        found = loaded_by("ocapi.main.supervisor", tmp_path)
        assert not found & {"django", "granian", "starlette", "aiohttp", "cryptography", *HEAVY}


class TestWeb:
    def test_importing_it_loads_nothing_heavy(self, tmp_path: Path) -> None:
        found = loaded_by("ocapi.main.wsgi", tmp_path)
        assert "django" in found
        assert not found & set(HEAVY)
