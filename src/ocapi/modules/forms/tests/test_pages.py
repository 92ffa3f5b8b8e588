"""The designer through its real addresses. Not covered: how it looks and reads aloud (journeys)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib import clock, codec
from ocapi.lib.actor import Capacity
from ocapi.modules.forms import api
from ocapi.modules.forms.tests.factories import FakeRegister, a_form, connected, handled, loaded

ROOT = "/desk/formulieren/"
FORM = f"{ROOT}proef/"
FIELD = {
    "label_formal": "Wat is uw merk?", "label_informal": "Wat is je merk?", "help_formal": "",
    "code": "brand", "type": "text", "required": "on",
}


@pytest.fixture
def desk(tenant):
    """Give a browser of a member of staff with a role."""
    from django.test import Client

    def of(role):
        person = a_person(now=clock.now())
        accounts.grant_role(person=person.uuid, code=role, actor=ACTOR, now=clock.now())
        client = Client(headers={"host": f"{tenant.key}.localhost"})
        signed_in(client, person=person.uuid, capacity=Capacity.STAFF)
        return client

    return of


@pytest.fixture(autouse=True)
def kinds():
    with handled():
        yield


@pytest.fixture
def register():
    with connected(FakeRegister()) as source:
        yield source


def text(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[-900:]
    return answer.content.decode()


class TestList:
    def test_shows_forms_and_where_to_begin(self, desk):
        clerk = desk("clerk")
        assert "Nog geen formulier" in text(clerk.get(ROOT))
        loaded()
        shown = text(clerk.get(ROOT))
        assert FORM in shown and "In gebruik" in shown and f"{ROOT}nieuw/" in shown

    @pytest.mark.parametrize("role", ["policy_maker", "dpo"])
    def test_is_closed_to_who_designs_nothing(self, desk, role):
        assert desk(role).get(ROOT).status_code == 403


class TestDesigning:
    def test_goes_from_nothing_to_a_published_form(self, desk):
        admin = desk("tenant_admin")
        answer = admin.post(f"{ROOT}nieuw/", {"title_formal": "Fiets labelen", "code": "fiets"})
        assert answer["Location"] == f"{ROOT}fiets/"
        assert "leeg" in text(admin.get(f"{ROOT}fiets/"))
        admin.post(f"{ROOT}fiets/deel/", {"revision": "1", "title_formal": "De fiets", "code": "de-fiets"})
        answer = admin.post(f"{ROOT}fiets/deel/de-fiets/vraag/", {**FIELD, "revision": "2"})
        assert answer["Location"] == f"{ROOT}fiets/vraag/brand/"
        assert "Wat is je merk?" in text(admin.get(f"{ROOT}fiets/"))
        shown = text(admin.get(f"{ROOT}fiets/publiceren/"))
        assert "nieuw" in shown
        answer = admin.post(f"{ROOT}fiets/publiceren/", {"revision": "3"})
        assert answer["Location"] == f"{ROOT}fiets/versies/"
        assert "2026.1" in text(admin.get(f"{ROOT}fiets/versies/"))
        assert [each.code for each in api.get_form(code="fiets").fields] == ["brand"]

    def test_moves_and_takes_away_by_buttons(self, desk, register):
        loaded()
        clerk = desk("clerk")
        assert clerk.post(FORM, {"revision": "0", "down-field": "family_name"}).status_code == 302
        assert clerk.post(FORM, {"revision": "1", "up-section": "move"}).status_code == 302
        assert clerk.post(FORM, {"revision": "2", "remove-field": "proof"}).status_code == 302
        shown = text(clerk.get(FORM))
        codes = ("deel-move", "since", "deel-who", "email", "family_name")
        order = [shown.index(f'id="regel-{code}"') for code in codes]
        assert order == sorted(order) and 'id="regel-proof"' not in shown

    def test_keeps_what_was_typed_when_a_colleague_was_first(self, desk, register):
        loaded()
        clerk, other = desk("clerk"), desk("clerk")
        other.post(FORM, {"revision": "0", "remove-field": "proof"})
        typed = {**FIELD, "code": "email", "type": "email", "revision": "0"}
        shown = text(clerk.post(f"{FORM}vraag/email/", typed), 409)
        assert "collega" in shown and "Wat is je merk?" in shown and 'name="revision" value="1"' in shown
        assert clerk.post(f"{FORM}vraag/email/", {**typed, "revision": "1"}).status_code == 302
        assert "Wat is je merk?" in text(clerk.get(FORM))

    def test_says_what_is_wrong_beside_what_was_typed(self, desk, register):
        loaded()
        shown = text(desk("clerk").post(f"{FORM}vraag/since/", {
            "revision": "0", "label_formal": "", "label_informal": "Sinds?", "code": "1 fout", "type": "date",
            "min": "morgen", "check_0": "since > 1",
        }), 422)
        for said in ("Vul ook de tekst met u in.", "dd/mm/jjjj", "Sinds?", "morgen", "1 fout"):
            assert said in shown

    @pytest.mark.parametrize(("kind", "posted", "member", "value"), [
        ("choice", {"options": "a | Eerste\nTweede keuze\nc | Uw derde | Je derde"}, "options", 3),
        ("integer", {"min": "2", "max": "9", "unit": "cm"}, "max", 9),
        ("amount", {"max": "12,50"}, "max", 1250),
        ("date", {"min": "vandaag", "max": "31/12/2030"}, "max", "2030-12-31"),
        ("upload", {"accepted": ["pdf"], "max_mb": "3", "max_files": "2"}, "upload", 3 << 20),
        ("repeat", {"row_title_formal": "Lid", "min_rows": "1", "max_rows": "4"}, "max_rows", 4),
        ("text", {"max_length": "30"}, "max_length", 30),
    ])
    def test_changes_the_kind_of_answer_and_what_belongs_to_it(
        self, desk, register, kind, posted, member, value
    ):
        loaded(sections=[{"code": "s", "title": "S", "fields": [
            {"code": "brand", "type": "long_text", "label": "Merk", "required": True},
        ]}])
        clerk = desk("clerk")
        changed = {**FIELD, "type": kind}
        at = clerk.post(f"{FORM}vraag/brand/", {**changed, "revision": "0"})["Location"]
        assert at == f"{FORM}vraag/brand/"
        assert text(clerk.get(at))
        answer = clerk.post(at, {**changed, **posted, "revision": "1"})
        assert answer.status_code == 302, answer.content.decode()[-3000:]
        field = api.get_design(form="proef", actor=a_staff_member("clerk")).definition.find_field("brand")
        found = getattr(field, member)
        assert {"options": lambda: len(found), "upload": lambda: found.max_bytes}.get(
            member, lambda: found
        )() == value

    def test_adds_a_question_to_the_rows_of_a_repeat(self, desk, register):
        loaded(sections=[{"code": "s", "title": "S", "fields": [
            {"code": "team", "type": "repeat", "label": "Ploeg", "required": True, "fields": [
                {"code": "name", "type": "text", "label": "Naam", "required": True}]},
        ]}])
        clerk = desk("clerk")
        assert "rij/name/" in text(clerk.get(f"{FORM}vraag/team/"))
        cell = {**FIELD, "code": "fee", "type": "amount", "revision": "0"}
        answer = clerk.post(f"{FORM}vraag/team/rij/", cell)
        assert answer["Location"] == f"{FORM}vraag/team/rij/fee/"
        assert 'name="team-0-fee"' in text(clerk.get(FORM))

    def test_tells_what_differs_in_words_and_no_signs_of_a_file(self, desk, register):
        loaded()
        clerk = desk("clerk")
        clerk.post(f"{FORM}vraag/email/", {**FIELD, "code": "email", "type": "email", "revision": "0"})
        shown = text(clerk.get(f"{FORM}verschillen/"))
        assert "Wat is uw merk? / Wat is je merk?" in shown and "&quot;formal&quot;" not in shown
        clerk.post(f"{FORM}instellingen/", {
            "revision": "1", "title_formal": "Proef", "submit_label_formal": "Ga", "minutes": "7",
            "draft_days": "10", "minimum_assurance": "low", "case_type": "",
        })
        shown = text(clerk.get(f"{FORM}verschillen/"))
        assert "dossiertype" in shown and "case_type" not in shown and "draft_days" not in shown

    def test_asks_the_unit_of_a_number_in_the_word_for_measures(self, desk, register):
        count = {"code": "trees", "type": "integer", "label": "Aantal", "required": True, "unit": "cm"}
        loaded(sections=[{"code": "s", "title": "S", "fields": [count]}])
        shown = text(desk("clerk").get(f"{FORM}vraag/trees/"))
        label = shown.partition('name="unit"')[0].rpartition("<label")[2]
        assert "Eenheid" in label and "Dienst" not in label

    def test_begins_rows_without_a_question_and_says_that_one_is_needed(self, desk, register):
        loaded()
        clerk = desk("clerk")
        rows = {"label_formal": "Helpers", "code": "helpers", "type": "repeat", "revision": "0"}
        assert clerk.post(f"{FORM}deel/who/vraag/", rows)["Location"] == f"{FORM}vraag/helpers/"
        assert "Deze rijen hebben nog geen vraag" in text(clerk.get(FORM))
        clerk.post(f"{FORM}vraag/helpers/rij/", {**FIELD, "code": "helper", "revision": "1"})
        shown = text(clerk.get(FORM))
        assert "Deze rijen hebben nog geen vraag" not in shown and 'name="helpers-0-helper"' in shown

    def test_changes_the_settings_of_the_form_and_of_a_section(self, desk, register):
        loaded()
        clerk = desk("clerk")
        clerk.post(f"{FORM}instellingen/", {
            "revision": "0", "title_formal": "Andere naam", "submit_label_formal": "Ga", "minutes": "7",
            "draft_days": "10", "minimum_assurance": "low",
        })
        clerk.post(f"{FORM}deel/who/", {"revision": "1", "title_formal": "Over wie gaat het?"})
        shown = text(clerk.get(FORM))
        assert "Andere naam" in shown and "Over wie gaat het?" in shown
        assert "honderd" not in shown
        shown = text(clerk.post(f"{FORM}instellingen/", {"revision": "2", "minutes": "honderd"}), 422)
        assert "honderd" in shown

    def test_offers_the_case_types_there_are_and_tells_of_a_form_that_nobody_would_handle(self, desk):
        admin = desk("tenant_admin")
        admin.post(f"{ROOT}nieuw/", {"title_formal": "Barbecue"})
        form = f"{ROOT}barbecue/"
        assert "noemt geen dossiertype" in text(admin.get(form))
        assert "Proef op de som" in text(admin.get(f"{form}instellingen/"))
        settings = {
            "title_formal": "Barbecue", "submit_label_formal": "Ga", "minutes": "7", "draft_days": "10",
        }
        admin.post(f"{form}instellingen/", {**settings, "revision": "1", "case_type": "bestaat-niet"})
        assert "Het dossiertype bestaat-niet bestaat niet" in text(admin.get(form))
        admin.post(f"{form}instellingen/", {**settings, "revision": "2", "case_type": "proef"})
        assert "dossiertype" not in text(admin.get(form))

    def test_chooses_an_answer_from_a_list_and_names_the_codes_a_rule_may_use(self, desk, register):
        loaded()
        clerk = desk("clerk")
        shown = text(clerk.get(f"{FORM}vraag/occupant/"))
        assert '<option value="occupied=true" selected>Bewoond?: Ja</option>' in shown
        assert "Codes van eerdere vragen" in shown and "<dt>new_address</dt>" not in shown
        posted = {**FIELD, "code": "occupant", "revision": "0", "show_when": "occupied=false"}
        clerk.post(f"{FORM}vraag/occupant/", posted)
        shown = text(clerk.get(f"{FORM}vraag/occupant/"))
        assert '<option value="occupied=false" selected>' in shown

    def test_never_asks_what_is_calculated(self, desk, register):
        loaded()
        clerk = desk("clerk")
        calculated = {**FIELD, "code": "occupant", "revision": "0", "calculation": '"x"'}
        clerk.post(f"{FORM}vraag/occupant/", calculated)
        assert 'name="required" value="on" checked' not in text(clerk.get(f"{FORM}vraag/occupant/"))
        assert "Eerst herstellen" not in text(clerk.get(FORM))

    def test_lets_the_source_that_knows_an_answer_fill_it_in_by_one_press(self, desk, register):
        admin = desk("tenant_admin")
        admin.post(f"{ROOT}nieuw/", {"title_formal": "Één attest & meer"})
        form = f"{ROOT}een-attest-meer/"
        assert f'href="{form}deel/"' in text(admin.get(form))
        admin.post(f"{form}deel/", {"title_formal": "Gegevens", "revision": "1"})
        where = f"{form}deel/gegevens/vraag/"
        assert text(admin.get(form)).count(where) == 2  # to repair, and to add
        admin.post(where, {"label_formal": "Familienaam", "type": "text", "revision": "2"})
        shown = text(admin.get(form))
        assert 'name="fill-field" value="familienaam"' in shown
        assert admin.post(form, {"fill-field": "familienaam", "revision": "3"}).status_code == 302
        (field,) = api.get_design(form="een-attest-meer", actor=a_staff_member("clerk")).definition.fields
        assert field.prefill is not None and field.prefill.path == "person.family_name"
        assert "fill-field" not in text(admin.get(form))

    @pytest.mark.parametrize("where", [
        "onbekend/", "proef/vraag/onbekend/", "proef/deel/onbekend/", "proef/verschillen/?van=99",
        "proef/bestand.json?versie=99", "proef/weggooien/", "proef/deel/onbekend/vraag/",
    ])
    def test_does_not_know_what_is_not_there(self, desk, register, where):
        loaded()
        assert desk("tenant_admin").get(f"{ROOT}{where}").status_code == 404


class TestPublishing:
    def test_is_for_administrators(self, desk, register):
        loaded()
        clerk = desk("clerk")
        clerk.post(FORM, {"revision": "0", "remove-field": "proof"})
        assert clerk.get(f"{FORM}publiceren/").status_code == 403
        assert clerk.post(f"{FORM}publiceren/", {"revision": "1"}).status_code == 403

    def test_is_refused_by_name_of_the_source_that_knows_the_answer(self, desk, register):
        loaded()
        admin = desk("tenant_admin")
        admin.post(f"{FORM}deel/who/vraag/", {**FIELD, "label_formal": "Voornaam", "label_informal": "",
                                              "code": "first", "revision": "0"})
        shown = text(admin.post(f"{FORM}publiceren/", {"revision": "1"}), 422)
        assert "Rijksregister" in shown and f"{FORM}vraag/first/" in shown
        assert api.get_form(code="proef").version == "1"

    def test_shows_what_differs_and_leaves_open_drafts_alone(self, desk, register):
        loaded()
        admin = desk("tenant_admin")
        admin.post(FORM, {"revision": "0", "remove-field": "proof"})
        assert "proof" in text(admin.get(f"{FORM}publiceren/"))
        assert "proof" in text(admin.get(f"{FORM}verschillen/"))
        admin.post(f"{FORM}publiceren/", {"revision": "1"})
        assert "Bewijs" in text(admin.get(f"{FORM}verschillen/?van=1"))

    def test_of_an_older_look_shows_the_newest_first(self, desk, register):
        loaded()
        admin = desk("tenant_admin")
        admin.post(FORM, {"revision": "0", "remove-field": "proof"})
        admin.post(FORM, {"revision": "1", "remove-field": "since"})
        assert "collega" in text(admin.post(f"{FORM}publiceren/", {"revision": "1"}), 409)

    def test_can_be_given_up(self, desk, register):
        loaded()
        clerk = desk("clerk")
        clerk.post(FORM, {"revision": "0", "remove-field": "proof"})
        assert "Weggooien" in text(clerk.get(f"{FORM}weggooien/"))
        clerk.post(f"{FORM}weggooien/")
        assert 'id="regel-proof"' in text(clerk.get(FORM))


class TestTrying:
    def test_answers_as_a_citizen_and_keeps_nothing(self, desk, register):
        loaded()
        clerk = desk("clerk")
        assert "proef" in text(clerk.get(f"{FORM}uitproberen/"))
        shown = text(clerk.post(f"{FORM}uitproberen/", {"email": "fout"}), 422)
        assert 'value="fout"' in shown and "id_email-error" in shown
        shown = text(clerk.post(f"{FORM}uitproberen/", {
            "family_name": "Peeters", "email": "an@voorbeeld.be", "occupied": "false", "since": "01/09/2026",
            "new_address-street_name": "Kerkstraat", "new_address-house_number": "2",
            "new_address-postal_code": "9880", "new_address-municipality": "Aalter",
        }))
        assert "kan verstuurd worden" in shown and "Kerkstraat 2, 9880 Aalter" in shown

    def test_shows_both_address_forms(self, desk, register):
        loaded()
        clerk = desk("clerk")
        assert "Uw proef" in text(clerk.get(f"{FORM}uitproberen/?aanspreking=formal"))
        assert "Je proef" in text(clerk.get(f"{FORM}uitproberen/?aanspreking=informal"))


class TestFiles:
    def test_go_out_and_come_in_as_the_same_form(self, desk, register):
        loaded()
        admin = desk("tenant_admin")
        raw = admin.get(f"{FORM}bestand.json?versie=1").content
        changed = {**codec.decode_untyped(raw), "code": "proef-twee"}
        file = SimpleUploadedFile("proef.json", codec.encode_json(changed))
        answer = admin.post(f"{ROOT}inladen/", {"file": file})
        assert answer["Location"] == f"{ROOT}proef-twee/"
        assert admin.get(f"{FORM}schema.json").json()["properties"]["since"]["format"] == "date"

    @pytest.mark.parametrize(("raw", "said"), [
        (b"geen formulier", "geen formulier"), (b"[1,", "geen formulier"), (b"&a [*a, *a]", "geen formulier"),
        (b"{" * 5_000, "geen formulier"), (b" " * ((1 << 20) + 1), "te groot"),
        (codec.encode_json(a_form(sections=[])), "hieronder"),
        (codec.encode_json(a_form(title="<script>alert(1)</script>")), "hieronder"),
        (codec.encode_json(a_form(code="../x")), "kleine letters"),
    ])
    def test_say_what_is_wrong_with_another_file(self, desk, raw, said):
        admin = desk("tenant_admin")
        shown = text(admin.post(f"{ROOT}inladen/", {"file": SimpleUploadedFile("x.json", raw)}), 422)
        assert said in shown.lower() or said in shown
        assert "<script>alert" not in shown
        assert "Nog geen formulier" in text(admin.get(ROOT))

    def test_never_take_the_place_of_what_somebody_is_changing(self, desk, register):
        loaded()
        admin = desk("tenant_admin")
        raw = admin.get(f"{FORM}bestand.json").content
        admin.post(FORM, {"revision": "0", "remove-field": "proof"})
        shown = text(admin.post(f"{ROOT}inladen/", {"file": SimpleUploadedFile("x.json", raw)}), 422)
        assert "werkkopie" in shown


def test_a_pack_that_is_loaded_again_leaves_a_version_of_the_desk_in_use(desk, register):
    loaded()
    admin = desk("tenant_admin")
    admin.post(FORM, {"revision": "0", "remove-field": "proof"})
    admin.post(f"{FORM}publiceren/", {"revision": "1"})
    assert not api.load_form(definition=api.read_definition(value=a_form()), now=NOW)
    assert api.load_form(definition=api.read_definition(value=a_form(version="2")), now=NOW)
    assert api.get_form(code="proef").version == "2026.1"


class TestPreview:
    def seen(self, clerk, where, **typed):
        return text(clerk.post(f"{FORM}{where}", {"revision": "0", "preview": "fragment", **typed}))

    def test_shows_what_is_typed_on_a_telephone_and_keeps_nothing(self, desk, register):
        loaded()
        clerk = desk("clerk")
        assert 'name="voorbeeld-email"' in text(clerk.get(f"{FORM}vraag/email/"))
        shown = self.seen(clerk, "vraag/email/", **{**FIELD, "code": "email", "type": "long_text"})
        assert "Wat is je merk?" in shown and "<textarea" in shown and "<html" not in shown
        assert api.get_design(form="proef", actor=a_staff_member("clerk")).revision == 0

    @pytest.mark.parametrize(("where", "typed", "said"), [
        ("vraag/email/", {"label_formal": "Half", "code": "1 fout", "type": "text"}, "Half"),
        ("deel/who/vraag/", {"label_formal": "Nieuwe vraag?", "code": "", "type": "date"}, "Nieuwe vraag?"),
        ("deel/", {"title_formal": "Nieuw deel", "code": ""}, "Nieuw deel"),
        ("instellingen/", {"title_formal": "Andere naam", "submit_label_formal": ""}, "Andere naam"),
        ("vraag/email/", {"label_formal": "<script>alert(1)</script>", "code": "email", "type": "email"},
         "&lt;script&gt;alert"),
        ("vraag/since/", {"label_formal": "Sinds?", "code": "since", "type": "date", "visible_when": "x ("},
         "Sinds?"),
    ])
    def test_goes_as_far_as_what_was_typed_makes_sense(self, desk, register, where, typed, said):
        loaded()
        shown = self.seen(desk("clerk"), where, **typed)
        assert said in shown and "<script>" not in shown

    def test_works_by_a_button_without_a_script(self, desk, register):
        loaded()
        typed = {**FIELD, "code": "1 fout", "preview": "page", "revision": "0"}
        shown = text(desk("clerk").post(f"{FORM}vraag/email/", typed))
        assert shown.count("Wat is je merk?") >= 2 and 'value="1 fout"' in shown
        assert "begin met een letter" not in shown

    def test_stands_beside_what_a_colleague_saved(self, desk, register):
        loaded()
        clerk = desk("clerk")
        typed = {**FIELD, "code": "email", "type": "email", "revision": "0"}
        clerk.post(f"{FORM}vraag/email/", {**typed, "label_formal": "Van de collega", "label_informal": ""})
        shown = text(clerk.post(f"{FORM}vraag/email/", typed), 409)
        assert "Beide versies" in shown and "Van de collega" in shown and "Wat is uw merk?" in shown


@pytest.mark.parametrize(("source", "said"), [
    ("citizen", ""), ("", ""), ("calculated", "deze antwoorden"), ("register", "Proefregister"),
    ("oud", "oud"),
])
def test_the_source_of_an_answer_is_told_as_people_know_it(tenant, register, source, said):
    assert api.source_title(source=source) == said
