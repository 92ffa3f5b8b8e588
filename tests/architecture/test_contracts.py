"""The import contracts: kept by the tree, and each one refuses a planted violation.
Not covered: test_rules.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.rules import PROJECT

DECLARED_IGNORES = 11
"""The doors of contract 3; the list may only shrink."""

PLANTED = {
    "1-layers": ("lib/planted_layer.py", "from ocapi.kernel.tenants import api\n"),
    "2-modules": ("modules/documents/planted.py", "from ocapi.modules.cases import api\n"),
    "3-doors": ("modules/portal/planted_door.py", "from ocapi.modules.cases import models\n"),
    "4-inside": ("modules/cases/data.py", "from ocapi.modules.cases import services\n"),
    "5-thin-edges": ("modules/cases/views.py", "def f():\n    from ocapi.modules.cases import models\n"),
    "6-pure": ("dataplane/planted.py", "def f():\n    import django.http\n"),
    "7-acyclic": ("lib/planted_a.py", "from ocapi.lib import planted_b\n"),
    "8-kernel": ("kernel/tenants/planted.py", "from ocapi.kernel.audit import api\n"),
}


def lint(source: Path, configuration: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "lint-imports", "--config", configuration, "--no-cache"]
    return subprocess.run(
        command, cwd=configuration.parent, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(source), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
    )


class TestContracts:
    def test_are_kept_by_the_source_tree(self):
        done = lint(PROJECT / "src", PROJECT / ".importlinter")
        assert done.returncode == 0, done.stdout[-3000:]

    def test_each_refuse_a_planted_violation(self, tmp_path: Path):
        copy = tmp_path / "src"
        shutil.copytree(
            PROJECT / "src", copy, ignore=shutil.ignore_patterns("__pycache__", "tests", "static")
        )
        for where, text in PLANTED.values():
            path = copy / "ocapi" / where
            path.write_text((path.read_text() if path.exists() else '"""Planted."""\n') + text)
        (copy / "ocapi" / "lib" / "planted_b.py").write_text("from ocapi.lib import planted_a\n")
        shutil.copy(PROJECT / ".importlinter", tmp_path / ".importlinter")
        done = lint(copy, tmp_path / ".importlinter")
        assert done.returncode != 0
        broken = re.findall(r"^(.*) BROKEN", done.stdout, re.MULTILINE)
        assert len(broken) == len(PLANTED), done.stdout[-4000:]

    def test_refuse_a_module_nobody_placed(self, tmp_path: Path):
        copy = tmp_path / "src"
        shutil.copytree(
            PROJECT / "src", copy, ignore=shutil.ignore_patterns("__pycache__", "tests", "static")
        )
        (copy / "ocapi" / "modules" / "parking").mkdir()
        (copy / "ocapi" / "modules" / "parking" / "__init__.py").write_text("")
        shutil.copy(PROJECT / ".importlinter", tmp_path / ".importlinter")
        assert lint(copy, tmp_path / ".importlinter").returncode != 0

    def test_ignore_nothing_beyond_the_declared_doors(self):
        text = (PROJECT / ".importlinter").read_text()
        ignored = [line for line in text.splitlines() if re.match(r"\s+ocapi\S* -> ", line)]
        assert len(ignored) <= DECLARED_IGNORES


@pytest.mark.parametrize("entry", ["ocapi.main.asgi", "ocapi.dataplane.app"])
class TestPlanes:
    def test_import_no_django_in_the_data_plane(self, entry):
        program = f"import {entry}, sys; print([m for m in sys.modules if m.split('.')[0] == 'django'])"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False,
                              env={"PYTHONPATH": str(PROJECT / "src"), "OCAPI_DEMO": "1"})
        assert done.stdout.strip() == "[]", done.stderr[-800:]
