"""Loads `principles` files of content packs."""

from dataclasses import dataclass
from datetime import datetime

from ocapi.kernel.registry.extensions import Loaded, PackFile
from ocapi.lib import codec
from ocapi.modules.governance import api
from ocapi.modules.governance.data import Principle


@dataclass(frozen=True, slots=True, kw_only=True)
class _Title:
    nl: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measure:
    fact: str
    better: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    code: str
    kind: str
    order: int
    title: _Title
    statement: str
    measured_by: _Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    principles: tuple[_Entry, ...]
    supporting: tuple[_Entry, ...] = ()


class PrinciplesLoader:
    """Loads principles keyed by code; a second load renews their texts."""

    name = "principles"

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        read = codec.decode_yaml(file.raw, _File)
        principles = [
            Principle(
                code=each.code,
                kind=each.kind,
                order=each.order,
                title=each.title.nl,
                statement=each.statement,
                fact=each.measured_by.fact,
                better=each.measured_by.better,
                measured_by=each.measured_by.text,
            )
            for each in (*read.principles, *read.supporting)
        ]
        return Loaded(written=api.load_principles(principles=principles, now=now))
