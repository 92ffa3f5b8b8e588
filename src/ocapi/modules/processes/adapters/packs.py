"""Fills `registry.content_loaders`: processes of content packs."""

from datetime import datetime

from ocapi.kernel.registry.extensions import Loaded, PackFile
from ocapi.modules.processes import api


class ProcessLoader:
    """Loads files of kind `process`: BPMN 2.0, each executable process a version."""

    name = "process"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load the file; raises MalformedInput, DefinitionRefused, StepNotPossible."""
        if api.load_drawing(raw=file.raw, now=now):
            return Loaded(written=1)
        return Loaded(written=0, unchanged=1)
