"""The brokers of others that readings are taken from; the data plane connects by the policy snapshot."""

from datetime import datetime

from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import actor
from ocapi.lib.mqtt import mapping, passwords
from ocapi.lib.snapshot import Broker
from ocapi.modules.capture.data import BadBrokers, UnknownBroker

SETTING = "capture.brokers"


def every() -> tuple[Broker, ...]:
    """Give the brokers of the bound organization; none when what is kept is no longer understood."""
    try:
        return mapping.read(registry.setting(SETTING))
    except mapping.BadLine:
        return ()


def replace(*, text: str, now: datetime) -> None:
    """Read from other brokers from now on; raises BadBrokers with nothing changed."""
    try:
        mapping.read(text)
    except mapping.BadLine as refusal:
        raise BadBrokers(str(refusal)) from None
    registry.save_setting(name=SETTING, value=text, actor=actor.system("capture"), now=now)


def keep_password(*, broker: str, password: str) -> None:
    """Keep a password, sealed, where only the account of the installation reads it; raises UnknownBroker."""
    if broker not in {each.name for each in every()}:
        raise UnknownBroker(broker)
    passwords.keep(
        tenants.folder() / "capture", broker, password.encode(),
        sealer=tenants.sealer(), owner=tenants.current().uuid,
    )


def seal_passwords() -> int:
    """Seal what an earlier release kept in the clear; gives how many were."""
    capture, owner = tenants.folder() / "capture", tenants.current().uuid
    return passwords.seal_anew(capture, sealer=tenants.sealer(), owner=owner)
