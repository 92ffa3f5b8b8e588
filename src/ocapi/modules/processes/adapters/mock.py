"""The connector `mock`: gives back what it was given, to try a process before its systems are connected."""

from collections.abc import Mapping
from datetime import datetime

from ocapi.modules.processes.data import Variables


class MockConnector:
    """Fills `connectors`; touches nothing outside."""

    name = "mock"
    inputs: Mapping[str, str] = {}
    outputs: Mapping[str, str] = {}
    timeout_seconds = 1
    retries = 0

    def call(self, *, values: Variables, key: str, timeout_seconds: int, now: datetime) -> Variables:
        """Give back the values."""
        return dict(values)

    def check_config(self) -> str:
        """Give an empty text: it always works."""
        return ""
