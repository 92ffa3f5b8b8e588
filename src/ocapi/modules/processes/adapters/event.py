"""The connector `event`: publishes that something happened, for whoever subscribed by webhook or bus."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from ocapi.modules.processes import api
from ocapi.modules.processes.data import Variables
from ocapi.modules.processes.extensions import ConnectorFailed


class EventConnector:
    """Fills `connectors`. name: of what happened; reference: what it is about, such as a case's number."""

    name = "event"
    inputs: Mapping[str, str] = {"name": "string", "reference": "string"}
    outputs: Mapping[str, str] = {}
    timeout_seconds = 5
    retries = 4

    def call(self, *, values: Variables, key: str, timeout_seconds: int, now: datetime) -> Variables:
        """Publish it; tried again it is published again with the same occasion."""
        name = str(values["name"]).strip()
        if not name:
            raise ConnectorFailed("nameMissing", is_final=True)
        api.publish_message(name=name, reference=str(values["reference"]), occasion=UUID(key), now=now)
        return {}

    def check_config(self) -> str:
        """Give an empty text: it needs no setting."""
        return ""
