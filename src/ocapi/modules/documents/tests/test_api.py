"""Rendering, reading and loading through the door. Not covered: the worker's loop, which the jobs app tests."""

import pytest

from ocapi.kernel.access.data import NotAllowed, Reason
from ocapi.kernel.access.extensions import operations
from ocapi.kernel.audit import api as audit
from ocapi.kernel.audit.data import OPERATIONS
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import ids
from ocapi.lib.actor import ANONYMOUS
from ocapi.lib.codec import MalformedInput
from ocapi.modules.documents import api
from ocapi.modules.documents.data import (
    DocumentNotFound,
    DocumentNotReady,
    LetterUnknown,
    PlaceholderMissing,
    StoredDocument,
)
from ocapi.modules.documents.tests import factories
from ocapi.modules.documents.tests.factories import VALUES

CLERK = a_staff_member()
CITIZEN = a_citizen()


@pytest.fixture
def loaded(tenant: object) -> None:
    factories.load_letters(NOW)


@pytest.fixture
def audit_operations() -> None:
    """Have audit's own rows in the policy table, also when no composition root ran."""
    for operation in OPERATIONS:
        if operations.find(operation.name) is None:
            operations.add(operation)


def rendered(**changes: object) -> StoredDocument:
    given: dict = {
        "template": "every-block", "values": VALUES, "address_form": "informal", "about": (CITIZEN.person,),
        "reference": "VLA-2026-000001-1", "actor": CLERK, "now": NOW,
    }
    return api.render(**(given | changes))


@pytest.mark.usefixtures("loaded")
class TestRender:
    def test_keeps_a_letter_that_is_readable_at_once(self):
        stored = rendered()
        assert (stored.title, stored.kind, stored.pdf) == ("Je brief", "decision", None)
        assert "De boom is ziek." in api.read_html(document=stored.uuid, actor=CITIZEN, now=NOW)

    def test_renders_each_letter_we_ship_from_its_examples(self):
        for letter in api.list_letters():
            values = dict.fromkeys(letter.placeholders, "Voorbeeld")
            assert "Voorbeeld" in api.read_html(
                document=rendered(template=letter.code, values=values).uuid, actor=CLERK, now=NOW
            )
        assert {"receipt", "permit-granted", "case-closed"} <= {letter.code for letter in api.list_letters()}

    def test_names_the_missing_values(self):
        with pytest.raises(PlaceholderMissing) as raised:
            rendered(values={name: VALUES[name] for name in VALUES if name != "motivation"})
        assert raised.value.names == ("motivation",)

    def test_fills_sender_and_date_by_itself(self):
        registry.save_setting(name="organization.name", value="Gemeente Vlavirgem", actor=CLERK, now=NOW)
        values = {name: VALUES[name] for name in VALUES if name not in ("organization_name", "letter_date")}
        shown = api.read_html(document=rendered(values=values).uuid, actor=CLERK, now=NOW)
        assert "<strong>Gemeente Vlavirgem</strong>" in shown
        assert "23 november 2026" in shown

    def test_knows_no_letter_of_another_name_or_language(self):
        with pytest.raises(LetterUnknown) as raised:
            rendered(template="brief")
        assert "receipt" in raised.value.known
        with pytest.raises(LetterUnknown):
            rendered(language="fr")

    def test_asks_a_visitor_to_sign_in(self):
        with pytest.raises(NotAllowed) as raised:
            rendered(actor=ANONYMOUS)
        assert raised.value.reason is Reason.SIGN_IN_NEEDED

    def test_takes_the_brand_of_the_organization(self):
        from ocapi.modules.documents import services

        assert services._brand('{"brand": "#4a3c8c"}') == "#4a3c8c"
        assert services._brand('{"brand": "red"}') == services._brand("") == services._brand("nonsense")


