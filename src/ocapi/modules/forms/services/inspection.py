"""The linter of forms: nobody is asked what a connected source knows."""

import re
from collections.abc import Iterator

from ocapi.modules.forms.data import Field, FormDefinition, Wording
from ocapi.modules.forms.extensions import KnownFact, PrefillSource, prefill_sources

_ADDRESSING = re.compile(r"\b(uw|je|jouw|mijn|de|het)\b")


def problems(definition: FormDefinition) -> Iterator[str]:
    """Give each question a connected source could answer, and each source that is named but not connected."""
    for field in definition.fields:
        if field.prefill is None:
            yield from _asked_in_vain(field)
            continue
        source = prefill_sources.find(field.prefill.source)
        if source is None:
            yield f"{field.code}: source {field.prefill.source} is not connected; name another one"
        elif field.prefill.path not in {fact.path for fact in source.knows}:
            yield f"{field.code}: {source.title} does not know {field.prefill.path}; use a path it lists"


def _asked_in_vain(field: Field) -> Iterator[str]:
    for source in prefill_sources:
        for fact in source.knows:
            if _asks(field, fact):
                yield _advice(field, source, fact)
                return


def _asks(field: Field, fact: KnownFact) -> bool:
    labels = (
        (field.label.formal, field.label.informal) if isinstance(field.label, Wording) else (field.label,)
    )
    plain = {" ".join(_ADDRESSING.sub(" ", label.lower()).strip(" ?:").split()) for label in labels}
    return (
        field.type in fact.types
        or (bool(field.autocomplete) and field.autocomplete in fact.autocomplete)
        or bool(plain & set(fact.labels))
    )


def _advice(field: Field, source: PrefillSource, fact: KnownFact) -> str:
    return (
        f"{field.code}: {source.title} knows this already; "
        f"add prefill {{source: {source.name}, path: {fact.path}}} or leave the question out"
    )
