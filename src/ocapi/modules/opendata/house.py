"""The organization as publisher, as its settings say, and the mark that tells its people apart."""

from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec
from ocapi.lib.actor import Actor
from ocapi.modules.opendata.describing import House


def get() -> House:
    """Give the organization as publisher."""
    stored = registry.setting("organization.contact")
    contact = codec.decode_untyped(stored.encode()) if stored else {}
    email = contact.get("email") if isinstance(contact, dict) else ""
    return House(
        base=base(),
        name=registry.setting("organization.name") or tenants.current().key,
        email=email if isinstance(email, str) else "",
    )


def base() -> str:
    """Give the prefix of every IRI of the organization."""
    return tenants.current().base_iri.rstrip("/")


def mark_of(actor: Actor) -> bytes:
    """Give a mark that is the same for the same person and tells nothing of who that is."""
    return tenants.keyed_hash(actor.label, salt="opendata.second-person")