@pytest.mark.usefixtures("loaded", "audit_operations")
class TestReadDocument:
    def test_is_not_ready_before_the_worker_made_the_pdf(self):
        with pytest.raises(DocumentNotReady):
            api.read_document(document=rendered().uuid, actor=CITIZEN, now=NOW)

    def test_gives_the_pdf_to_whom_it_is_about_and_leaves_a_line(self):
        stored = rendered()
        api.make_pdf(document=stored.uuid, now=NOW)
        content = api.read_document(document=stored.uuid, actor=CITIZEN, now=NOW)
        assert content.content.startswith(b"%PDF-")
        assert content.file.name == "every-block-VLA-2026-000001-1.pdf"
        lines = audit.list_consultations(person=CITIZEN.person, actor=CITIZEN, now=NOW).items
        assert [(line.operation, line.reference) for line in lines if line.kind == "consultation"] == [
            ("documents.read", "VLA-2026-000001-1"),
        ]

    def test_does_not_exist_for_another_citizen(self):
        with pytest.raises(NotAllowed) as raised:
            api.read_document(document=rendered().uuid, actor=a_citizen(), now=NOW)
        assert raised.value.reason is Reason.HIDDEN

    def test_is_nobodys_own_when_it_is_about_nobody(self):
        with pytest.raises(NotAllowed):
            api.read_html(document=rendered(about=()).uuid, actor=CITIZEN, now=NOW)

    def test_knows_no_document_of_a_random_id(self):
        with pytest.raises(DocumentNotFound):
            api.read_document(document=ids.new_uuid(NOW), actor=CLERK, now=NOW)


@pytest.mark.usefixtures("loaded")
class TestMakePdf:
    def test_makes_it_once_and_says_so_once(self):
        stored = rendered()
        first = api.make_pdf(document=stored.uuid, now=NOW)
        assert api.make_pdf(document=stored.uuid, now=NOW).pdf == first.pdf is not None
        outbox.assign_sequences()
        told = [fact for fact in outbox.list_since(sequence=0)
                if fact.type == "be.ocapi.documents.document.rendered.v1"]
        assert len(told) == 1
        assert api.list_documents(documents=[stored.uuid, ids.new_uuid(NOW)]) == {stored.uuid: first}


@pytest.mark.usefixtures("tenant")
class TestLoad:
    def test_refuses_a_letter_with_a_name_outside_the_list(self):
        factories.load_letters(NOW)
        strange = factories.EVERY_BLOCK.replace("outcome", "shoe_size")
        with pytest.raises(MalformedInput) as raised:
            api.load_letter(file=factories.pack_file("letter", strange), now=NOW)
        assert "shoe_size" in raised.value.detail

    def test_refuses_a_list_that_lacks_a_name_a_letter_uses(self):
        api.load_letter(file=factories.pack_file("letter", factories.EVERY_BLOCK), now=NOW)
        short = "placeholders: [{name: outcome, label: Uitkomst, example: Vergund}]"
        with pytest.raises(MalformedInput) as raised:
            api.load_placeholders(file=factories.pack_file("placeholders", short), now=NOW)
        assert "letter every-block" in raised.value.path

    def test_offers_no_letter_before_its_names_are_known(self):
        api.load_letter(file=factories.pack_file("letter", factories.EVERY_BLOCK), now=NOW)
        assert api.list_letters() == ()
        with pytest.raises(LetterUnknown):
            rendered()

    def test_replaces_a_letter_of_the_same_code(self):
        factories.load_letters(NOW)
        before = len(api.list_letters())
        changed = factories.EVERY_BLOCK.replace('version: "1"', 'version: "2"')
        api.load_letter(file=factories.pack_file("letter", changed), now=NOW)
        assert len(api.list_letters()) == before
        assert next(each for each in api.list_letters() if each.code == "every-block").version == "2"


def test_another_organization_does_not_see_the_document(loaded: None, other_tenant: object):
    stored = rendered()
    with tenants.unbound(), tenants.bind_tenant(other_tenant), pytest.raises(DocumentNotFound):
        api.read_document(document=stored.uuid, actor=CLERK, now=NOW)


@pytest.mark.usefixtures("loaded")
def test_a_preview_keeps_nothing():
    shown = api.preview_html(template="every-block", values=VALUES, address_form="formal")
    assert "<h1>Uw beslissing</h1>" in shown
