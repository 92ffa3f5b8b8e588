"""Ways from one organization to another that no address shows: binding, caches, keys, files, events, logs.

Each channel gives what is wrong with it, or nothing.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connections

from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import TenantUnbound, WrongTenant
from ocapi.lib import clock, ids
from tests.proofs.isolation import asking, canary, judging
from tests.proofs.isolation.holding import House

Houses = dict[str, House]
Channel = Callable[[Houses], str]
CHANNELS: dict[str, Channel] = {}
PERSONS = ("first", "second")
PLACEHOLDERS = ("due_on", "reference", "title")  # of the letter that is sent


def channel(function: Channel) -> Channel:
    """List a channel by its name."""
    CHANNELS[function.__name__.replace("_", " ")] = function
    return function


def _refused(act: Callable[[], object], *kinds: type[BaseException]) -> str:
    try:
        got = act()
    except kinds:
        return ""
    return f"not refused: {got!r}"[:200]


@channel
def nested_binding(houses: Houses) -> str:
    """A second organization inside the first is refused."""

    def nest() -> object:
        with tenants.bind("alpha"), tenants.bind("beta"):
            return tenants.current().key

    return _refused(nest, WrongTenant)


@channel
def alias_of_another(houses: Houses) -> str:
    """The connection of another organization is not given out."""
    with tenants.bind("alpha"):
        return _refused(lambda: connections["t_beta"].alias, WrongTenant)


@channel
def nothing_bound(houses: Houses) -> str:
    """Without a binding nothing is read, in a new thread neither: it inherits none."""
    from ocapi.kernel.accounts.models import PersonRow

    told: list[str] = []
    with tenants.bind("alpha"):
        PersonRow.objects.count()
        thread = threading.Thread(
            target=lambda: told.append(_refused(lambda: PersonRow.objects.count(), TenantUnbound))
        )
        thread.start()
        thread.join()
    return told[0] or _refused(lambda: PersonRow.objects.count(), TenantUnbound)


@channel
def instance_of_another(houses: Houses) -> str:
    """A row read in one organization is neither saved, refreshed nor deleted in another."""
    from ocapi.kernel.accounts.models import PersonRow

    with tenants.bind("alpha"):
        row = PersonRow.objects.first()
    with tenants.bind("beta"):
        return (
            _refused(row.save, WrongTenant)
            or _refused(row.refresh_from_db, WrongTenant)
            or _refused(row.delete, WrongTenant)
        )


@channel
def lazy_rows(houses: Houses) -> str:
    """A query made under one binding and run under another never gives rows of the first."""
    from ocapi.kernel.accounts.models import PersonRow

    with tenants.bind("alpha"):
        rows = PersonRow.objects.values_list("family_name", flat=True)
        names = _yielded(PersonRow.objects.values_list("family_name", flat=True))
    with tenants.bind("beta"):
        try:
            told = " ".join([*rows, *names])
        except WrongTenant:
            return ""
    found = canary.found_in(told.encode(), [houses["alpha"].marks])
    return f"rows of alpha under beta: {found}" if found else ""


def _yielded(rows: Any) -> Any:
    yield from rows


@channel
def cache_entries(houses: Houses) -> str:
    """A cache entry belongs to who made it; every key in the store says whose it is."""
    cache.clear()
    with tenants.bind("alpha"):
        cache.set("proof", houses["alpha"].marks.text("inner"), 60)
        tenants.cached("proof", generation=0, compute=lambda: "of alpha")
    with tenants.bind("beta"):
        if cache.get("proof") is not None:
            return "beta reads alpha's cache entry"
        if tenants.cached("proof", generation=0, compute=lambda: "of beta") != "of beta":
            return "beta reads alpha's kept value"
    known = {str(house.tenant.uuid) for house in houses.values()}
    foreign = [key for key in cache._cache if not any(uuid in key for uuid in known)]
    return f"keys without organization: {foreign[:3]}" if foreign else ""


@channel
def keys_and_signatures(houses: Houses) -> str:
    """What one organization signs, hashes or encrypts means nothing to another."""
    from cryptography.exceptions import InvalidTag
    from django.core.signing import BadSignature

    with tenants.bind("alpha"):
        signed = tenants.signer("proof").sign("x")
        hashed = tenants.keyed_hash("x", salt="proof")
        hidden = tenants.encrypt("x", context="proof")
    with tenants.bind("beta"):
        if tenants.keyed_hash("x", salt="proof") == hashed:
            return "the same keyed hash"
        return _refused(lambda: tenants.signer("proof").unsign(signed), BadSignature) or _refused(
            lambda: tenants.decrypt(hidden, context="proof"), InvalidTag
        )


@channel
def page_cache(houses: Houses) -> str:
    """A page kept for one host is not given to another."""
    from ocapi.dataplane.pagecache import PageCache, Request

    kept = PageCache(ceiling=1 << 20, page_ceiling=1 << 20, generation=lambda key: 0)
    for house in houses.values():
        request = Request(host=house.host, path="/", query="", cookies="", headers={})
        if kept.find(request, at=0.0) is not None:
            return f"{house.host} gets a page of another"
        kept.keep(
            request,
            body=house.marks.mark.encode(),
            headers=(),
            tenant=house.tenant.key,
            tags=(),
            life_s=60,
            at=0.0,
        )
    return ""


@channel
def files_of_another(houses: Houses) -> str:
    """A file's identifier opens nothing elsewhere, and equal bytes are stored once per organization."""
    from uuid import UUID

    from ocapi.kernel.files import api as files
    from ocapi.kernel.files.data import FileNotFound
    from ocapi.kernel.files.store import blob_path

    with tenants.bind("beta"):
        wrong = _refused(lambda: files.get(file=UUID(houses["alpha"].own["file"])), FileNotFound)
        own = blob_path("0" * 64)
    with tenants.bind("alpha"):
        return wrong or ("one folder for both" if own == blob_path("0" * 64) else "")


