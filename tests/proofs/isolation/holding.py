"""One filled organization: what is known of it, and the marks that its texts hold."""

from dataclasses import dataclass, field
from typing import Any

from ocapi.kernel.tenants.data import Tenant
from tests.proofs.isolation.canary import Canaries


@dataclass(slots=True, kw_only=True)
class House:
    """One filled organization. own, other: identifiers by route parameter, of the first and second citizen.

    cookies: session by party. token: of a machine account with every scope; narrow: with a single one;
    clients: the ids of both accounts.
    texts: what a filter may ask for. pair: the keys of its machine accounts.
    """

    tenant: Tenant
    marks: Canaries
    own: dict[str, str] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    narrow: str = ""
    clients: tuple[str, str] = ("", "")
    texts: dict[str, str] = field(default_factory=dict)
    pair: Any = None

    @property
    def host(self) -> str:
        """Give the name it is served under."""
        return self.tenant.hosts[0]
