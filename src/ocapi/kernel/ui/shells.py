"""Joins what the registered sources know about the shell of one page."""

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from django.http import HttpRequest

from ocapi.kernel.ui.data import ShellContext
from ocapi.kernel.ui.extensions import shell_sources


def shell_of(request: HttpRequest) -> ShellContext:
    """Ask each registered source and join the answers; without sources the defaults stand."""
    return joined(source.context(request) for source in shell_sources)


def joined(parts: Iterable[ShellContext]) -> ShellContext:
    """Join shells: a later field that differs from its default wins, tuples are put one after another."""
    shell = ShellContext()
    for part in parts:
        shell = replace(shell, **dict(_changes(shell, part)))
    return shell


def _changes(shell: ShellContext, part: ShellContext) -> Iterable[tuple[str, Any]]:
    for each in fields(ShellContext):
        value, default = getattr(part, each.name), each.default
        if value == default:
            continue
        yield each.name, (*getattr(shell, each.name), *value) if isinstance(default, tuple) else value
