"""The policy table in memory: manifests fill it at start-up, tests compare it with the reviewed one."""

from collections.abc import Iterator

from ocapi.kernel.access.data import Operation


class DuplicateOperation(ValueError):
    """Two manifests declare an operation of the same name."""


class PolicyTable:
    """Every operation of the platform by its name."""

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}

    def add(self, operation: Operation) -> None:
        """Add one row; raises DuplicateOperation."""
        if operation.name in self._operations:
            raise DuplicateOperation(operation.name)
        self._operations[operation.name] = operation

    def find(self, name: str) -> Operation | None:
        """Give the row of that name, or None."""
        return self._operations.get(name)

    def __iter__(self) -> Iterator[Operation]:
        return iter(sorted(self._operations.values(), key=lambda operation: operation.name))


operations = PolicyTable()
