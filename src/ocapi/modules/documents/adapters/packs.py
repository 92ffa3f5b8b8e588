"""Loads the content of packs that documents owns: letters and the names they may use."""

from datetime import datetime

from ocapi.kernel.registry.extensions import Loaded, PackFile
from ocapi.modules.documents import api


class LetterLoader:
    """Fills `content_loaders` for files of kind `letter`."""

    name = "letter"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load one letter template; raises MalformedInput."""
        return api.load_letter(file=file, now=now)


class PlaceholderLoader:
    """Fills `content_loaders` for files of kind `placeholders`."""

    name = "placeholders"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load the list of names; raises MalformedInput."""
        return api.load_placeholders(file=file, now=now)
