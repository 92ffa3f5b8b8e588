"""The contexts requests name: the core one, those kept here, and those in the body. None is fetched."""

from collections.abc import Mapping
from typing import Any

from ocapi.dataplane.context.errors import Refusal, bad
from ocapi.dataplane.context.store import CONTEXT, Store
from ocapi.dataplane.context.vocabulary import CORE_TERMS, Terms, is_core, read_terms
from ocapi.lib import codec

RELATION = "http://www.w3.org/ns/json-ld#context"
PATH = "/ngsi-ld/v1/jsonldContexts/"
MOST_CONTEXTS = 20
KEPT = 200  # compiled contexts in memory, by organization


def from_link(header: str) -> str:
    """Give the address of the context a Link header names; empty when it names none. Raises Refusal."""
    found = []
    for part in header.split(",") if header else ():
        address, _, parameters = part.strip().partition(";")
        names = {
            name.strip().lower(): value.strip().strip('"')
            for name, _, value in (each.partition("=") for each in parameters.split(";"))
        }
        if names.get("rel") == RELATION:
            found.append(address.strip())
    if len(found) > 1:
        raise bad("Link: give one @context")
    if found and not (found[0].startswith("<") and found[0].endswith(">")):
        raise bad("Link: the address stands between < and >")
    return found[0][1:-1].strip() if found else ""


def terms_of(said: object, store: Store) -> Terms:
    """Give the terms of an `@context` as it was said: an address, an object, or a list. Raises Refusal."""
    if said in ("", None, []):
        return CORE_TERMS
    if isinstance(said, str) and is_core(said):
        return CORE_TERMS
    key = codec.encode_json(said).decode()
    held: Terms | None = store.terms_held.get(key)
    if held is None:
        left = [MOST_CONTEXTS]
        terms = _read(said, store, {}, left)
        sources = said if isinstance(said, list) else [said]
        held = Terms(terms, sources)
        if len(store.terms_held) >= KEPT:
            store.terms_held.clear()
        store.terms_held[key] = held
    return held


def _read(said: object, store: Store, known: Mapping[str, str], left: list[int]) -> dict[str, str]:
    left[0] -= 1
    if left[0] < 0:
        raise bad(f"@context: more than {MOST_CONTEXTS} contexts")
    if isinstance(said, list):
        found = dict(known)
        for each in said:
            found = _read(each, store, found, left)
        return found
    if isinstance(said, dict):
        return {**known, **read_terms(said, known)}
    if not isinstance(said, str):
        raise bad("@context: give an address, an object or a list of them")
    if is_core(said):
        return dict(known)
    document = find(said, store)
    if document is None:
        raise Refusal(
            "LdContextNotAvailable",
            "this @context is not kept here and none is fetched; add it at /ngsi-ld/v1/jsonldContexts",
        )
    return _read(document["body"]["@context"], store, known, left)


def find(address: str, store: Store) -> dict[str, Any] | None:
    """Give the context that is kept under an address: of ours, or the one it stands for."""
    held = store.documents(CONTEXT)
    own = address.rpartition(PATH)[2] if PATH in address else address
    if own in held:
        return held[own]
    return next((each for each in held.values() if each.get("url") == address), None)