@channel
def search_index(houses: Houses) -> str:
    """The index of one organization finds nothing of another, exactly or by likeness."""
    from ocapi.kernel.search import api as search

    with tenants.bind("beta"):
        for audience in ("public", "citizen", "desk"):
            found = search.find(text=houses["alpha"].marks.text("public"), audience=audience)
            told = f"{found.hits}{found.suggestion}".encode()
            if canary.found_in(told, [houses["alpha"].marks]):
                return f"beta finds {found.hits}"
    with tenants.bind("alpha"):
        hits = search.find(text=houses["alpha"].marks.text("public")).hits
    return "" if hits else "alpha does not find its own page: this channel sees nothing"


@channel
def facts_to_neighbors(houses: Houses) -> str:
    """A fact reaches another organization only when that one follows the sender; its personal part never."""
    from ocapi.kernel.jobs import neighbors
    from ocapi.kernel.jobs.data import NotFollowed
    from ocapi.kernel.outbox import api as outbox
    from ocapi.lib import codec

    alpha = houses["alpha"]
    with tenants.bind("alpha"):
        facts = outbox.list_since(sequence=0, limit=1000)
        sent = [codec.encode_json(outbox.to_cloud_event(fact, alpha.tenant.base_iri)) for fact in facts]
    if not sent:
        return "no facts: this channel sees nothing"
    for body in sent:
        if any(owner in PERSONS for _key, owner in canary.found_in(body, [alpha.marks])):
            return f"a person's text in an event: {body[:200]!r}"
    with tenants.bind("beta"):
        return _refused(
            lambda: neighbors.receive(body=sent[0], source=alpha.tenant.base_iri, now=clock.now()),
            NotFollowed,
        )


@channel
def mail(houses: Houses) -> str:
    """A letter holds marks of its own organization only."""
    from ocapi.kernel.jobs import api as jobs
    from ocapi.modules.notify import api as notify
    from ocapi.modules.notify.extensions import channels

    box, held = _PostBox(), channels._providers.get("email")
    channels._providers["email"] = box
    try:
        for house in houses.values():
            with tenants.bind_tenant(house.tenant):
                notify.send(
                    person=ids.new_uuid(clock.now()),
                    topic="case_received",
                    link="/mijn/",
                    values=dict.fromkeys(PLACEHOLDERS, house.marks.text("first")),
                    reference="x",
                    address_form="formal",
                    key=f"proof{ids.token(4)}",
                    actor=_system(),
                    now=clock.now(),
                )
                for _ in range(20):
                    if not jobs.visit(now=clock.now(), budget_ms=5_000).did:
                        break
    finally:
        if held is None:
            channels._providers.pop("email")
        else:
            channels._providers["email"] = held
    for key, text in box.sent:
        found = canary.found_in(text.encode(), [each.marks for name, each in houses.items() if name != key])
        if found:
            return f"a letter of {key} holds {found}"
    return "" if len(box.sent) >= len(houses) else f"{len(box.sent)} letters: this channel sees nothing"


