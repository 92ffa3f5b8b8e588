"""Names under which readings stand in the log of entities, known to the data plane and to the inventory."""

from collections.abc import Mapping
from typing import Any

TERMS = "https://data.ocapi.example/ns/sensorthings#"
RESULT = f"{TERMS}result"
DETAILS = f"{TERMS}details"
DATASTREAMS = "urn:ocapi:sensorthings:Datastreams:"
DEFAULT = "https://uri.etsi.org/ngsi-ld/default-context/"
FLAGS = f"{DEFAULT}qualityFlags"


def attribute_iri(name: str) -> str:
    """Give the IRI of an attribute by its name in the context every context begins with; an IRI stays."""
    return name if ":" in name else f"{DEFAULT}{name}"


def flags_of(instance: Mapping[str, Any]) -> dict[str, bool]:
    """Give the flags of a reading, and whether each is a fault. instance: as the log holds it."""
    kept = instance.get(FLAGS, {}).get("json")
    if kept is None:
        details = instance.get(DETAILS, {}).get("json", {})
        kept = details.get("resultQuality") if isinstance(details, dict) else None
    found: dict[str, bool] = {}
    for each in kept if isinstance(kept, list) else ():
        if isinstance(each, dict) and isinstance(each.get("nameOfMeasure"), str):
            result = each.get("result")
            found[each["nameOfMeasure"]] = not (isinstance(result, dict) and result.get("pass") is True)
    return found
