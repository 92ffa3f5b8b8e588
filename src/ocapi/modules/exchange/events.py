"""Facts that exchange publishes."""

from uuid import UUID

from ocapi.lib.envelope import Fact, event


@event("be.ocapi.exchange.application.registered.v1")
class ApplicationRegistered(Fact):
    """Emitted when a machine account is registered; not when its scopes or keys are looked at."""

    application: UUID
    client_id: str
    scopes: tuple[str, ...]


@event("be.ocapi.exchange.application.revoked.v1")
class ApplicationRevoked(Fact):
    """Emitted when a machine account is revoked; not when a token of it expires."""

    application: UUID
    client_id: str
