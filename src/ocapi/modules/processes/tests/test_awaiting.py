"""What runs wait for: facts of the platform, answers of people. Not covered: the portal's pages."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction

from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants.testing import NOW, a_citizen
from ocapi.modules.documents import api as documents
from ocapi.modules.forms import api as forms
from ocapi.modules.notify import api as notify
from ocapi.modules.processes import api
from ocapi.modules.processes.adapters.lower import DocumentsConnector
from ocapi.modules.processes.data import DefinitionRefused, InstanceState, StepNotPossible
from ocapi.modules.processes.events import MessagePublished
from ocapi.modules.processes.models import CallRow, MessageRow
from ocapi.modules.processes.tests.factories import CLERK, SYSTEM, coupled, deployed, seen, started, worked
from ocapi.modules.processes.tests.test_asking import FORM

TYPE = "be.ocapi.processes.message.published.v1"
KEY = "0192f3c4-5d6e-7f80-9a1b-2c3d4e5f6071"
CITIZEN = a_citizen()
AWAIT = '<intermediateCatchEvent id="a"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'


def fact(name: str) -> str:
    return f'<message id="m" name="{name}" o:correlationKey="place"/>'


def awaiting(*, member: str = "reference"):
    return deployed(AWAIT, "s>a", "a>e", shared=fact(f"{TYPE}#{member}"))


def happens(reference: str, *, name: str = "street.opened") -> None:
    with transaction.atomic():
        outbox.publish(
            MessagePublished(name=name, reference=reference, occasion=UUID(KEY)), actor=CLERK, now=NOW
        )


class TestFact:
    def test_lets_every_run_go_on_that_waits_for_its_value_and_no_other(self, tenant):
        awaiting()
        first, second, other = (started(place=each) for each in ("Markt", "Markt", "Kerk"))
        happens("Markt")
        worked()
        assert [seen(each.uuid).state for each in (first, second, other)] == [
            InstanceState.COMPLETED, InstanceState.COMPLETED, InstanceState.RUNNING,
        ]
        brought = seen(first.uuid).variables["event"]
        assert (brought["type"], brought["reference"], brought["name"]) == (TYPE, "Markt", "street.opened")

    def test_is_taken_up_once_by_each_run_also_when_the_worker_handles_it_again(self, tenant):
        deployed(
            '<exclusiveGateway id="again"/>' + AWAIT, "s>again", "again>a", "a>again",
            shared=fact(f"{TYPE}#reference"),
        )
        run = started(place="Markt")
        happens("Markt")
        worked()
        worked(later=timedelta(days=2))
        path = api.get_path(instance=run.uuid, actor=CLERK)
        assert [each.what for each in path.passages if each.node == "a"].count("left") == 1
        assert not MessageRow.objects.exists()

    def test_waits_for_a_run_that_stands_still(self, tenant):
        awaiting()
        run = started(place="Markt")
        api.suspend(instance=run.uuid, actor=CLERK, now=NOW)
        happens("Markt")
        worked()
        assert seen(run.uuid).state is InstanceState.SUSPENDED
        api.resume(instance=run.uuid, actor=CLERK, now=NOW)
        worked()
        assert seen(run.uuid).state is InstanceState.COMPLETED

    def test_starts_the_process_that_begins_with_it_once(self, tenant):
        deployed(
            '<startEvent id="b"><messageEventDefinition messageRef="m"/></startEvent><userTask id="t"/>',
            "b>t", "s>t", "t>e", shared=f'<message id="m" name="{TYPE}#reference"/>',
        )
        happens("Markt")
        worked()
        worked(later=timedelta(days=1))
        definition = api.list_definitions(actor=CLERK)[0].uuid
        runs = api.list_instances(definition=definition, actor=CLERK).items
        assert [each.business_key for each in runs] == ["Markt"]

    @pytest.mark.parametrize("name", [
        f"{TYPE}#nothing", TYPE, "be.ocapi.nowhere.thing.happened.v1#id", f"{TYPE}#personal",
    ])
    def test_that_nobody_publishes_is_named_at_deployment(self, tenant, name):
        with pytest.raises(DefinitionRefused, match="factUnknown|no fact"):
            deployed(AWAIT, "s>a", "a>e", shared=fact(name))

    def test_can_be_sent_neither_by_a_drawing_nor_by_another_system(self, tenant):
        throw = AWAIT.replace("Catch", "Throw")
        with pytest.raises(DefinitionRefused, match="can't send"):
            deployed(throw, "s>a", "a>e", shared=fact(f"{TYPE}#reference"))
        with pytest.raises(StepNotPossible, match="nameReserved"):
            api.correlate_message(name=f"{TYPE}#reference", key="Markt", variables={}, actor=SYSTEM, now=NOW)

    def test_costs_nothing_for_types_nobody_waits_for(self, tenant):
        assert api.awaited_types() == frozenset()
        awaiting()
        started(place="Markt")
        started(place="Kerk")
        assert api.awaited_types() == {TYPE}


ASK = (
    coupled("a", "forms", "form", "person", "reference")
    + '<boundaryEvent id="late" attachedToRef="a"><timerEventDefinition><timeDuration>P30D</timeDuration>'
    "</timerEventDefinition></boundaryEvent>"
)


def asked(**changes):
    registry.load_pack(name="notifications", now=NOW)
    free = {key: each for key, each in FORM.items() if key not in ("case_type", "service")}
    forms.load_form(definition=forms.read_definition(value={**free, **changes}), now=NOW)
    deployed(ASK, "s>a", "a>e", "late>e")
    run = started(form="nazicht", person=str(CITIZEN.person), reference="AAL-1")
    worked()
    return run


def answered():
    draft = forms.start(form="nazicht", actor=CITIZEN, now=NOW)
    saved = forms.save_section(
        draft=draft.uuid, section="a", raw={"goed": ["true"], "plaats": ["hier"]}, actor=CITIZEN, now=NOW,
        address_form="informal", revision=draft.revision,
    )
    assert not saved.problems
    return forms.submit(draft=draft.uuid, actor=CITIZEN, now=NOW, address_form="informal")


class TestFormsConnector:
    def test_asks_once_waits_and_goes_on_with_the_answers(self, tenant):
        run = asked()
        worked(later=timedelta(days=1, minutes=1))
        assert seen(run.uuid).nodes == ("a",) and not seen(run.uuid).incidents
        (message,) = notify.list_inbox(actor=CITIZEN, now=NOW).items
        assert message.link == "/loket/nazicht/" and message.reference == "AAL-1"
        sent = answered()
        worked(later=timedelta(days=1, minutes=1))
        held = seen(run.uuid)
        assert held.state is InstanceState.COMPLETED and held.variables["submission"] == str(sent.uuid)
        assert held.variables["answers"] == {"goed": True, "plaats": "hier"}
        assert forms.answers_request(submission=sent.uuid)

    def test_is_not_answered_by_what_was_sent_before_it_asked(self, tenant):
        run = asked()
        answered()
        worked()
        second = started(form="nazicht", person=str(CITIZEN.person), reference="AAL-2")
        worked()
        assert seen(run.uuid).state is InstanceState.COMPLETED and seen(second.uuid).nodes == ("a",)

    def test_stops_asking_when_its_term_is_over(self, tenant):
        run = asked()
        worked(later=timedelta(days=31))
        assert seen(run.uuid).state is InstanceState.COMPLETED and not CallRow.objects.exists()
        worked(later=timedelta(days=33))  # the look of the next day finds the step gone
        told = [each.topic for each in notify.list_inbox(actor=CITIZEN, now=NOW).items]
        assert sorted(told) == ["form_asked", "form_withdrawn"]
        answered()
        worked(later=timedelta(days=34))

    def test_calls_off_what_it_asked_when_its_run_is_stopped_and_says_so_once(self, tenant):
        run = asked()
        api.cancel(instance=run.uuid, actor=CLERK, now=NOW)
        worked()
        api.run_call(call=UUID(KEY), now=NOW)  # of no request
        worked(later=timedelta(days=2))
        told = [each.topic for each in notify.list_inbox(actor=CITIZEN, now=NOW).items]
        assert sorted(told) == ["form_asked", "form_withdrawn"]
        assert not forms.answers_request(submission=answered().uuid)

    def test_calls_off_nothing_that_was_answered_before_its_run_was_stopped(self, tenant):
        run = asked()
        sent = answered()
        api.cancel(instance=run.uuid, actor=CLERK, now=NOW)
        worked()
        assert [each.topic for each in notify.list_inbox(actor=CITIZEN, now=NOW).items] == ["form_asked"]
        assert forms.answers_request(submission=sent.uuid)

    def test_refuses_for_good_a_form_that_makes_a_case_of_its_own(self, tenant):
        run = asked(case_type="nazicht")
        assert [each.reason for each in seen(run.uuid).incidents] == ["FormOpensCase"]


class TestDocumentsConnector:
    def test_gives_the_same_document_for_the_same_key(self, tenant):
        registry.load_pack(name="letters", now=NOW)
        letter = documents.list_letters()[0]
        values = {
            "template": letter.code, "values": dict.fromkeys(letter.placeholders, "x"),
            "about": str(CITIZEN.person), "reference": "r",
        }
        first, again, other = (
            DocumentsConnector().call(values=values, key=key, timeout_seconds=5, now=NOW)["document"]
            for key in (KEY, KEY, KEY[:-1] + "2")
        )
        assert first == again != other
