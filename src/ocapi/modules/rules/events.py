"""Facts of rules; none holds personal data."""

from uuid import UUID

from ocapi.lib.envelope import Fact, event


@event("be.ocapi.rules.model.deployed.v1")
class ModelDeployed(Fact):
    """Emitted when a decision model gets a new version; not when the same file is saved again."""

    model: UUID
    key: str
    version: int
    sha256: str
