"""Seals passwords for brokers anew when the installation's secret is replaced."""

from pathlib import Path
from uuid import UUID

from ocapi.kernel.tenants import api as tenants
from ocapi.lib.mqtt import passwords


class BrokerPasswords:
    """The passwords of an organization, files beside its log."""

    name = "capture.brokers"

    def count_left(self, *, folder: Path, owner: UUID) -> int:
        """Tell how many are in the clear or under another secret."""
        return len(passwords.left(folder / "capture", sealer=tenants.sealer(), owner=owner))

    def seal_anew(self, *, folder: Path, owner: UUID) -> int:
        """Seal them under the present secret; gives how many were not."""
        return passwords.seal_anew(folder / "capture", sealer=tenants.sealer(), owner=owner)
