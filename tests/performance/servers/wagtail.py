"""The peer for a page: Wagtail's own project template, unchanged but for production's switches.

The site is made once by `wagtail start` and `migrate` and kept in the cache folder by Wagtail's version.
"""

import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

SETTINGS = """from .base import *

DEBUG = False
SECRET_KEY = "bench-only-" + "0" * 50
ALLOWED_HOSTS = ["*"]
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
"""


def version() -> str:
    """Give Wagtail's version, empty when it is not installed."""
    try:
        return metadata.version("wagtail")
    except metadata.PackageNotFoundError:
        return ""


def make(folder: Path, *, cache: Path) -> None:
    """Put a fresh site with its database in a folder; raises CalledProcessError."""
    kept = cache / f"wagtail-{version()}"
    if not kept.exists():
        new = kept.with_name(f"{kept.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        _run(new, "-m", "django", "startproject", "--template", str(_template()), "bench_site", ".")
        (new / "bench_site" / "settings" / "measured.py").write_text(SETTINGS)
        _run(new, "manage.py", "migrate", "--settings", "bench_site.settings.measured", "-v", "0")
        new.rename(kept)
    shutil.copytree(kept, folder, dirs_exist_ok=True)


def _template() -> Path:
    import wagtail

    return Path(wagtail.__file__).parent / "project_template"


def _run(folder: Path, *arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    subprocess.run(
        [sys.executable, *arguments], cwd=folder, check=True, capture_output=True, text=True, env=environment
    )
