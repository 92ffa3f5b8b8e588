"""Typed registry instances: an extension point is owned below and filled above, through the manifests."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class DuplicateName(ValueError):
    """Two providers claim the same name at one extension point."""


class UnknownName(LookupError):
    """No provider of that name is registered; `known` lists those that are."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{name!r} is not registered; known: {', '.join(known) or 'none'}")
        self.name = name
        self.known = known


class Registry(Generic[T]):
    """The providers of one extension point by their `name`, in order of registration.

    `protocol` is the Protocol each provider must satisfy: every public attribute it names must exist.
    """

    def __init__(self, protocol: type[T]) -> None:
        self.protocol = protocol
        self._providers: dict[str, T] = {}
        self._required = tuple(name for name in _public_names(protocol))

    def add(self, provider: T | Callable[[], T]) -> None:
        """Register a provider, or a class that is called once without arguments to make one."""
        made = provider() if isinstance(provider, type) else provider
        missing = [name for name in self._required if not hasattr(made, name)]
        if missing:
            raise TypeError(f"{type(made).__name__} lacks {', '.join(missing)} of {self.protocol.__name__}")
        name: str = made.name  # type: ignore[union-attr]
        if name in self._providers:
            raise DuplicateName(f"{name!r} is registered twice at {self.protocol.__name__}")
        self._providers[name] = made  # type: ignore[assignment]

    def get(self, name: str) -> T:
        """Give the provider of that name, or raise UnknownName with the known ones."""
        try:
            return self._providers[name]
        except KeyError:
            raise UnknownName(name, tuple(self._providers)) from None

    def find(self, name: str) -> T | None:
        """Give the provider of that name, or None."""
        return self._providers.get(name)

    def __iter__(self) -> Iterator[T]:
        return iter(self._providers.values())

    def __len__(self) -> int:
        return len(self._providers)


def _public_names(protocol: type) -> set[str]:
    names = {"name"}
    for kind in protocol.__mro__:
        if kind.__name__ in ("Protocol", "Generic", "object"):
            continue
        names |= {n for n in vars(kind) if not n.startswith("_")}
        names |= {n for n in getattr(kind, "__annotations__", {}) if not n.startswith("_")}
    return names
