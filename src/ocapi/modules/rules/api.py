"""The door of rules."""

from datetime import datetime
from pathlib import Path

from ocapi.lib.dmn import kit
from ocapi.modules.rules.data import KitReport


def run_kit(*, folder: Path, now: datetime) -> KitReport:
    """Answer the DMN Technology Compatibility Kit in a folder; touches no organization. Raises KitMissing.

    Source: github.com/dmn-tck/tck, `TestCases/`. Cases that call Java are told apart and never run.
    """
    return kit.run_kit(folder, now=now)
