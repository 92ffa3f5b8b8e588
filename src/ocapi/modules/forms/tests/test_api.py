"""What the door promises on both databases. Not covered here: reading of single answers, the portal."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from ocapi.kernel.access.data import NotAllowed, Reason
from ocapi.kernel.access.extensions import operations
from ocapi.kernel.audit import api as audit
from ocapi.kernel.audit.data import OPERATIONS as AUDIT_OPERATIONS
from ocapi.kernel.files.data import FileRefused
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import ids
from ocapi.lib.actor import ANONYMOUS, Assurance, Subject, system
from ocapi.modules.forms import api
from ocapi.modules.forms.data import (
    AnswerState,
    DraftChanged,
    DraftIncomplete,
    DraftNotFound,
    DraftTooLarge,
    FieldNotFound,
    FormNotFound,
    FormRefused,
    PrefillState,
    Progress,
    SectionNotFound,
)
from ocapi.modules.forms.tests.factories import ADDRESS, PDF, FakeRegister, a_form, connected, loaded

MOVE = {"occupied": ["false"], "since": ["01/09/2026"], **ADDRESS}
LATER = NOW + timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def register():
    with connected(FakeRegister()) as source:
        yield source


@pytest.fixture
def citizen():
    return a_citizen()


@pytest.fixture
def draft(register, citizen):
    loaded()
    return api.start(form="proef", actor=citizen, now=NOW)


def save(draft, citizen, section, raw, **options):
    values = {"revision": draft.revision, "now": NOW, "address_form": "informal", **options}
    return api.save_section(draft=draft.uuid, section=section, raw=raw, actor=citizen, **values)


def filled(draft, citizen):
    draft = save(draft, citizen, "who", {"email": ["an@voorbeeld.be"]}).draft
    return save(draft, citizen, "move", MOVE).draft


def answer(draft, field):
    return next((each for each in draft.answers if each.field == field), None)


def page(draft, citizen, section, **options):
    return api.page_of(
        draft=draft, section=section, actor=citizen, now=NOW, address_form="informal", **options
    )


class TestStart:
    def test_prefills_and_names_the_source(self, draft):
        assert (answer(draft, "family_name").value, answer(draft, "family_name").source) == (
            "Peeters",
            "register",
        )
        assert draft.prefill[0].state is PrefillState.OK
        assert draft.expires_on == (NOW + timedelta(days=30)).date()

    def test_keeps_how_each_answer_came_about(self, draft, citizen):
        assert answer(draft, "family_name").state is AnswerState.PREFILLED
        saved = save(draft, citizen, "who", {"email": ["an@voorbeeld.be"]}).draft
        assert answer(saved, "email").state is AnswerState.TYPED
        api.report_incorrect(draft=draft.uuid, field="family_name", actor=citizen, now=NOW)
        claimed = api.get_draft(draft=draft.uuid, actor=citizen, now=NOW)
        claimed = save(claimed, citizen, "who", {"family_name": ["Claes"], "email": ["a@b.be"]}).draft
        assert answer(claimed, "family_name").state is AnswerState.DISPUTED

    def test_a_value_that_is_offered_and_left_is_confirmed(self, register, citizen):
        loaded(sections=[{"code": "who", "title": "Wie", "fields": [{
            "code": "family_name", "type": "text", "label": "Familienaam", "required": True,
            "prefill": {"source": "register", "path": "person.family_name"},
        }]}])
        offered = api.start(form="proef", actor=citizen, now=NOW)
        assert answer(offered, "family_name").state is AnswerState.PREFILLED
        kept = save(offered, citizen, "who", {"family_name": ["Peeters"]}).draft
        assert answer(kept, "family_name").state is AnswerState.CONFIRMED

    def test_gives_the_open_draft_again(self, draft, citizen, register):
        assert api.start(form="proef", actor=citizen, now=LATER).uuid == draft.uuid
        assert register.asked == 1

    def test_makes_a_new_one_when_the_old_one_expired(self, draft, citizen):
        assert api.start(form="proef", actor=citizen, now=NOW + timedelta(days=31)).uuid != draft.uuid

    def test_says_a_question_that_a_choice_shows_is_to_be_answered_before_it_is_shown(self, draft, citizen):
        occupant = page(draft, citizen, "move").fields[1]
        assert (occupant.code, occupant.is_visible, occupant.is_required) == ("occupant", False, True)
        assert occupant.controls[0].is_required

    def test_keeps_the_version_it_was_started_with(self, draft, citizen):
        loaded(version="2", title="Nieuw")
        assert api.get_draft(draft=draft.uuid, actor=citizen, now=NOW).version == "1"
        assert page(draft, citizen, "who").form_title == "Je proef"
        assert api.get_form(code="proef").version == "2"

    @pytest.mark.parametrize("source", [FakeRegister(PrefillState.SOURCE_DOWN), None])
    def test_a_source_that_is_down_or_not_connected_stops_nobody(self, citizen, source):
        loaded()
        if source is None:
            made = api.start(form="proef", actor=citizen, now=NOW)
        else:
            with connected(source):
                made = api.start(form="proef", actor=citizen, now=NOW)
        assert made.prefill[0].state is PrefillState.SOURCE_DOWN
        saved = save(made, citizen, "who", {"family_name": ["Claes"], "email": ["a@b.be"]})
        assert saved.problems == ()
        assert answer(saved.draft, "family_name").is_to_verify

    def test_asks_a_person_to_sign_in_or_step_up(self):
        loaded()
        with pytest.raises(NotAllowed) as refused:
            api.start(form="proef", actor=ANONYMOUS, now=NOW)
        assert refused.value.reason is Reason.SIGN_IN_NEEDED
        with pytest.raises(NotAllowed) as refused:
            api.start(form="proef", actor=a_citizen(assurance=Assurance.LOW), now=NOW)
        assert (refused.value.reason, refused.value.needs) == (
            Reason.ASSURANCE_TOO_LOW,
            Assurance.SUBSTANTIAL,
        )

    def test_does_not_know_an_unknown_form(self, citizen):
        with pytest.raises(FormNotFound):
            api.start(form="onbekend", actor=citizen, now=NOW)


class TestAccess:
    def test_hides_a_draft_from_everybody_else(self, draft):
        for other in (a_citizen(), a_staff_member("clerk"), a_staff_member("tenant_admin")):
            with pytest.raises(NotAllowed) as refused:
                api.get_draft(draft=draft.uuid, actor=other, now=NOW)
            assert refused.value.reason is Reason.HIDDEN
            with pytest.raises(NotAllowed):
                api.submit(draft=draft.uuid, actor=other, now=NOW, address_form="formal")
            with pytest.raises(NotAllowed):
                page(draft, other, "who")

    def test_shares_the_draft_of_an_organization_among_who_represent_it(self, register):
        loaded()
        company = Subject(kind="organization", uuid=ids.new_uuid(NOW))
        one, two = a_citizen(represents=company), a_citizen(represents=company)
        made = api.start(form="proef", actor=one, now=NOW)
        assert api.start(form="proef", actor=two, now=NOW).uuid == made.uuid
        with pytest.raises(NotAllowed):
            api.get_draft(draft=made.uuid, actor=a_citizen(person=one.person), now=NOW)

    def test_does_not_know_a_draft_of_another_organization(self, draft, citizen, other_tenant):
        with tenants.unbound(), tenants.bind_tenant(other_tenant), pytest.raises(DraftNotFound):
            api.get_draft(draft=draft.uuid, actor=citizen, now=NOW)

    def test_reading_leaves_a_consultation_and_names_no_value(self, draft, citizen):
        for operation in AUDIT_OPERATIONS:
            if operations.find(operation.name) is None:
                operations.add(operation)
        api.get_draft(draft=draft.uuid, actor=citizen, now=NOW)
        line = audit.list_consultations(person=citizen.person, actor=citizen, now=NOW).items[0]
        assert line.operation == "forms.read_draft"
        assert "Peeters" not in repr(line)


class TestSaveSection:
    def test_keeps_what_was_typed_right_or_wrong(self, draft, citizen):
        saved = save(draft, citizen, "move", {**MOVE, "since": ["32/13/2026"], "occupied": ["true"]})
        assert [problem.field for problem in saved.problems] == ["occupant", "since"]
        again = api.get_draft(draft=draft.uuid, actor=citizen, now=NOW)
        drawn = {each.code: each for each in page(again, citizen, "move", problems=saved.problems).fields}
        assert drawn["since"].controls[0].value == "32/13/2026"
        assert drawn["since"].error and drawn["new_address"].controls[0].value == "Kerkstraat"
        assert again.sections[1].progress is Progress.INCOMPLETE

    def test_refuses_a_stale_revision_and_shows_theirs(self, draft, citizen):
        save(draft, citizen, "who", {"email": ["een@voorbeeld.be"]})
        with pytest.raises(DraftChanged) as refused:
            save(draft, citizen, "who", {"email": ["twee@voorbeeld.be"]})
        assert answer(refused.value.theirs, "email").value == "een@voorbeeld.be"

    def test_autosave_leaves_alone_what_was_not_posted_and_asks_for_nothing(self, draft, citizen):
        saved = save(draft, citizen, "who", {"email": ["an@voorbeeld.be"]}, partial=True)
        assert saved.problems == ()
        saved = save(saved.draft, citizen, "move", {"since": ["morgen"]}, partial=True)
        assert [problem.field for problem in saved.problems] == ["since"]
        assert answer(saved.draft, "email").value == "an@voorbeeld.be"
        assert {state.progress for state in saved.draft.sections} == {Progress.TODO}

    def test_drops_the_answer_of_a_field_that_is_hidden_now(self, draft, citizen):
        saved = save(draft, citizen, "move", {**MOVE, "occupied": ["true"], "occupant": ["Jan"]}).draft
        assert answer(saved, "occupant").value == "Jan"
        saved = save(saved, citizen, "move", {**MOVE, "occupant": ["Jan"]}).draft
        assert answer(saved, "occupant") is None

    def test_never_takes_a_posted_value_over_what_the_source_says(self, draft, citizen):
        saved = save(draft, citizen, "who", {"family_name": ["Vervalst"], "email": ["a@b.be"]}).draft
        assert answer(saved, "family_name").value == "Peeters"

    def test_ignores_fields_of_other_sections_and_names_nobody_knows(self, draft, citizen):
        saved = save(draft, citizen, "who", {"occupied": ["true"], "owner": ["x"], "email": ["a@b.be"]}).draft
        assert answer(saved, "occupied") is None

    def test_keeps_no_control_characters(self, draft, citizen):
        saved = save(
            draft, citizen, "move", {**MOVE, "occupied": ["true"], "occupant": ["J\x00a\ud800n"]}
        ).draft
        assert answer(saved, "occupant").value == "Jan"

    def test_refuses_more_than_a_draft_holds_and_keeps_what_was(self, citizen, register):
        fields = [{"code": f"q{n}", "type": "long_text", "label": "V", "required": False} for n in range(20)]
        loaded(sections=[{"code": "s", "title": "S", "fields": fields}])
        made = api.start(form="proef", actor=citizen, now=NOW)
        with pytest.raises(DraftTooLarge):
            save(made, citizen, "s", {field["code"]: ["x" * 30_000] for field in fields})
        assert api.get_draft(draft=made.uuid, actor=citizen, now=NOW).revision == made.revision

    def test_does_not_know_another_section(self, draft, citizen):
        with pytest.raises(SectionNotFound):
            save(draft, citizen, "elders", {})


class TestSources:
    def test_not_right_opens_the_field_and_marks_the_claim_to_verify(self, draft, citizen):
        opened = api.report_incorrect(draft=draft.uuid, field="family_name", actor=citizen, now=NOW)
        shown = page(opened, citizen, "who").fields[0]
        assert (
            shown.controls[0].value == "Peeters" and not shown.prefill.is_locked and shown.prefill.is_disputed
        )
        saved = save(opened, citizen, "who", {"family_name": ["Peters"], "email": ["a@b.be"]}).draft
        claim = answer(saved, "family_name")
        assert (claim.value, claim.source, claim.is_to_verify) == ("Peters", "citizen", True)
        back = api.accept_source(draft=draft.uuid, field="family_name", actor=citizen, now=NOW)
        assert answer(back, "family_name").source == "register"

    def test_a_field_without_a_source_can_not_be_reported(self, draft, citizen):
        with pytest.raises(FieldNotFound):
            api.report_incorrect(draft=draft.uuid, field="email", actor=citizen, now=NOW)

    def test_keeps_the_value_as_stale_when_the_source_stops_answering(self, draft, citizen, register):
        register.state = PrefillState.SOURCE_DOWN
        again = api.get_draft(draft=draft.uuid, actor=citizen, now=NOW + timedelta(days=2))
        assert again.prefill[0].state is PrefillState.STALE
        assert answer(again, "family_name").value == "Peeters"
        assert again.revision == draft.revision

    @pytest.mark.parametrize(("typed", "is_claim"), [("Peeters", False), ("Claes", True)])
    def test_compares_what_was_typed_when_the_source_is_back(self, citizen, register, typed, is_claim):
        register.state = PrefillState.SOURCE_DOWN
        loaded()
        made = api.start(form="proef", actor=citizen, now=NOW)
        save(made, citizen, "who", {"family_name": [typed], "email": ["a@b.be"]})
        register.state = PrefillState.OK
        again = api.get_draft(draft=made.uuid, actor=citizen, now=LATER)
        assert (answer(again, "family_name").value, answer(again, "family_name").is_to_verify) == (
            typed,
            is_claim,
        )

    def test_takes_no_value_that_does_not_fit_the_field(self, citizen, register):
        register.value = 7
        loaded()
        assert api.start(form="proef", actor=citizen, now=NOW).prefill[0].state is PrefillState.EMPTY


class TestAttach:
    def test_keeps_files_and_takes_them_off(self, draft, citizen):
        made = attach(draft, citizen)
        assert [(each.field, each.name) for each in made.attachments] == [("proof", "huur.pdf")]
        file = made.attachments[0].file
        assert api.read_attachment(draft=draft.uuid, file=file, actor=citizen, now=NOW).content == PDF
        gone = api.detach(draft=draft.uuid, field="proof", file=file, actor=citizen, now=NOW)
        assert gone.attachments == ()
        assert (
            api.detach(draft=draft.uuid, field="proof", file=file, actor=citizen, now=NOW).revision
            == gone.revision
        )

    @pytest.mark.parametrize(
        ("content", "name", "reason"),
        [
            (b"MZ", "virus.exe", "wrongType"),
            (PDF + b"x" * 6000, "groot.pdf", "tooLarge"),
            (b"tekst", "a.pdf", "contentDiffers"),
        ],
    )
    def test_says_why_a_file_is_not_taken(self, draft, citizen, content, name, reason):
        with pytest.raises(FileRefused) as refused:
            attach(draft, citizen, content, name)
        assert refused.value.reason == reason
        problem = api.problem_of_refusal(
            refused=refused.value, draft=draft, field="proof", now=NOW, address_form="informal"
        )
        assert problem.field == "proof" and problem.message
        assert api.get_draft(draft=draft.uuid, actor=citizen, now=NOW).attachments == ()

    def test_refuses_one_too_many_before_reading_it(self, draft, citizen):
        attach(draft, citizen)
        attach(draft, citizen)
        with pytest.raises(FileRefused) as refused:
            api.attach(
                draft=draft.uuid, field="proof", name="c.pdf", chunks=never_read(), actor=citizen, now=NOW
            )
        assert refused.value.reason == "tooMany"

    def test_takes_files_only_where_the_form_asks_for_them(self, draft, citizen):
        with pytest.raises(FieldNotFound):
            api.attach(draft=draft.uuid, field="email", name="a.pdf", chunks=[PDF], actor=citizen, now=NOW)


def attach(draft, citizen, content=PDF, name="huur.pdf"):
    return api.attach(draft=draft.uuid, field="proof", name=name, chunks=[content], actor=citizen, now=NOW)


def never_read():
    raise AssertionError("the file was read")
    yield b""


class TestSubmit:
    def test_freezes_the_answers_in_words_and_deletes_the_draft(self, draft, citizen):
        filled(draft, citizen)
        attach(draft, citizen)
        sent = api.submit(draft=draft.uuid, actor=citizen, now=NOW, address_form="formal")
        words = {each.field: (each.label, each.value_text, each.source) for each in sent.answers}
        assert words["family_name"] == ("Familienaam", "Peeters", "register")
        assert words["new_address"][1] == "Kerkstraat 2, 9880 Aalter"
        assert words["since"][1] == "01/09/2026"
        assert words["proof"][1] == "huur.pdf" and len(sent.attachments) == 1
        assert "occupant" not in words
        assert sent.title == "Uw proef"
        with pytest.raises(DraftNotFound):
            api.get_draft(draft=draft.uuid, actor=citizen, now=NOW)

    def test_sending_twice_gives_the_same_submission_and_one_event(self, draft, citizen):
        filled(draft, citizen)
        sent = [api.submit(draft=draft.uuid, actor=citizen, now=NOW, address_form="formal") for _ in range(2)]
        assert sent[0] == sent[1]
        outbox.assign_sequences()
        facts = [each for each in outbox.list_since(sequence=0) if "forms.submission" in each.type]
        assert len(facts) == 1
        assert b"Peeters" not in facts[0].data + facts[0].personal
        with pytest.raises(NotAllowed):
            api.submit(draft=draft.uuid, actor=a_citizen(), now=NOW, address_form="formal")

    def test_lists_everything_that_is_still_to_repair(self, draft, citizen):
        with pytest.raises(DraftIncomplete) as refused:
            api.submit(draft=draft.uuid, actor=citizen, now=NOW, address_form="formal")
        assert [each.field for each in refused.value.problems] == [
            "email",
            "occupied",
            "new_address",
            "since",
        ]
        assert api.get_draft(draft=draft.uuid, actor=citizen, now=NOW)

    def test_only_the_owner_and_background_work_read_it_back(self, draft, citizen):
        filled(draft, citizen)
        sent = api.submit(draft=draft.uuid, actor=citizen, now=NOW, address_form="formal")
        for reader in (citizen, system("cases.receive")):
            assert api.read_submission(submission=sent.uuid, actor=reader, now=NOW) == sent
        for other in (a_citizen(), a_staff_member()):
            with pytest.raises(NotAllowed):
                api.read_submission(submission=sent.uuid, actor=other, now=NOW)


class TestExpiry:
    def test_deletes_what_nobody_saved_for_the_days_of_the_form(self, draft, citizen):
        assert api.delete_expired(actor=system("forms.expire_drafts"), now=NOW + timedelta(days=29)) == 0
        late = NOW + timedelta(days=30)
        with pytest.raises(DraftNotFound):
            api.get_draft(draft=draft.uuid, actor=citizen, now=late)
        assert api.delete_expired(actor=system("forms.expire_drafts"), now=late) == 1

    def test_is_not_for_people(self):
        with pytest.raises(NotAllowed):
            api.delete_expired(actor=a_staff_member("tenant_admin"), now=NOW)

    def test_lists_open_drafts_and_discards_on_wish(self, draft, citizen):
        assert [each.uuid for each in api.list_own_drafts(actor=citizen, now=NOW)] == [draft.uuid]
        assert api.list_own_drafts(actor=a_citizen(), now=NOW) == ()
        api.discard(draft=draft.uuid, actor=citizen, now=NOW)
        assert api.list_own_drafts(actor=citizen, now=NOW) == ()


class TestContent:
    def test_loads_the_product_forms_twice_with_the_same_result_and_no_warning(self):
        assert registry.load_pack(name="forms", now=NOW).written == 6
        folder = Path(settings.OCAPI.project) / "content" / "forms"
        loader = registry.find_manifest("forms").provides[0][1]()
        for path in sorted(folder.glob("*-*.yaml")) + [
            folder / "verhuizing.yaml",
            folder / "kapvergunning.yaml",
        ]:
            done = loader.load(file=a_file(path.read_bytes(), path.name), now=LATER)
            assert (done.written, done.unchanged, done.refused, done.warnings) == (0, 1, (), ())

    def test_warns_of_a_question_a_source_can_answer_by_the_name_of_the_source(self, register):
        form = a_form()
        del form["sections"][0]["fields"][0]["prefill"]
        problems = api.problems_of_form(api.read_definition(value=form))
        assert problems == (
            "family_name: Rijksregister knows this already; add prefill (source: national-register, "
            "path: person.family_name) or leave the question out",
        )

    def test_refuses_to_change_a_version_with_open_drafts(self, draft):
        with pytest.raises(FormRefused):
            loaded(title="Anders")

    def test_changes_a_version_nobody_uses(self):
        loaded()
        assert loaded(now=LATER, title="Anders").title == api.get_form(code="proef").title


def a_file(raw, path):
    from ocapi.kernel.registry.extensions import PackFile

    return PackFile(pack="forms", version="2026.1", kind="form", path=path, raw=raw)


class TestPages:
    def test_draws_a_section_with_errors_sources_and_conditions(self, draft, citizen):
        saved = save(draft, citizen, "move", {"since": ["<b>"]})
        html = drawn(page(saved.draft, citizen, "move", problems=saved.problems))
        assert 'value="&lt;b&gt;"' in html and "<b>" not in html
        assert 'href="#id_new_address-street_name"' in html and 'id="id_new_address-street_name"' in html
        assert 'data-show-when="occupied" data-show-value="true"' in html
        assert f'name="revision" value="{saved.draft.revision}"' in html

    def test_shows_what_the_source_says_read_only_with_the_way_to_report_it(self, draft, citizen):
        html = drawn(page(draft, citizen, "who", report_href="/loket/proef/klopt-niet/{field}"))
        assert (
            "readonly" in html
            and "Proefregister" in html
            and 'href="/loket/proef/klopt-niet/family_name"' in html
        )

    def test_lists_files_with_a_way_to_remove_them(self, draft, citizen):
        made = attach(draft, citizen)
        assert f"remove-proof-{made.attachments[0].file}" in drawn(page(made, citizen, "move"))

    def test_sums_up_all_answers_before_sending(self, draft, citizen):
        filled(draft, citizen)
        summary = api.summary_of(draft=draft.uuid, actor=citizen, now=NOW, address_form="formal")
        assert summary.problems == () and all(section.is_complete for section in summary.sections)
        html = render_to_string("forms/summary.html", {"summary": summary, "change_href": "/loket/proef/"})
        assert "Kerkstraat 2, 9880 Aalter" in html and 'href="/loket/proef/move"' in html


def drawn(section):
    return render_to_string("forms/errors.html", {"page": section}) + render_to_string(
        "forms/section.html", {"page": section}
    )
