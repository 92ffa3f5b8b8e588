"""The operations by name, and what they all know."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KEY = "crash"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FIELD = "proof_key"
Operation = Callable[[str, datetime], Any]
OPERATIONS: dict[str, Operation] = {}


def operation(function: Operation) -> Operation:
    """Let a client ask for it by its name."""
    OPERATIONS[function.__name__] = function
    return function


def home() -> Path:
    """Give the installation's data folder."""
    from django.conf import settings

    return Path(settings.OCAPI.data)
