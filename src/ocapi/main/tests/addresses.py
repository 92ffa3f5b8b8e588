"""Every address of the web that can be asked for without knowing an id."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def addresses() -> list[str]:
    """Give the paths of all routes without a variable part."""
    return sorted({f"/{path}" for path in _paths(get_resolver(), "") if "<" not in path and "(" not in path})


def _paths(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path
        else:
            yield from _paths(pattern, path)
