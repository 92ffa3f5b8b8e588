"""Facts of opendata: what came into the catalogue, changed in it, and left it."""

from ocapi.lib.envelope import Fact, event


@event("be.ocapi.opendata.dataset.published.v1")
class DatasetPublished(Fact):
    """Emitted when a dataset is in the catalogue for the first time or again, or its description changed;
    not when only its rows were renewed.

    iri: its name. code: the last part of its page's address.
    is_harvested: it came from a catalogue elsewhere.
    """

    iri: str
    code: str
    title: str
    is_harvested: bool


@event("be.ocapi.opendata.dataset.withdrawn.v1")
class DatasetWithdrawn(Fact):
    """Emitted when a dataset left the catalogue, so that its page and files answer 410 from then on; not when
    a proposal was turned down that was never published.
    """

    iri: str
    code: str
    is_harvested: bool
