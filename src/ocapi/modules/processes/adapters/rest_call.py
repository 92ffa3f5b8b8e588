"""The connector `rest`: calls a listed system outside, with a key that stays the same."""

from collections.abc import Callable, Mapping
from datetime import datetime

from ocapi.modules.processes import api
from ocapi.modules.processes.data import Variables


class RestConnector:
    """Fills `connectors`. connection: code of a listed system; path: under its base address."""

    name = "rest"
    inputs: Mapping[str, str] = {"connection": "string", "method": "string", "path": "string", "body": "any"}
    outputs: Mapping[str, str] = {"status": "number", "body": "any"}
    timeout_seconds = 20
    retries = 4

    def call(self, *, values: Variables, key: str, timeout_seconds: int, now: datetime) -> Variables:
        """Call it; the key goes along as Idempotency-Key. Raises ConnectorFailed, with 4xx as its error."""
        return self.prepare(values=values, key=key, timeout_seconds=timeout_seconds, now=now)()

    def prepare(
        self, *, values: Variables, key: str, timeout_seconds: int, now: datetime
    ) -> Callable[[], Variables]:
        """Give the call, to be made later. Raises ConnectorFailed."""
        return api.prepare_call(
            connection=str(values["connection"]), method=str(values["method"]).upper(),
            path=str(values["path"]), body=values["body"], key=key, timeout_seconds=timeout_seconds,
        )

    def check_config(self) -> str:
        """Give an empty text: each connection has a test of its own."""
        return ""
