"""What a rolled back transaction does not take back: files of datasets."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def files_as_before(tenant: object, tmp_path: Path) -> Iterator[None]:
    """Let the files of datasets be after a test what they were before it."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.modules.insight.services import parts

    folder, aside = tenants.folder().joinpath(*parts.FOLDER), tmp_path / "datasets"
    if folder.is_dir():
        shutil.copytree(folder, aside)
    yield
    shutil.rmtree(folder, ignore_errors=True)
    if aside.is_dir():
        shutil.copytree(aside, folder)
