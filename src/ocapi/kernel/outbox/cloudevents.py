"""Facts as CloudEvents 1.0: with our own type inside, with the BelGIF type at the webhook edge."""

from ocapi.kernel.outbox.data import Published, json_object
from ocapi.lib import envelope

CONTENT_TYPE = "application/cloudevents+json"


def to_cloud_event(published: Published, base_iri: str) -> dict[str, object]:
    """Give the structured-mode event; its source is the organization's IRI. Without the personal part."""
    return envelope.cloud_event(
        event_id=published.uuid, event_type=published.type, source=base_iri, subject=published.subject,
        occurred_at=published.occurred_at, sequence=published.sequence,
        data=json_object(published.data), trace_id=published.trace_id,
    )


def public_type(published: Published) -> tuple[str, str]:
    """Give BelGIF type and service: `be.ocapi.cases.v1.cases.notify.closed`, `be.ocapi.cases.v1`."""
    prefix, owner, module, _subject, verb, version = published.type.split(".")
    service = f"{prefix}.{owner}.{module}.{version}"
    return f"{service}.{published.resources}.notify.{verb}", service


def to_public_event(published: Published, base_iri: str) -> dict[str, object]:
    """Give the event as subscribers outside receive it; trace ids stay inside."""
    event_type, service = public_type(published)
    event = to_cloud_event(published, base_iri)
    event.pop("traceid", None)
    return {**event, "type": event_type, "service": service}
