"""Loads `domains` files of content packs, and tells modules below the domains of the organization."""

from dataclasses import dataclass
from datetime import datetime

from ocapi.kernel.registry.extensions import Loaded, PackFile
from ocapi.lib import codec
from ocapi.modules.insight import api
from ocapi.modules.insight.data import Domain
from ocapi.modules.services.data import DomainTitle


@dataclass(frozen=True, slots=True, kw_only=True)
class _Title:
    nl: str
    en: str
    fr: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    code: str
    order: int
    icon: str
    title: _Title
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    domains: tuple[_Entry, ...]


class DomainsLoader:
    """Loads the smart-city domains keyed by code; a second load renews their texts and order."""

    name = "domains"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load the file in one transaction."""
        read = codec.decode_yaml(file.raw, _File)
        domains = [
            Domain(
                code=each.code,
                title=each.title.nl,
                title_en=each.title.en,
                icon=each.icon,
                description=each.description,
            )
            for each in sorted(read.domains, key=lambda entry: entry.order)
        ]
        return Loaded(written=api.load_domains(domains=domains, now=now))


class OwnDomains:
    """The domains as the organization orders them, for the service catalogue."""

    name = "insight"

    def list_domains(self) -> tuple[DomainTitle, ...]:
        """Give the domains in order; empty before the pack is loaded."""
        return tuple(
            DomainTitle(code=each.code, title_nl=each.title, title_en=each.title_en, icon=each.icon)
            for each in api.list_domains()
        )
