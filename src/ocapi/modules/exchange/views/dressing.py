"""What the desk pages of exchange share: instants as text."""

from datetime import datetime

from ocapi.lib.clock import BRUSSELS


def moment(instant: datetime | None) -> str:
    """Write an instant for a table, in Brussels time; a dash when there is none."""
    return instant.astimezone(BRUSSELS).strftime("%d/%m/%Y %H:%M") if instant else "–"
