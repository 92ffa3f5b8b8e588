"""Connectors to the modules beneath: messages of notify, letters of documents, decisions of rules."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from ocapi.lib import actor
from ocapi.modules.documents import api as documents
from ocapi.modules.documents import data as documents_data
from ocapi.modules.notify import api as notify
from ocapi.modules.notify import data as notify_data
from ocapi.modules.processes import api
from ocapi.modules.processes.data import Value, Variables
from ocapi.modules.processes.extensions import ConnectorFailed
from ocapi.modules.rules import api as rules
from ocapi.modules.rules.data import DecisionFailed, DecisionNotFound

SYSTEM = actor.system("processes.call")


def _texts(value: Value) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ConnectorFailed("inputType", is_final=True)
    return {name: "" if each is None else str(each) for name, each in value.items()}


def _uuid(value: Value) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise ConnectorFailed("personUnknown", is_final=True) from None


class NotifyConnector:
    """Fills `connectors`: a message to a person. person: uuid; values: text by placeholder of the topic."""

    name = "notify"
    inputs: Mapping[str, str] = {
        "person": "string", "topic": "string", "values": "context", "link": "string", "reference": "string",
    }
    outputs: Mapping[str, str] = {"message": "string"}
    timeout_seconds = 5
    retries = 2

    def call(self, *, values: Variables, key: str, timeout_seconds: int, now: datetime) -> Variables:
        """Send it once per key."""
        try:
            sent = notify.send(
                person=_uuid(values["person"]), topic=str(values["topic"]), values=_texts(values["values"]),
                link=str(values["link"]), reference=str(values["reference"]), address_form=api.address_form(),
                key=f"process:{key}", actor=SYSTEM, now=now,
            )
        except (notify_data.TopicUnknown, notify_data.PlaceholderMissing, notify_data.LinkRefused) as refusal:
            raise ConnectorFailed(type(refusal).__name__, is_final=True) from None
        return {"message": str(sent.uuid)}

    def check_config(self) -> str:
        """Give an empty text: topics come with content packs."""
        return ""


class DocumentsConnector:
    """Fills `connectors`: a letter. about: uuid of the person who may read it; values: by placeholder."""

    name = "documents"
    inputs: Mapping[str, str] = {
        "template": "string", "values": "context", "about": "string", "reference": "string",
    }
    outputs: Mapping[str, str] = {"document": "string"}
    timeout_seconds = 10
    retries = 2

    def call(self, *, values: Variables, key: str, timeout_seconds: int, now: datetime) -> Variables:
        """Make it; with the same key the same document."""
        try:
            made = documents.render(
                template=str(values["template"]), values=_texts(values["values"]),
                address_form=api.address_form(),
                about=(_uuid(values["about"]),), reference=str(values["reference"]), key=f"process:{key}",
                actor=SYSTEM, now=now,
            )
        except (documents_data.LetterUnknown, documents_data.PlaceholderMissing) as refusal:
            raise ConnectorFailed(type(refusal).__name__, is_final=True) from None
        return {"document": str(made.uuid)}

    def check_config(self) -> str:
        """Give an empty text: letters come with content packs."""
        return ""


class RulesConnector:
    """Fills `connectors`: a decision whose name is known only while the process runs."""

    name = "rules"
    inputs: Mapping[str, str] = {"decision": "string", "facts": "context"}
    outputs: Mapping[str, str] = {"result": "any"}
    timeout_seconds = 5
    retries = 0

    def call(self, *, values: Variables, key: str, timeout_seconds: int, now: datetime) -> Variables:
        """Ask it; it changes nothing."""
        facts = values["facts"] if isinstance(values["facts"], dict) else {}
        try:
            found = rules.evaluate(decision=str(values["decision"]), facts=facts, actor=SYSTEM, now=now)
        except (DecisionNotFound, DecisionFailed) as refusal:
            raise ConnectorFailed(type(refusal).__name__, is_final=True) from None
        return {"result": found.value}  # type: ignore[dict-item]

    def check_config(self) -> str:
        """Give an empty text: models are loaded at the desk."""
        return ""
