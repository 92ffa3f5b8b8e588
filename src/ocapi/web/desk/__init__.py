"""Pages of the staff that join modules: the start of the desk and the organization's settings."""

from ocapi.web.desk import staff
from ocapi.web.desk.brand import settings
from ocapi.web.desk.start import start

__all__ = ["settings", "staff", "start"]
