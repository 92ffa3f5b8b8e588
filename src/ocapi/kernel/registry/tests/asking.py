"""The API of one module in its tests: without the guard and the problem bodies, which main adds."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve
from ninja import NinjaAPI, Router

from ocapi.kernel.tenants.testing import NOW
from ocapi.lib.actor import Actor


class RaisingApi(NinjaAPI):
    """Hands failures to the test as they are; main turns them into problems."""

    def on_exception(self, request: Any, exc: Any) -> HttpResponse:
        """Raise it."""
        raise exc


def served(name: str, router: Router) -> RaisingApi:
    """Give the API of a router; its `urls` go into the `urlpatterns` of the test."""
    made = RaisingApi(urls_namespace=f"test-{name}")
    made.add_router("", router)
    return made


def call(method: str, address: str, body: object = None, *, actor: Actor) -> HttpResponse:
    """Ask once as somebody, with a body of JSON unless it is a GET."""
    sent = {} if method == "get" else {"data": json.dumps(body), "content_type": "application/json"}
    request = getattr(RequestFactory(), method)(address, **sent)
    request.actor, request.now = actor, NOW
    match = resolve(request.path)
    return match.func(request, *match.args, **match.kwargs)  # type: ignore[no-any-return]
