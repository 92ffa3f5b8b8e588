"""What the demo identity provider knows: test persons and where they may be sent back to, in one file.

The file is written by the demo loader (which runs under the platform's own settings) and read by the
provider's process; the two share no database.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ocapi.lib import codec, durable
from ocapi.lib.actor import Capacity

LEVELS = ("low", "substantial", "high")
GROUP_OF_CAPACITY = {Capacity.CITIZEN: "BUR", Capacity.STAFF: "LB", Capacity.ENTERPRISE: "EA"}
CALLBACK = "/account/oidc/acm/login/callback/"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestPerson:
    """One way to sign in: a person in a capacity at an organization, with the highest level it can reach.

    code: unique, `fien-boomgaard.citizen`. subject: the same for every capacity of one person. tenant: key of
    the organization it is offered at, empty for everywhere. organization_code: KBO of the organization acted
    for, or the tenant's key in a demo. national_number: synthetic only.
    """

    __test__ = False  # not a class of tests

    code: str
    subject: str
    given_name: str
    family_name: str
    national_number: str
    capacity: Capacity
    level: str
    tenant: str = ""
    email: str = ""
    organization_code: str = ""
    organization_name: str = ""
    roles: tuple[str, ...] = ()

    def levels(self) -> tuple[str, ...]:
        """Give the levels this person can sign in with, the highest first."""
        return tuple(reversed(LEVELS[: LEVELS.index(self.level) + 1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioning:
    """The whole content of the file."""

    redirect_uris: tuple[str, ...]
    persons: tuple[TestPerson, ...]

    def find(self, code: str) -> TestPerson | None:
        """Find a test person by code, or None."""
        return next((person for person in self.persons if person.code == code), None)


NOTHING = Provisioning(redirect_uris=(), persons=())


def redirect_uris(*, keys: Iterable[str], port: int) -> tuple[str, ...]:
    """Give where organizations take the answer: under their own host name and under their path prefix."""
    return tuple(
        address
        for key in keys
        for address in (
            f"http://{key}.localhost:{port}{CALLBACK}",
            f"http://localhost:{port}/o/{key}{CALLBACK}",
        )
    )


def file_of(folder: Path) -> Path:
    """Give the path of the provisioning file under the provider's folder."""
    return folder / "provisioning.json"


def key_of(folder: Path) -> Path:
    """Give the path of the provider's signing key."""
    return folder / "signing-key.pem"


def write(*, folder: Path, uris: Iterable[str], persons: Iterable[TestPerson]) -> None:
    """Write what the provider knows, and its RS256 key when there is none.

    A running provider takes it over.
    """
    durable.make_directory(folder)
    folder.chmod(0o700)
    if not key_of(folder).exists():
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        durable.write_file(key_of(folder), pem)
    content = Provisioning(redirect_uris=tuple(uris), persons=tuple(persons))
    durable.write_file(file_of(folder), codec.encode_json(content))


def read(folder: Path) -> Provisioning:
    """Read what the provider knows; nothing when it was never provisioned."""
    path = file_of(folder)
    return codec.decode_json(durable.read_file(path), Provisioning) if path.exists() else NOTHING
