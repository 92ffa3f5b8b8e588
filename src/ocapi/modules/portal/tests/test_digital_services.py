"""The digital services that are shipped, from form to letter. Not covered: pages."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ocapi.kernel.audit.testing import leaves_of, persons_of
from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import clock, written
from ocapi.lib.actor import Actor
from ocapi.modules.cases import api as cases
from ocapi.modules.cases.data import CaseDetail
from ocapi.modules.forms import api as forms
from ocapi.modules.forms.data import Address, FieldType, FormNotFound, PrefillState
from ocapi.modules.forms.extensions import FieldRef, Prefilled, prefill_sources
from ocapi.modules.portal import api as portal
from ocapi.modules.processes import api as processes
from ocapi.modules.processes.data import Instance, InstanceState

PACKS = ("letters", "notifications", "case-types", "forms", "decisions", "workflows")
WORKFLOWS = Path(__file__).parents[5] / "content" / "workflows"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
CLERK = a_staff_member("clerk")
HOME = Address(street_name="Kerkstraat", house_number="2", postal_code="9880", municipality="Aalter")
KNOWN = {"person.given_name": "An", "person.family_name": "Peeters", "person.birth_date": "1985-07-02"}
JOBS = ("jobs.handle", "processes.call", "processes.fire_timers", "processes.deliver")
DAY = timedelta(days=1)


class Register:
    """The national register as it answers in these tests."""

    name = "national-register"
    title = "Rijksregister"
    knows = ()

    def __init__(self) -> None:
        self.state = PrefillState.OK

    def fetch(self, *, fields: tuple[FieldRef, ...], **_request: object) -> tuple[Prefilled, ...]:
        """Give what is known of An Peeters, or say that it is down."""
        if self.state is not PrefillState.OK:
            return tuple(Prefilled(field=each.field, state=self.state) for each in fields)
        return tuple(
            Prefilled(
                field=each.field, state=PrefillState.OK,
                value=HOME if each.type is FieldType.ADDRESS else KNOWN[each.path],
            )
            for each in fields
        )


def load_packs() -> None:
    """Load what is shipped."""
    for pack in PACKS:
        registry.load_pack(name=pack, now=NOW)


pytestmark = pytest.mark.stocked(by=load_packs)


@pytest.fixture
def register(tenant: object) -> Iterator[Register]:
    """Connect a register to the organization that holds what is shipped."""
    held = prefill_sources._providers.pop("national-register")
    source = Register()
    prefill_sources.add(source)
    yield source
    prefill_sources._providers["national-register"] = held


@pytest.fixture
def citizen() -> Actor:
    """Give who asks."""
    return a_citizen()


def asked(
    form: str, citizen: Actor, answers: Mapping[str, object], *, files: tuple[str, ...] = ()
) -> CaseDetail:
    """Fill in a form from start to end and send it; let the worker do what follows."""
    draft = forms.start(form=form, actor=citizen, now=NOW)
    raw = {name: text if isinstance(text, list) else [str(text)] for name, text in answers.items()}
    for section in forms.get_form(code=form).sections:
        for field in {each.code for each in section.fields} & set(files):
            draft = forms.attach(
                draft=draft.uuid, field=field, name="bewijs.pdf", chunks=[PDF], actor=citizen, now=NOW
            )
        outcome = forms.save_section(
            draft=draft.uuid, section=section.code, raw=raw, actor=citizen, now=NOW, address_form="informal",
            revision=draft.revision,
        )
        assert outcome.problems == (), outcome.problems
        draft = outcome.draft
    sent = portal.send(draft=draft.uuid, actor=citizen, now=NOW, address_form="informal")
    worked()
    return cases.get_case(case=sent.case, actor=CLERK, now=NOW)


def worked(*, later: timedelta = timedelta(0)) -> None:
    """Let the worker do what is due, until nothing is."""
    for _each in range(30):
        if not jobs.visit(now=NOW + later, budget_ms=5_000, only=JOBS).did:
            return


def again(case: CaseDetail) -> CaseDetail:
    """Give the case as it is now."""
    return cases.get_case(case=case.uuid, actor=CLERK, now=NOW)


def run_of(case: CaseDetail) -> Instance:
    """Give the run of the process about a case."""
    found = [
        line.uuid
        for each in processes.list_definitions(actor=CLERK)
        for line in processes.list_instances(definition=each.uuid, actor=CLERK).items
        if line.business_key == case.reference
    ]
    assert len(found) == 1, found
    return processes.get_instance(instance=found[0], actor=CLERK, now=NOW)


def waiting(case: CaseDetail) -> dict[str, str]:
    """Give the open tasks about a case: the group each is for, by title."""
    listed = processes.list_tasks(actor=CLERK, page_size=100).items
    return {each.title: each.group for each in listed if each.reference == case.reference}


def does(case: CaseDetail, title: str, *, later: timedelta = timedelta(0), **values: object) -> None:
    """Do a task about a case, and let the worker do what follows."""
    listed = processes.list_tasks(actor=CLERK, page_size=100).items
    task = next(each for each in listed if each.reference == case.reference and each.title == title)
    processes.complete_task(task=task.uuid, variables=values, actor=CLERK, now=NOW + later)  # type: ignore[arg-type]
    worked(later=later)


def shown(case: CaseDetail, title: str) -> dict[str, object]:
    """Take a task about a case and give what the process hands to who does it."""
    listed = processes.list_tasks(actor=CLERK, page_size=100).items
    task = next(each.uuid for each in listed if each.reference == case.reference and each.title == title)
    assert processes.list_shown(task=task, actor=CLERK, now=NOW) == ()  # nobody has taken it
    processes.claim_task(task=task, actor=CLERK, now=NOW)
    values = processes.list_shown(task=task, actor=CLERK, now=NOW)
    assert [each.label for each in values if each.reason] == []
    return {each.label: each.value for each in values}


def decides(case: CaseDetail, outcome: str, *, later: timedelta = timedelta(0)) -> None:
    """Decide in the case itself, as a clerk does."""
    cases.decide(
        case=case.uuid, outcome=outcome, motivation="De aanvraag is nagekeken.", actor=CLERK, now=NOW + later,
        revision=again(case).revision,
    )
    worked(later=later)


def letters(case: CaseDetail) -> list[str]:
    """Give the titles of the letters of a case."""
    return [each.title for each in again(case).documents]


def on(days: int) -> datetime:
    """Give an instant that many days later."""
    return NOW + days * DAY


class TestDrawing:
    def test_has_each_id_once_and_a_shape_for_each_step_and_arrow(self):
        """A drawing program leaves out what it meets a second time under one id."""
        for path in sorted(WORKFLOWS.glob("*.bpmn")):
            text = path.read_text()
            names = re.findall(r'\sid="([^"]+)"', text)
            assert sorted(names) == sorted(set(names)), path.name
            steps = re.findall(r'<(?:\w+Event|\w+Task|\w+Gateway|sequenceFlow) id="([^"]+)"', text)
            assert set(steps) == set(re.findall(r'bpmnElement="([^"]+)"', text)) & set(steps), path.name


class TestCertificate:
    ANSWERS = {"email": "an@voorbeeld.be", "purpose": "work", "delivery": "digital", "statement": "on"}

    def test_is_made_without_a_person_when_the_register_knows_everything(self, register, citizen):
        case = asked("attest-van-woonst", citizen, self.ANSWERS)
        told = "An Peeters is ingeschreven op dit adres: Kerkstraat 2, 9880 Aalter"
        assert told in case.decision.motivation
        assert letters(case)[-1] == "Je attest van woonst"
        assert (case.outcome, case.status) == ("granted", "closed")
        assert waiting(case) == {} and len(case.documents) == 2
        run = run_of(case)
        assert run.state is InstanceState.COMPLETED
        assert [each.decision for each in run.decisions] == ["Attest van woonst"]
        assert run.variables["way"] == "automatic"

    def test_hides_who_asks_it_among_the_values_of_its_run_and_tells_that_person_of_each_look(
        self, register, citizen
    ):
        run = run_of(asked("attest-van-woonst", citizen, self.ANSWERS)).uuid
        before = len(leaves_of("processes.read_instance"))
        masked = processes.get_masked_instance(instance=run, actor=CLERK, now=NOW)
        assert {"given_name", "birth_date", "address", "email"} <= set(masked.hidden)
        assert masked.variables["way"] == "automatic" and "given_name" not in masked.variables
        whole = processes.get_instance(instance=run, actor=CLERK, now=NOW)
        assert set(whole.variables) == {*masked.variables, *masked.hidden}
        looks = leaves_of("processes.read_instance")[before:]
        assert [citizen.person in persons_of(each) for each in looks] == [True, True]
        assert "email" not in looks[0].fields_seen and "email" in looks[1].fields_seen

    def test_is_for_a_person_when_the_register_was_down(self, register, citizen):
        register.state = PrefillState.SOURCE_DOWN
        typed = {
            "family_name": "Peeters", "given_name": "An", "birth_date": "02/07/1985",
            "address-street_name": "Kerkstraat", "address-house_number": "2", "address-postal_code": "9880",
            "address-municipality": "Aalter",
        }
        case = asked("attest-van-woonst", citizen, {**self.ANSWERS, **typed})
        assert case.outcome == "" and list(waiting(case)) == ["Kijk de gegevens na in het dossier"]
        does(case, "Kijk de gegevens na in het dossier")
        decides(case, "granted")
        assert run_of(case).state is InstanceState.COMPLETED

    @pytest.mark.parametrize(("changes", "wanted"), [
        ({"parts": ["household", "since"]},
         ("Samenstelling van het gezin, Datum van inschrijving op dit adres", "Digitaal, in het dossier")),
        ({"delivery": "post"}, ("Niets", "Met de post")),
    ])
    def test_is_for_a_person_when_the_letter_would_not_do_what_is_asked(
        self, register, citizen, changes, wanted
    ):
        case = asked("attest-van-woonst", citizen, {**self.ANSWERS, **changes})
        seen = shown(case, "Kijk de gegevens na in het dossier")
        assert (seen["Wat er nog op moet"], seen["Hoe het attest gaat"]) == wanted

    def test_hands_typed_answers_to_the_process(self, register, citizen):
        variables = run_of(asked("attest-van-woonst", citizen, self.ANSWERS)).variables
        assert variables["address"]["municipality"] == "Aalter"
        assert (variables["birth_date"].year, variables["birth_date"].day) == (1985, 2)
        assert variables["statement"] is True
        assert variables["to_verify"] == []


class TestTreeFelling:
    ANSWERS = {
        "email": "an@voorbeeld.be", "at_home": "true", "owner": "owner", "tree_count": "1", "species": "Eik",
        "circumference_cm": "140", "reason": "nuisance", "reason_note": "De boom neemt licht weg.",
        "replant": "true", "replant_plan": "Een linde in de herfst.", "statement": "on",
    }

    def test_of_a_thin_tree_needs_no_permit_and_no_person(self, register, citizen):
        case = asked("kapvergunning", citizen, {**self.ANSWERS, "circumference_cm": "80"}, files=("photo",))
        assert case.outcome == "notApplicable" and waiting(case) == {}
        assert "dunner dan 1 meter" in case.decision.motivation

    def test_is_judged_and_closed_when_nobody_objects(self, register, citizen):
        case = asked("kapvergunning", citizen, self.ANSWERS, files=("photo",))
        assert waiting(case) == {"Beslis over de aanvraag in het dossier": "Dienst Omgeving"}
        does(case, "Beslis over de aanvraag in het dossier")
        decides(case, "granted")
        worked(later=29 * DAY)
        assert again(case).status == "decided"
        worked(later=31 * DAY)
        assert again(case).status == "closed" and run_of(case).state is InstanceState.COMPLETED

    def test_stays_open_while_an_objection_is_handled(self, register, citizen):
        case = asked("kapvergunning", citizen, self.ANSWERS, files=("photo",))
        does(case, "Beslis over de aanvraag in het dossier")
        decides(case, "refused")
        processes.correlate_message(
            name="objection", key=case.reference, variables={}, actor=CLERK, now=on(10)
        )
        worked(later=40 * DAY)
        assert list(waiting(case)) == ["Behandel het bezwaar"] and again(case).status == "decided"
        does(case, "Behandel het bezwaar", later=41 * DAY)
        assert again(case).status == "closed"

    @pytest.mark.parametrize(("changes", "way"), [
        ({"reason": "danger"}, "urgent"), ({"circumference_cm": "300"}, "visit"),
        ({"tree_count": "6"}, "visit"),
        ({"circumference_cm": "80", "tree_count": "4"}, "desk"),
    ])
    def test_is_seen_on_the_spot_when_the_table_says_so(self, register, citizen, changes, way):
        case = asked("kapvergunning", citizen, {**self.ANSWERS, **changes}, files=("photo",))
        run = run_of(case)
        assert run.variables["way"] == way and run.decisions[0].decision == "Kapvergunning"
        at_desk, outside = "Beslis over de aanvraag in het dossier", "Kijk ter plaatse naar de bomen"
        (title,) = waiting(case)
        assert title == (at_desk if way == "desk" else outside)
        assert shown(case, title)["Waar de bomen staan"] == "Kerkstraat 2, 9880 Aalter"

    def test_decided_before_the_process_asked_is_no_obstacle(self, register, citizen):
        case = asked("kapvergunning", citizen, self.ANSWERS, files=("photo",))
        decides(case, "granted")
        assert waiting(case) == {} and run_of(case).nodes == ("objection-wait",)
        worked(later=31 * DAY)
        assert again(case).status == "closed"


class TestMovingHouse:
    def case(self, citizen):
        form = forms.get_form(code="verhuizing")
        answers = {
            "email": "an@voorbeeld.be", "move_date": clock.local_day(NOW).strftime("%d/%m/%Y"),
            "new_address-street_name": "Dorpsstraat", "new_address-house_number": "1",
            "new_address-postal_code": "9880", "new_address-municipality": "Aalter", "statement": "on",
        }
        for field in form.fields:
            if field.type is FieldType.CHOICE:
                answers.setdefault(field.code, field.options[0].code)
            if field.type is FieldType.YES_NO:
                answers.setdefault(field.code, "false")
            if field.type is FieldType.INTEGER:
                answers.setdefault(field.code, str(field.min or 1))
        files = tuple(each.code for each in form.fields if each.type is FieldType.UPLOAD and each.required)
        return asked("verhuizing", citizen, answers, files=files)

    def test_is_entered_when_the_district_officer_saw_that_somebody_lives_there(self, register, citizen):
        case = self.case(citizen)
        assert waiting(case) == {"Vraag de woonstcontrole aan": "Dienst Burgerzaken"}
        does(case, "Vraag de woonstcontrole aan")
        assert waiting(case) == {"Ga langs bij de woning": "Wijkagent"}
        seen = shown(case, "Ga langs bij de woning")
        assert (seen["Wie verhuist"], seen["Nieuw adres"]) == ("An Peeters", "Dorpsstraat 1, 9880 Aalter")
        assert (seen["Wie verhuist mee"], seen["Telefoon"]) == ("Niemand", "Niet opgegeven")
        does(case, "Ga langs bij de woning", lives_there=True)
        assert shown(case, "Schrijf het adres in")["Vroeger adres"] == "Kerkstraat 2, 9880 Aalter"
        does(case, "Schrijf het adres in")
        assert (again(case).outcome, again(case).status) == ("granted", "closed")
        assert again(case).decision.motivation.endswith("ingeschreven: Dorpsstraat 1, 9880 Aalter.")

    def test_is_refused_with_the_reason_when_nobody_lives_there(self, register, citizen):
        case = self.case(citizen)
        does(case, "Vraag de woonstcontrole aan")
        does(case, "Ga langs bij de woning", lives_there=False)
        assert again(case).outcome == "refused" and "wijkagent" in again(case).decision.motivation.lower()

    @pytest.mark.parametrize("done", [0, 1, 2])
    def test_decided_in_the_case_before_its_last_task_leaves_no_task(self, register, citizen, done):
        case = self.case(citizen)
        steps = (("Vraag de woonstcontrole aan", {}), ("Ga langs bij de woning", {"lives_there": True}))
        for title, values in steps[:done]:
            does(case, title, **values)
        decides(case, "refused")
        assert waiting(case) == {} and run_of(case).state is InstanceState.COMPLETED

    def test_reminds_the_officer_and_the_head_in_time(self, register, citizen):
        case = self.case(citizen)
        worked(later=22 * DAY)
        assert "Zeg het diensthoofd dat de aanvraag blijft liggen" in waiting(case)
        does(case, "Vraag de woonstcontrole aan", later=22 * DAY)
        worked(later=33 * DAY)
        assert waiting(case)["Herinner de wijkagent"] == "Dienst Burgerzaken"
        assert "Ga langs bij de woning" in waiting(case)

    def test_decided_after_a_reminder_leaves_no_task(self, register, citizen):
        case = self.case(citizen)
        worked(later=22 * DAY)
        does(case, "Vraag de woonstcontrole aan", later=22 * DAY)
        worked(later=33 * DAY)
        late = {"Zeg het diensthoofd dat de aanvraag blijft liggen", "Herinner de wijkagent"}
        assert late < set(waiting(case))
        decides(case, "refused")
        assert waiting(case) == {} and run_of(case).state is InstanceState.COMPLETED


class TestGrant:
    ANSWERS = {
        "email": "an@voorbeeld.be", "association_name": "Chiro Aalter", "kind": "youth",
        "account": "BE68 5390 0754 7034", "member_count": "120", "young_count": "90", "other_grant": "false",
        "statement": "on",
        **{
            f"activity-{number}-{code}": text
            for number in range(5)
            for code, text in {
                "activity_name": f"Kamp {number}", "activity_date": "01/08/2026", "activity_people": "40",
                "activity_cost": "100,50",
            }.items()
        },
    }

    def test_is_scored_by_the_table_and_waits_for_the_payment(self, register, citizen):
        case = asked("subsidie-vereniging", citizen, self.ANSWERS)
        run = run_of(case)
        assert (run.variables["points"], run.variables["total_cost"]) == (100, Decimal("502.50"))
        assert run.variables["amount"] == Decimal("502.50")
        assert [each.decision for each in run.decisions] == ["Subsidiepunten", "Subsidiebedrag"]
        seen = shown(case, "Kijk de aanvraag en de punten na")
        assert (seen["Punten"], seen["Bedrag volgens het reglement"]) == (100, "502,50 euro")
        does(case, "Kijk de aanvraag en de punten na", is_right=True)
        reasons = again(case).decision.motivation
        assert again(case).outcome == "granted" and "100 punten" in reasons and " 502,50 euro." in reasons
        assert waiting(case) == {"Betaal de subsidie": "Dienst Financiën"}
        seen = shown(case, "Betaal de subsidie")
        assert (seen["Te betalen"], seen["Rekeningnummer"]) == ("502,50 euro", "BE68539007547034")
        does(case, "Betaal de subsidie")
        assert again(case).status == "closed"
        assert letters(case)[-1] == "Je vereniging krijgt een subsidie"

    def test_of_too_few_points_is_refused_with_the_reason(self, register, citizen):
        few = {
            **self.ANSWERS, "member_count": "5", "young_count": "0", "kind": "other", "other_grant": "true",
            "other_grant_amount": "10",
        }
        for number in range(1, 5):
            few = {name: text for name, text in few.items() if not name.startswith(f"activity-{number}-")}
        case = asked("subsidie-vereniging", citizen, few)
        does(case, "Kijk de aanvraag en de punten na", is_right=True)
        assert again(case).outcome == "refused" and "10 punten" in again(case).decision.motivation

    def test_a_clerk_who_doubts_decides_in_the_case(self, register, citizen):
        case = asked("subsidie-vereniging", citizen, self.ANSWERS)
        does(case, "Kijk de aanvraag en de punten na", is_right=False)
        decides(case, "refused")
        assert waiting(case) == {} and run_of(case).state is InstanceState.COMPLETED

    def test_decided_in_the_case_before_it_was_looked_at_leaves_no_task(self, register, citizen):
        case = asked("subsidie-vereniging", citizen, self.ANSWERS)
        decides(case, "refused")
        assert waiting(case) == {} and run_of(case).state is InstanceState.COMPLETED

    def test_asks_for_the_accounts_only_above_five_thousand_euros(self, register, citizen):
        dear = {**self.ANSWERS, "activity-0-activity_cost": "6000"}
        draft = forms.start(form="subsidie-vereniging", actor=citizen, now=NOW)
        outcome = forms.save_section(
            draft=draft.uuid, section="activities", raw={name: [text] for name, text in dear.items()},
            actor=citizen, now=NOW, address_form="formal", revision=draft.revision,
        )
        assert outcome.revealed == ("accounts",)
        assert [each.field for each in outcome.problems] == ["accounts"]


class TestEvent:
    ANSWERS = {
        "email": "an@voorbeeld.be", "event_name": "Straatfeest",
        "begin_date": on(60).strftime("%d/%m/%Y"), "end_date": on(61).strftime("%d/%m/%Y"),
        "place-street_name": "Markt", "place-house_number": "1", "place-postal_code": "9880",
        "place-municipality": "Aalter", "visitor_count": "800", "closes_street": "true",
        "streets-0-street": "Markt", "streets-0-part": "", "fire": "false", "music_until": "ten",
        "statement": "on",
    }
    ADVICE = "Geef advies over het evenement"

    def advise(self, case, advice, **more):
        does(case, self.ADVICE, advice=advice, reasons=f"Reden {advice}.", **more)

    def test_gathers_three_advices_at_once_and_then_asks_for_the_decision(self, register, citizen):
        case = asked("evenement", citizen, self.ANSWERS, files=("safety_plan",))
        assert run_of(case).variables["advisers"] == ["Politie", "Brandweer", "Mobiliteit"]
        listed = [each for each in processes.list_tasks(actor=CLERK, page_size=100).items
                  if each.reference == case.reference]
        assert [(each.title, each.group) for each in listed] == [
            (self.ADVICE, adviser) for adviser in ("Politie", "Brandweer", "Mobiliteit")
        ]
        self.advise(case, "positive")
        self.advise(case, "conditional", conditions="Hou 4 meter vrij.")
        assert set(waiting(case)) == {self.ADVICE}
        self.advise(case, "negative")
        assert set(waiting(case)) == {"Beslis over het evenement in het dossier"}
        assert run_of(case).variables["all_positive"] is False
        decides(case, "granted")
        assert again(case).status == "closed"

    def test_shows_the_advices_to_who_decides_and_quotes_them_in_the_decision(self, register, citizen):
        case = asked("evenement", citizen, self.ANSWERS, files=("safety_plan",))
        assert cases.propose_motivation(case=case.uuid, actor=CLERK, now=NOW) == ""
        self.advise(case, "positive")
        self.advise(case, "conditional", conditions="Hou 4 meter vrij.")
        self.advise(case, "positive")
        seen = shown(case, "Beslis over het evenement in het dossier")
        first, last = (written.in_words(clock.local_day(on(day))) for day in (60, 61))
        when = f"Straatfeest, van {first} tot en met {last}. Plaats: Markt 1, 9880 Aalter."
        told = "Brandweer: gunstig advies, onder voorwaarden.\nVoorwaarden:\nHou 4 meter vrij.\nRedenen:"
        assert seen["Zijn alle adviezen gunstig?"] == "Ja" and told in seen["Adviezen"]
        ready = cases.propose_motivation(case=case.uuid, actor=CLERK, now=NOW)
        assert ready == seen["motivation"] and ready.startswith(when)
        assert told in ready and "Politie: gunstig advies." in ready

    def test_decided_before_every_advice_came_asks_nobody_any_more(self, register, citizen):
        case = asked("evenement", citizen, self.ANSWERS, files=("safety_plan",))
        decides(case, "refused")
        assert waiting(case) == {} and run_of(case).state is InstanceState.COMPLETED
        assert again(case).status == "closed"

    def test_asks_only_the_police_about_a_small_one(self, register, citizen):
        small = {**self.ANSWERS, "visitor_count": "40", "closes_street": "false"}
        case = asked("evenement", citizen, small)
        assert run_of(case).variables["advisers"] == ["Politie"]
        does(case, self.ADVICE)  # an application may finish it without a form
        assert run_of(case).variables["all_positive"] is False
        assert "Politie: geen advies." in cases.propose_motivation(case=case.uuid, actor=CLERK, now=NOW)

    def test_asks_the_form_of_advices_only_of_members_of_staff(self, register, citizen):
        with pytest.raises(FormNotFound):
            forms.start(form="advies-evenement", actor=citizen, now=NOW)

    def test_reminds_who_gave_no_advice_in_ten_days(self, register, citizen):
        case = asked("evenement", citizen, self.ANSWERS, files=("safety_plan",))
        worked(later=11 * DAY)
        assert "Herinner wie nog geen advies gaf" in waiting(case) and self.ADVICE in waiting(case)
        decides(case, "refused")
        assert waiting(case) == {} and run_of(case).state is InstanceState.COMPLETED

    @pytest.mark.parametrize(("changes", "said"), [
        ({"begin_date": on(5).strftime("%d/%m/%Y")}, "binnen 30 dagen"),
        ({"end_date": on(50).strftime("%d/%m/%Y")}, "ligt voor de eerste dag"),
        ({"end_date": on(90).strftime("%d/%m/%Y")}, "hoogstens 14 dagen"),
    ])
    def test_says_in_plain_words_what_can_not_be(self, register, citizen, changes, said):
        draft = forms.start(form="evenement", actor=citizen, now=NOW)
        raw = {name: [text] for name, text in {**self.ANSWERS, **changes}.items()}
        outcome = forms.save_section(
            draft=draft.uuid, section="event", raw=raw, actor=citizen, now=NOW, address_form="formal",
            revision=draft.revision,
        )
        assert said in " ".join(each.message for each in outcome.problems)
