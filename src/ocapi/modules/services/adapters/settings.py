"""Follows the setting how an organization addresses its people: search shows products in that form."""

from datetime import datetime

from ocapi.modules.services import api


class SearchInForm:
    """Puts products into search again, in the form they are addressed in now."""

    name = "services.search"
    setting = "organization.address_form"

    def follow(self, *, now: datetime) -> None:
        """Put every product into search again."""
        api.reindex(now=now)
