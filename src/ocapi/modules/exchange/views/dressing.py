"""What the edges of exchange share: instants as text, and which receivers stand on this machine."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings

from ocapi.lib import written

OWN_MACHINE = ("localhost", "127.0.0.1")


def is_own_machine(url: str) -> bool:
    """Tell whether a receiver stands on this machine, which only a demo allows: to try webhooks at home."""
    try:
        return bool(settings.OCAPI.is_demo) and urlsplit(url).hostname in OWN_MACHINE
    except ValueError:
        return False


def moment(instant: datetime | None) -> str:
    """Write an instant for a table, in Brussels time; a dash when there is none."""
    return written.moment(instant) if instant else "–"
