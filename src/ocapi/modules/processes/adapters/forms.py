"""The connector `forms`: asks a person a form, and goes on with the answers once it was sent."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.db import transaction

from ocapi.lib import actor
from ocapi.lib.actor import Subject
from ocapi.modules.forms import api as forms
from ocapi.modules.forms.data import FormNotFound, FormOpensCase, worded
from ocapi.modules.notify import api as notify
from ocapi.modules.notify.data import PlaceholderMissing, TopicUnknown
from ocapi.modules.processes import api
from ocapi.modules.processes.data import Variables
from ocapi.modules.processes.extensions import ConnectorFailed, StillWaiting

SYSTEM = actor.system("processes.call")
TOPIC, TOPIC_WITHDRAWN = "form_asked", "form_withdrawn"
LOOK_AGAIN = timedelta(days=1)  # the answer wakes it at once; this is for a fact that was lost in a restore


class FormsConnector:
    """Fills `connectors`. form: its code. person: uuid of who is asked. reference: such as the case's number.

    The step waits until the form is sent; a timer at its edge can end that. A clerk is asked by a user task.
    """

    name = "forms"
    inputs: Mapping[str, str] = {"form": "string", "person": "string", "reference": "string"}
    outputs: Mapping[str, str] = {"answers": "context", "submission": "string"}
    timeout_seconds = 5
    retries = 2

    def call(self, *, values: Variables, key: str, timeout_seconds: int, now: datetime) -> Variables:
        """Ask once per key, with a message in the inbox; give the answers by code when they are there."""
        try:
            owner = Subject(kind="person", uuid=UUID(str(values["person"])))
        except ValueError:
            raise ConnectorFailed("personUnknown", is_final=True) from None
        form, reference = str(values["form"]), str(values["reference"])
        try:
            with transaction.atomic():  # asked and told, or neither
                asked = forms.ask(
                    form=form, owner=owner, reference=reference, key=api.occasion_of(key), actor=SYSTEM,
                    now=now,
                )
                if asked.is_new:
                    self._tell(owner.uuid, form=form, reference=reference, key=key, now=now)
        except (FormNotFound, FormOpensCase, TopicUnknown, PlaceholderMissing) as refusal:
            raise ConnectorFailed(type(refusal).__name__, is_final=True) from None
        if asked.submission is None:
            raise StillWaiting(LOOK_AGAIN)
        answers = forms.read_facts(submission=asked.submission, actor=SYSTEM, now=now)
        return {"answers": cast("Variables", answers), "submission": str(asked.submission)}  # type: ignore[dict-item]

    def withdraw(self, *, key: str, now: datetime) -> None:
        """Close the request of a step that is gone and tell the person, once; nothing for one answered."""
        with transaction.atomic():  # closed and told, or neither
            closed = forms.withdraw(key=api.occasion_of(key), actor=SYSTEM, now=now)
            if closed is None or closed.owner.kind != "person":
                return
            self._send(
                TOPIC_WITHDRAWN, closed.owner.uuid, form=closed.form, reference=closed.reference,
                link="/mijn/", key=f"process:{key}:withdrawn", now=now,
            )

    def _tell(self, person: UUID, *, form: str, reference: str, key: str, now: datetime) -> None:
        link = f"/loket/{form}/"
        self._send(TOPIC, person, form=form, reference=reference, link=link, key=f"process:{key}", now=now)

    def _send(
        self, topic: str, person: UUID, *, form: str, reference: str, link: str, key: str, now: datetime
    ) -> None:
        title = worded(forms.get_form(code=form).title, api.address_form())
        notify.send(
            person=person, topic=topic, values={"title": title, "reference": reference}, link=link,
            reference=reference, address_form=api.address_form(), key=key, actor=SYSTEM, now=now,
        )

    def check_config(self) -> str:
        """Give an empty text: forms come with packs or from the designer."""
        return ""
