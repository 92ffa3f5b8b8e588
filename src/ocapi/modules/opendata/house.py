"""The organization as publisher, as its settings say, and the mark that tells its people apart."""

from datetime import date

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.data import OwnerKind
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec
from ocapi.lib.actor import Actor
from ocapi.lib.dcat import vocabulary as v
from ocapi.modules.opendata.describing import House

NEWEST = "2025"  # edition of the code list of areas

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


def area(*, on: date) -> str:
    """Give the IRI of the area of the organization, by its NIS code of that day and its edition."""
    own = accounts.own_organization(on=on)
    if own is None:
        return ""
    held = accounts.identifiers_of(kind=OwnerKind.ORGANIZATION, owner=own.uuid)
    codes = [each for each in held if each.scheme == "nis" and (each.valid_to is None or each.valid_to > on)]
    return f"{v.REFNIS}{codes[-1].edition or NEWEST}/{codes[-1].value}" if codes else ""


def base() -> str:
    """Give the prefix of every IRI of the organization."""
    return tenants.current().base_iri.rstrip("/")


def mark_of(actor: Actor) -> bytes:
    """Give a mark that is the same for the same person and tells nothing of who that is."""
    return tenants.keyed_hash(actor.label, salt="opendata.second-person")
