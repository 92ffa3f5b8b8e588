"""The sets of SensorThings, how they hang together, and their form as entities (OGC 18-088 clause 8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NoReturn

from ocapi.dataplane.context.entity import Entity
from ocapi.dataplane.context.errors import Refusal
from ocapi.lib.observed import RESULT as RESULT
from ocapi.lib.observed import TERMS as TERMS

DOCUMENT = f"{TERMS}document"
AHEAD = f"{TERMS}ahead"  # until when readings of a moment to come were sent, which are no present state
OBSERVATIONS = "Observations"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySet:
    """One set. required: members a new one must have. one, many: navigation by name to a set.

    back: for `many`, the member of the other set that points here.
    """

    name: str
    kind: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    one: Mapping[str, str] = field(default_factory=dict)
    many: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    @property
    def iri(self) -> str:
        """Give the type of its entities."""
        return TERMS + self.kind

    def members(self) -> tuple[str, ...]:
        """Give the members that hold values."""
        return (*self.required, *self.optional)


def _set(name: str, kind: str, required: str, optional: str = "", **more: Any) -> EntitySet:
    return EntitySet(
        name=name, kind=kind, required=tuple(required.split()), optional=tuple(optional.split()), **more
    )


SETS: Mapping[str, EntitySet] = MappingProxyType(
    {
        each.name: each
        for each in (
            _set(
                "Things",
                "Thing",
                "name description",
                "properties",
                many={
                    "Locations": ("Locations", "Things"),
                    "HistoricalLocations": ("HistoricalLocations", "Thing"),
                    "Datastreams": ("Datastreams", "Thing"),
                },
            ),
            _set(
                "Locations",
                "Location",
                "name description encodingType location",
                "properties",
                many={
                    "Things": ("Things", "Locations"),
                    "HistoricalLocations": ("HistoricalLocations", "Locations"),
                },
            ),
            _set(
                "HistoricalLocations",
                "HistoricalLocation",
                "time",
                one={"Thing": "Things"},
                needs=("Thing",),
                many={"Locations": ("Locations", "HistoricalLocations")},
            ),
            _set(
                "Datastreams",
                "Datastream",
                "name description unitOfMeasurement observationType",
                "observedArea phenomenonTime resultTime properties",
                one={"Thing": "Things", "Sensor": "Sensors", "ObservedProperty": "ObservedProperties"},
                needs=("Thing", "Sensor", "ObservedProperty"),
                many={OBSERVATIONS: (OBSERVATIONS, "Datastream")},
            ),
            _set(
                "Sensors",
                "Sensor",
                "name description encodingType metadata",
                "properties",
                many={"Datastreams": ("Datastreams", "Sensor")},
            ),
            _set(
                "ObservedProperties",
                "ObservedProperty",
                "name definition description",
                "properties",
                many={"Datastreams": ("Datastreams", "ObservedProperty")},
            ),
            _set(
                "FeaturesOfInterest",
                "FeatureOfInterest",
                "name description encodingType feature",
                "properties",
                many={OBSERVATIONS: (OBSERVATIONS, "FeatureOfInterest")},
            ),
            _set(
                OBSERVATIONS,
                "Observation",
                "result",
                "phenomenonTime resultTime resultQuality validTime parameters",
                one={"Datastream": "Datastreams", "FeatureOfInterest": "FeaturesOfInterest"},
                needs=("Datastream",),
            ),
        )
    }
)


def entity_id(name: str, key: str) -> str:
    """Give the id of an entity for the key of a set's member."""
    return f"urn:ocapi:sensorthings:{name}:{key}"


def key_of(entity: Entity) -> str:
    """Give the key of an entity within its set."""
    return entity.id.split(":", 4)[4]


def document_of(entity: Entity) -> dict[str, Any]:
    """Give what was said of a member: its values, and the keys it links to under `@links`."""
    found: dict[str, Any] = entity.attributes[DOCUMENT][""]["json"]
    return found


def shown_key(key: str) -> int | str:
    """Give a key as clients see it: a number for one we or they numbered."""
    return int(key) if key.isascii() and key.isdecimal() and (key == "0" or key[0] != "0") else key


def quoted(key: str) -> str:
    """Give a key as it stands in an address."""
    return key if isinstance(shown_key(key), int) else "'" + key.replace("'", "''") + "'"


def refuse(detail: str, status: int = 400) -> NoReturn:
    """Refuse a request."""
    titles = {
        400: "Bad Request",
        404: "Not Found",
        405: "Method Not Allowed",
        409: "Conflict",
        413: "Content Too Large",
        501: "Not Implemented",
    }
    raise Refusal("", detail, status=status, title=titles[status])
