"""Loaders of the file kinds that services owns, and the domains as the shipped code list names them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from ocapi.kernel.registry.extensions import Loaded, PackFile
from ocapi.lib import codec
from ocapi.modules.services import api
from ocapi.modules.services.data import DomainTitle


class ServiceLoader:
    """Loads one product text."""

    name = "service"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load the file in one transaction."""
        return api.load_service(file=file, now=now)


class LifeEventLoader:
    """Loads the list of life events."""

    name = "lifeEvents"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load the file in one transaction."""
        return api.load_life_events(file=file, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Title:
    nl: str
    en: str
    fr: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Domain:
    code: str
    order: int
    icon: str
    title: _Title
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Domains:
    domains: tuple[_Domain, ...]


class PackDomains:
    """The domains of the shipped code list, until a higher module brings the organization's own."""

    name = "pack"

    def __init__(self) -> None:
        self._read: tuple[DomainTitle, ...] | None = None

    def list_domains(self) -> tuple[DomainTitle, ...]:
        """Give the shipped domains in order; the file is read once, its edition belongs to the release."""
        if self._read is None:
            path = Path(settings.OCAPI.project) / "content" / "smart-city-domains" / "domains.yaml"
            found = codec.decode_yaml(path.read_bytes(), _Domains).domains
            self._read = tuple(
                DomainTitle(code=d.code, title_nl=d.title.nl, title_en=d.title.en, icon=d.icon)
                for d in sorted(found, key=lambda domain: domain.order)
            )
        return self._read
