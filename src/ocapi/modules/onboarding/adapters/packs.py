"""Loads `processes` files of content packs."""

from dataclasses import dataclass
from datetime import datetime

from ocapi.kernel.registry.extensions import Loaded, PackFile
from ocapi.lib import codec
from ocapi.modules.onboarding import api
from ocapi.modules.onboarding.data import ReferenceProcess


@dataclass(frozen=True, slots=True, kw_only=True)
class _Process:
    number: int
    title: str
    iri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    title: str
    iri: str
    processes: tuple[_Process, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Domain:
    code: str
    title: str
    iri: str
    groups: tuple[_Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    domains: tuple[_Domain, ...]


class ProcessesLoader:
    """Loads reference processes keyed by IRI."""

    name = "processes"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        read = codec.decode_yaml(file.raw, _File)
        processes = [
            ReferenceProcess(
                number=each.number, title=each.title, iri=each.iri, group=group.title, domain=domain.code,
                domain_title=domain.title,
            )
            for domain in read.domains for group in domain.groups for each in group.processes
        ]
        return Loaded(written=api.load_processes(processes=processes, now=now))
