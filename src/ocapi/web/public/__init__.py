"""Pages everybody may see."""

from ocapi.web.public.legal import accessibility, contact, privacy, robots, security_contact
from ocapi.web.public.pages import brand, search

__all__ = ["accessibility", "brand", "contact", "privacy", "robots", "search", "security_contact"]
