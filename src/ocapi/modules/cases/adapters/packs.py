"""Fills `registry.content_loaders`: case types of content packs."""

from datetime import datetime

from ocapi.kernel.registry.extensions import Loaded, PackFile
from ocapi.modules.cases import api


class CaseTypeLoader:
    """Loads files of kind `caseType`; a file is one case type."""

    name = "caseType"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load the file; raises MalformedInput, CaseTypeRefused."""
        if api.load_case_type(raw=file.raw, now=now):
            return Loaded(written=1)
        return Loaded(written=0, unchanged=1)
