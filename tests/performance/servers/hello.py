"""The limit of serving: the least an ASGI application can do, behind the server we use."""

_BODY = b"hello"
_START = {
    "type": "http.response.start", "status": 200,
    "headers": [(b"content-type", b"text/plain"), (b"content-length", b"5")],
}


async def application(scope, receive, send):
    """Answer every request with five bytes."""
    if scope["type"] != "http":
        return
    await send(_START)
    await send({"type": "http.response.body", "body": _BODY})
