"""Loads the content of packs that notify owns: topics."""

from datetime import datetime

from ocapi.kernel.registry.extensions import Loaded, PackFile
from ocapi.modules.notify import api


class TopicLoader:
    """Fills `content_loaders` for files of kind `topics`."""

    name = "topics"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load the topics of a pack; raises MalformedInput."""
        return api.load_topics(file=file, now=now)
