"""Collected static files, served by the data plane so that style sheets arrive even while web is down."""

import os
import re
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

HASHED = re.compile(r"\.[0-9a-f]{8,32}\.[A-Za-z0-9.]+$")
FOREVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=60"


class Static(StaticFiles):
    """Files below the collected folder; a name that carries its content's hash is kept for ever."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Give the file (gzip beside it when there is one and the client takes it) with its life."""
        path, asked = os.fspath(full_path), Headers(scope=scope)
        is_packed = "gzip" in asked.get("accept-encoding", "") and os.path.exists(f"{path}.gz")
        if is_packed:
            packed = f"{path}.gz"
            response = super().file_response(packed, os.stat(packed), scope, status_code)
            if not isinstance(response, NotModifiedResponse):
                response.headers["content-encoding"] = "gzip"
                response.headers["content-type"] = _kind(path)
        else:
            response = super().file_response(path, stat_result, scope, status_code)
        response.headers["cache-control"] = FOREVER if HASHED.search(path) else SHORTLY
        response.headers["vary"] = "Accept-Encoding"
        response.headers["x-content-type-options"] = "nosniff"
        return response


def _kind(path: str) -> str:
    import mimetypes

    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
