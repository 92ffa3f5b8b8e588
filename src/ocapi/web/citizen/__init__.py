"""Pages of signed-in citizens and companies that no module owns."""

from ocapi.web.citizen.powers import grant, overview, revoke

__all__ = ["grant", "overview", "revoke"]
