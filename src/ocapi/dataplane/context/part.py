"""The part below /ngsi-ld/v1: its routes, both slash forms, and names in the path with their escapes."""

from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ocapi.dataplane.context import batches, discovery, entities
from ocapi.dataplane.context.door import Door
from ocapi.dataplane.context.history import Histories
from ocapi.dataplane.context.notifying import Notifiers
from ocapi.dataplane.context.subscribing import Subscribing
from ocapi.dataplane.context.temporal import Temporal

PREFIX = "/ngsi-ld/"
PREFIXES = (PREFIX, "/sta/")


def routes(door: Door, notifiers: Notifiers, histories: Histories) -> list[Route]:
    """Give every route of NGSI-LD."""
    return [
        *entities.routes(door),
        *batches.routes(door),
        *discovery.routes(door),
        *Subscribing(notifiers).routes(door),
        *Temporal(histories).routes(door),
    ]


class BothSlashForms:
    """Takes the slash at the end away, and keeps `%2F` in a part of the path apart from a slash."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on with the path its routes are written for."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIXES):
            raw = scope.get("raw_path") or scope["path"].encode()
            path = raw.partition(b"?")[0].decode("latin-1").rstrip("/")
            scope = dict(scope, path=path if path.startswith(PREFIXES) else scope["path"].rstrip("/"))
        await self._app(scope, receive, send)
