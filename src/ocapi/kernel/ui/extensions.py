"""Extension points of the screens: who the tenant is, who acts, what the menus hold, what waits for staff."""

from typing import Protocol

from django.http import HttpRequest

from ocapi.kernel.ui.data import DeskNote, ShellContext
from ocapi.lib.registry import Registry


class ShellSource(Protocol):
    """Fills a part of the page shell for one request.

    `context` returns a ShellContext with only its own fields set. Sources are joined in order of
    registration: a later field that differs from its default wins, tuples (menus, links, messages) are put
    one after another.
    It is asked once per page, also for error pages, so it must not raise when nobody is signed in.
    """

    name: str

    def context(self, request: HttpRequest) -> ShellContext:
        """Give what this source knows about the shell of the page that answers `request`."""
        ...


shell_sources: Registry[ShellSource] = Registry(ShellSource)


class DeskNoteSource(Protocol):
    """Says what waits behind one link of the desk; `name` is the link's `url_name`."""

    name: str

    def note(self, request: HttpRequest) -> DeskNote:
        """Give what waits for whom asks; called only for readers who may follow the link."""
        ...


desk_notes: Registry[DeskNoteSource] = Registry(DeskNoteSource)