class _PostBox:
    name = "email"

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def find_address(self, *, person: object) -> str:
        return "noor@example.org"

    def deliver(self, *, parcel: Any) -> Any:
        from ocapi.modules.notify.data import DeliveryState, Outcome

        self.sent.append((tenants.current().key, repr(parcel)))
        return Outcome(state=DeliveryState.SENT)

    def check_config(self) -> str:
        return ""


def _system() -> Any:
    from ocapi.lib import actor

    return actor.system("proof")


@channel
def error_pages(houses: Houses) -> str:
    """A failure of ours shows nothing of its cause, and leaves nothing bound."""
    from ocapi.kernel.registry import api as registry

    text, kept = houses["beta"].marks.text("first"), registry.settings_of

    def fail(module: str) -> Any:
        raise RuntimeError(text)

    registry.settings_of = fail
    try:
        for house in (houses["alpha"], houses["beta"]):
            try:
                reply = asking.ask(house.host, "GET", "/", headers={})
            except RuntimeError:
                continue  # before a page could be made: front answers with its own
            if canary.found_in(reply.raw, [houses["beta"].marks]):
                return "the cause of a failure is shown"
    finally:
        registry.settings_of = kept
    return "still bound" if tenants.find_current() else ""


@channel
def audit_export(houses: Houses) -> str:
    """An exported log holds its own organization's leaves alone, and no text of a person."""
    from ocapi.kernel.audit import api as audit

    for key, house in houses.items():
        folder = Path(settings.OCAPI.data) / "exports" / key
        with tenants.bind_tenant(house.tenant):
            audit.export_log(folder=folder)
        for file in folder.rglob("*"):
            if file.is_file():
                found = canary.found_in(file.read_bytes(), [each.marks for each in houses.values()])
                if any(name != key or owner in PERSONS for name, owner in found):
                    return f"{file.name} of {key}: {found}"
    return ""


@channel
def commands(houses: Houses) -> str:
    """A command told to work for one organization says nothing of another."""
    import contextlib
    import io

    from ocapi.kernel.registry import api as registry
    from ocapi.main import commands as shell

    told = io.StringIO()
    wanted = [
        (manifest.name, command.name)
        for manifest in registry.list_manifests()
        for command in manifest.commands
        if command.needs_tenant and not _has_arguments(command.function)
    ]
    for words in wanted:
        with (
            judging.undone(houses["alpha"]),
            contextlib.redirect_stdout(told),
            contextlib.redirect_stderr(told),
        ):
            if shell.run(["--tenant", "alpha", *words]) not in (0, 2):  # 2: refused with a reason
                return f"{' '.join(words)} failed: {told.getvalue()[-200:]}"
    found = canary.found_in(told.getvalue().encode(), [houses["beta"].marks, houses["gamma"].marks])
    return f"{found}" if found else ("" if wanted else "no command: this channel sees nothing")


def _has_arguments(function: str) -> bool:
    from importlib import import_module

    module, _, name = function.rpartition(".")
    return hasattr(import_module(module), f"{name}_arguments")


@channel
def stored_bytes(houses: Houses) -> str:
    """Every file of one organization holds its own marks only; what is shared holds no person's."""
    root = Path(settings.OCAPI.data)
    held = 0
    for file in sorted(root.rglob("*")):
        if not file.is_file() or "exports" in file.parts:
            continue
        where = file.relative_to(root).parts
        found = canary.found_in(file.read_bytes(), [each.marks for each in houses.values()])
        held += bool(found)
        if where[0] == "tenants":
            foreign = {key for key, _owner in found} - {where[1]}
            if foreign:
                return f"{file.relative_to(root)} holds {foreign}"
        elif any(owner in PERSONS for _key, owner in found):
            return f"{file.relative_to(root)} holds {found}"
    return "" if held >= len(houses) else "no marks in any file: this channel sees nothing"
