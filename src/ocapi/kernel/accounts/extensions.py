"""What others fill: who draws the pages of sign-in; `ui` stands above accounts and registers itself."""

from typing import Protocol

from django.http import HttpRequest, HttpResponse

from ocapi.lib.registry import Registry


class PageMaker(Protocol):
    """Answers with a page inside the shell of the platform; registered once, under the name `ui`."""

    name: str

    def page(
        self, request: HttpRequest, template: str, *, status: int = 200, **context: object
    ) -> HttpResponse:
        """Answer with a template that extends one of the shells."""


page_makers: Registry[PageMaker] = Registry(PageMaker)
