"""Profiles of content packs."""

from datetime import datetime

from ocapi.kernel.registry.extensions import Loaded, PackFile
from ocapi.modules.linkeddata import api


class ProfileLoader:
    """Makes a data service of a profile in our own form."""

    name = "dataProfile"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Make the service once; a service that runs by another version of the profile is left as it is."""
        return api.load_profile(file=file, now=now)
