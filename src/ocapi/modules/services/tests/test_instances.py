"""Local instances: made of concepts, flagged by meaning only, published in versions. Not covered: looks."""

import json
from uuid import UUID

import pytest

from ocapi.kernel.search import api as search
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib.actor import ANONYMOUS
from ocapi.lib.codec import MalformedInput
from ocapi.lib.ldes.following import Fetched, State, follow
from ocapi.lib.rdf import lines
from ocapi.modules.services import api, lpdc
from ocapi.modules.services.data import (
    EntryKind,
    FeedPageNotFound,
    InstanceExists,
    InstanceState,
    NotPublishable,
    Review,
    ServiceNotFound,
)
from ocapi.modules.services.views.feed import FEED_TYPES

CLERK = a_staff_member()
CONCEPT = "https://catalogue.example.org/id/concept/9"
PREFIXES = """@prefix lpdc: <https://productencatalogus.data.vlaanderen.be/ns/ipdc-lpdc#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix m8g: <http://data.europa.eu/m8g/> .
@prefix ps: <http://vocab.belgif.be/ns/publicservice#> .
@prefix schema: <http://schema.org/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
"""


def a_snapshot(number=1, *, day=1, description="Vraag de akte aan.", more="", requirement="Je woont hier"):
    """Make a snapshot of a concept in Turtle."""
    return f"""{PREFIXES}
<https://catalogue.example.org/id/snapshot/{number}> a lpdc:ConceptualPublicServiceSnapshot ;
  dct:isVersionOf <{CONCEPT}> ; schema:productID "1502" ;
  prov:generatedAtTime "2026-0{day}-01T10:00:00Z" ; schema:dateModified "2026-0{day}-01T09:00:00Z" ;
  dct:title "Akte van nationaliteit"@nl-BE-x-generated-informal ,
    "Akte van nationaliteit"@nl-BE-x-generated-formal ;
  dct:description "<p>{description}</p>"@nl-be-x-informal ,
    "<p>U vraagt de akte aan.</p>"@nl-be-x-formal ;
  ps:hasRequirement [ dct:title "Voorwaarden"@nl ; dct:description "{requirement}"@nl-be-x-informal ;
    m8g:hasSupportingEvidence [
      dct:title "Identiteitskaart"@nl ; dct:description "De kaart zelf."@nl ] ] {more} .
"""


@pytest.fixture
def imported(tenant, tmp_path):
    """Give what imports a snapshot: `imported(number, day=…)`."""

    def load(number=1, **changes):
        path = tmp_path / f"{number}.ttl"
        path.write_text(a_snapshot(number, **changes))
        return api.import_catalog(path=path, kind=EntryKind.CONCEPT, now=NOW)

    return load


@pytest.fixture
def instance(imported):
    """An instance made of the first snapshot."""
    imported()
    entry = api.list_catalog(actor=CLERK, text="nationaliteit").items[0]
    return api.make_instance(entry=entry.uuid, actor=CLERK, now=NOW)


def seen(instance):
    return api.get_instance(instance=instance, actor=CLERK)


class TestMaking:
    def test_takes_each_address_form_from_its_own_tag(self, instance):
        text = seen(instance).text
        assert text.description.informal == "Vraag de akte aan."
        assert text.description.formal == "U vraagt de akte aan."
        assert text.title.formal == text.title.informal == "Akte van nationaliteit"

    def test_never_puts_one_form_in_place_of_the_other(self, instance):
        assert seen(instance).text.requirements[0].text.formal == ""

    def test_keeps_evidence_and_codes(self, instance):
        assert seen(instance).text.evidence[0].title.formal == "Identiteitskaart"

    def test_is_done_once_per_concept(self, instance, imported):
        entry = api.list_catalog(actor=CLERK, text="nationaliteit").items[0]
        with pytest.raises(InstanceExists) as known:
            api.make_instance(entry=entry.uuid, actor=CLERK, now=NOW)
        assert known.value.uuid == instance

    def test_is_no_business_of_citizens(self, instance):
        with pytest.raises(PermissionError):
            api.publish_instance(instance=instance, actor=a_citizen(), now=NOW)


class TestReview:
    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"description": "  Vraag   de <b>akte</b> aan.  "},
            {"more": '; dct:source <https://elsewhere.example.org/1> ; schema:dateCreated "2020-01-01"'},
        ],
        ids=["only dates", "only white space and markup", "only where it came from"],
    )
    def test_is_not_asked_for_when_the_meaning_is_the_same(self, instance, imported, changes):
        imported(2, day=2, **changes)
        assert seen(instance).review is None

    def test_is_asked_for_when_a_text_changed_and_shows_what(self, instance, imported):
        imported(2, day=2, description="Vraag de akte online aan.")
        found = seen(instance)
        assert found.review is Review.CHANGED
        assert [each.property for each in found.differences] == ["description"]
        assert found.differences[0].after == ("Vraag de akte online aan.@nl-be-x-informal",)

    def test_is_asked_for_when_a_nested_condition_changed(self, instance, imported):
        imported(2, day=2, requirement="Je bent Belg")
        assert [each.property for each in seen(instance).differences] == ["hasRequirement > description"]

    def test_is_not_asked_for_by_an_older_snapshot(self, imported):
        imported(2, day=2)
        entry = api.list_catalog(actor=CLERK, text="nationaliteit").items[0]
        made = api.make_instance(entry=entry.uuid, actor=CLERK, now=NOW)
        imported(1, day=1, description="Oude tekst.")
        assert seen(made).review is None

    def test_says_when_the_concept_is_gone(self, instance, imported):
        imported(2, day=2, more="; lpdc:isArchived true")
        assert seen(instance).review is Review.ARCHIVED

    def test_is_settled_by_keeping_our_text(self, instance, imported):
        imported(2, day=2, description="Nieuw.")
        api.keep_own_text(instance=instance, actor=CLERK, now=NOW)
        found = seen(instance)
        assert (found.review, found.text.description.informal) == (None, "Vraag de akte aan.")
        imported(3, day=3, description="Nieuw.")
        assert seen(instance).review is None

    def test_is_settled_by_taking_the_new_text_over(self, instance, imported):
        imported(2, day=2, description="Nieuw.")
        api.take_over_text(instance=instance, actor=CLERK, now=NOW)
        assert seen(instance).text.description.informal == "Nieuw."

    def test_stands_first_in_the_list(self, instance, imported):
        imported(2, day=2, description="Nieuw.")
        assert [each.uuid for each in api.list_instances(actor=CLERK, only_review=True).items] == [instance]


class TestPublishing:
    def test_makes_a_product_page_that_search_finds(self, instance):
        api.publish_instance(instance=instance, actor=CLERK, now=NOW)
        page = api.get_service(code="akte-van-nationaliteit", address_form="informal")
        assert page.description == "Vraag de akte aan."
        assert [each.title for each in page.bring] == ["Identiteitskaart"]
        assert search.find(text="nationaliteit").hits[0].url == "/dienst/akte-van-nationaliteit"

    def test_keeps_each_version_as_it_was(self, instance, imported):
        api.publish_instance(instance=instance, actor=CLERK, now=NOW)
        first = seen(instance).snapshots[0]
        imported(2, day=2, description="Nieuw.")
        api.take_over_text(instance=instance, actor=CLERK, now=NOW)
        api.publish_instance(instance=instance, actor=CLERK, now=NOW)
        found = seen(instance).snapshots
        assert [each.version for each in found] == [2, 1]
        assert found[1] == first
        assert found[0].digest != first.digest

    def test_refuses_what_the_receiver_would_refuse(self, tenant, tmp_path):
        path = tmp_path / "bare.ttl"
        path.write_text(
            PREFIXES
            + '<https://x.example.org/1> a lpdc:ConceptualPublicServiceSnapshot ; dct:title "Only"@en .'
        )
        api.import_catalog(path=path, kind=EntryKind.CONCEPT, now=NOW)
        entry = api.list_catalog(actor=CLERK).items[0]
        made = api.make_instance(entry=entry.uuid, actor=CLERK, now=NOW)
        with pytest.raises(NotPublishable) as refused:
            api.publish_instance(instance=made, actor=CLERK, now=NOW)
        assert refused.value.problems[:2] == ("titleMissing", "descriptionMissing")
        assert seen(made).snapshots == ()

    def test_ends_with_a_last_snapshot_and_without_a_page(self, instance):
        api.publish_instance(instance=instance, actor=CLERK, now=NOW)
        api.archive_instance(instance=instance, actor=CLERK, now=NOW)
        found = seen(instance)
        assert (found.state, found.snapshots[0].is_archived) == (InstanceState.ARCHIVED, True)
        with pytest.raises(ServiceNotFound):
            api.get_service(code=found.code, address_form="informal")


class TestJsonLd:
    def test_is_read_with_the_context_beside_it_and_keeps_every_variant(
        self, tenant, shared, tmp_path, capsys
    ):
        folder = shared / "data" / "services" / "lpdc"
        context = shared / "data" / "oslo" / "contexts" / "ipdc-lpdc-im.jsonld"
        (tmp_path / "ipdc-lpdc-im.jsonld").write_bytes(context.read_bytes())
        (tmp_path / "ldes.jsonld").write_bytes((folder / "ipdc-stub__jsonld__ldes.jsonld").read_bytes())
        names = [*folder.glob("ipdc-stub__ldes-pages__*"), *folder.glob("*concept-from*.jsonld")]
        names += folder.glob("instance-data__instance-published*.json")
        failed = {}
        for source in names:
            kind = EntryKind.INSTANCE if "instance" in source.name else EntryKind.CONCEPT
            path = tmp_path / source.name
            path.write_bytes(source.read_bytes())
            done = api.import_catalog(path=path, kind=kind, now=NOW)
            if done.refused or not done.written + done.unchanged:
                failed[source.name] = done.refused[0].reason.partition(": ")[2]
        with capsys.disabled():
            print(f"\nlpdc json-ld files: {len(names) - len(failed)} / {len(names)}")
        # The context inside this one calls its texts links, so by the standard it has none.
        known = {"concept-data__concept-from-ldes-stream.jsonld": "has no title (dcterms:title)"}
        assert (failed, len(names)) == (known, 7)
        entry = api.list_catalog(actor=CLERK, text="woonzorgcentrum", kind=EntryKind.CONCEPT).items[0]
        title = next(f for f in api.get_entry(entry=entry.uuid, actor=CLERK).facts if f.property == "title")
        assert {"nl", "nl-be-x-generated-formal"} <= {value.language for value in title.values}

    def test_names_the_context_that_is_missing_and_writes_nothing(self, tenant, tmp_path):
        path = tmp_path / "page.jsonld"
        path.write_text(
            json.dumps({"@context": ["https://ipdc.example.org/im.jsonld"], "@id": "https://x.example.org/1"})
        )
        with pytest.raises(MalformedInput, match=r"put the file im\.jsonld beside the import"):
            api.import_catalog(path=path, kind=EntryKind.CONCEPT, now=NOW)

    @pytest.mark.parametrize(
        "address", ["https://x.example.org/../../etc/passwd", "https://x.example.org/", "file:///etc/hosts"]
    )
    def test_reads_no_context_from_elsewhere(self, tenant, tmp_path, address):
        path = tmp_path / "page.jsonld"
        path.write_text(json.dumps({"@context": address, "@id": "https://x.example.org/1"}))
        with pytest.raises(MalformedInput, match="beside the import"):
            api.import_catalog(path=path, kind=EntryKind.CONCEPT, now=NOW)


class TestMeaning:
    def test_is_the_same_for_the_same_things_in_another_order_under_other_names(self):
        first = lpdc.read(a_snapshot(1).encode(), kind=EntryKind.CONCEPT).entries[0]
        second = lpdc.read(a_snapshot(2, day=5).encode(), kind=EntryKind.CONCEPT).entries[0]
        assert lpdc.meaning(first.raw, iri=first.iri) == lpdc.meaning(second.raw, iri=second.iri)


class TestFeed:
    def published(self, imported, count=1):
        """Publish versions of one instance and give its uuid."""
        imported()
        entry = api.list_catalog(actor=CLERK, text="nationaliteit").items[0]
        made = api.make_instance(entry=entry.uuid, actor=CLERK, now=NOW)
        for _ in range(count):
            api.publish_instance(instance=made, actor=CLERK, now=NOW)
        return made

    def test_of_lpdc_holds_the_full_state_in_one_variant(self, imported, tmp_path, tenant):
        made = self.published(imported)
        page = json.loads(api.get_lpdc_page(number=0, actor=ANONYMOUS).content)
        assert page["@id"].endswith("/doc/instancesnapshot?pageNumber=0")
        assert (page["@type"], page["view"]["relation"]) == ("EventStream", [])
        (member,) = page["member"]
        assert member["@id"] == f"{tenant.base_iri}/id/publieke-dienst/{made}/1"
        assert member["beschrijving"] == {"nl-BE-x-informal": "Vraag de akte aan."}
        assert member["voorwaarden"][0]["bewijs"]["naam"] == {"nl-BE-x-informal": "Identiteitskaart"}
        assert (member["linkedConcept"], member["productnummer"]) == (CONCEPT, "1502")
        assert member["gearchiveerd"] is False

    def test_of_lpdc_is_read_by_its_own_contexts_as_an_instance(self, imported, tmp_path, tenant):
        self.published(imported)
        for name in ("ipdc-lpdc-im", "ldes"):
            (tmp_path / f"{name}.jsonld").write_bytes(api.get_context(name=name))
        path = tmp_path / "page.json"
        path.write_bytes(api.get_lpdc_page(number=0, actor=ANONYMOUS).content)
        done = api.import_catalog(path=path, kind=EntryKind.INSTANCE, now=NOW)
        assert (done.written, done.refused, done.warnings) == (1, (), ())

    def test_leads_on_by_pages_that_never_change_and_tells_of_the_end(self, imported, tmp_path, monkeypatch):
        monkeypatch.setattr("ocapi.modules.services.feed.PAGE_SIZE", 2)
        made = self.published(imported, count=2)
        open_page = api.get_lpdc_page(number=0, actor=ANONYMOUS)
        assert not open_page.is_full
        api.archive_instance(instance=made, actor=CLERK, now=NOW)
        first, last = (api.get_lpdc_page(number=each, actor=ANONYMOUS) for each in (0, 1))
        assert (first.is_full, last.is_full) == (True, False)
        kinds = [json.loads(each.content)["view"]["relation"][0]["@type"] for each in (first, last)]
        assert kinds == ["GreaterThanOrEqualToRelation", "LessThanOrEqualToRelation"]
        assert json.loads(last.content)["member"][0]["gearchiveerd"] is True
        with pytest.raises(FeedPageNotFound):
            api.get_lpdc_page(number=2, actor=ANONYMOUS)

    def test_in_the_strict_view_gives_a_reader_the_same_members(
        self, imported, tmp_path, monkeypatch, tenant
    ):
        monkeypatch.setattr("ocapi.modules.services.feed.PAGE_SIZE", 2)
        made = self.published(imported, count=3)

        def fetch(address, tag):
            asked.append(address)
            number = address.rpartition("/")[2]
            given = {"media_type": "application/n-triples", "actor": ANONYMOUS}
            if number.isdigit():
                page = api.get_feed_page(number=int(number), **given)
            else:
                page = api.get_feed(**given)
            return Fetched(graph=lines.read(page.content.decode()), tag=page.tag, is_immutable=page.is_full)

        asked, start, state = [], f"{tenant.base_iri}/feeds/diensten", State()
        read = [each for page in follow(start, fetch=fetch, state=state) for each in page]
        pages = [json.loads(api.get_lpdc_page(number=n, actor=ANONYMOUS).content) for n in (0, 1)]
        assert [each.name for each in read] == [each["@id"] for page in pages for each in page["member"]]
        assert len(read) == 3
        title = ("http://purl.org/dc/terms/title", "Akte van nationaliteit")
        assert all(title in {(p, getattr(v, "text", v)) for _s, p, v in each.statements} for each in read)
        asked.clear()
        api.publish_instance(instance=made, actor=CLERK, now=NOW)
        resumed = State.of(state.kept())
        fresh = [each.name for page in follow(start, fetch=fetch, state=resumed) for each in page]
        assert (len(fresh), f"{start}/1" in asked) == (1, False)

    def test_names_what_leads_to_a_page_and_to_the_same_as_linked_data(self, imported, tenant, nobody):
        made = self.published(imported, count=2)
        (first, second) = json.loads(api.get_lpdc_page(number=0, actor=ANONYMOUS).content)["member"]
        for iri in (first["@id"], second["@id"], first["isVersionOf"]):
            path = iri.removeprefix(tenant.base_iri)
            sent = nobody.get(path)
            assert sent.status_code == 303, iri
            page = nobody.get(sent["Location"])
            assert page.status_code == 200 or page["Location"].startswith("/dienst/")
            for kind in FEED_TYPES:
                told = nobody.get(sent["Location"], headers={"accept": kind})
                assert (told.status_code, told["Content-Type"]) == (200, kind)
            graph = lines.read(
                nobody.get(sent["Location"], headers={"accept": "application/n-triples"}).content.decode()
            )
            assert graph.one(iri, "http://purl.org/dc/terms/title").text == "Akte van nationaliteit"
        page = nobody.get(f"/versies/diensten/{made}/1").content.decode()
        assert "Akte van nationaliteit" in page and f"/versies/diensten/{made}/2" in page
        missing = [f"{made}/3", f"{made}/x", f"{made}/{'9' * 12}", f"{UUID(int=1)}/1"]
        answers = {nobody.get(f"/id/publieke-dienst/{each}").status_code for each in missing}
        answers |= {nobody.get(f"/versies/diensten/{each}").status_code for each in missing}
        assert answers == {404}

    def test_still_leads_to_an_instance_that_is_offered_no_longer(self, imported, tenant, nobody):
        made = self.published(imported)
        api.archive_instance(instance=made, actor=CLERK, now=NOW)
        sent = nobody.get(f"/id/publieke-dienst/{made}")
        page = nobody.get(sent["Location"])
        assert page.status_code == 200
        assert "niet meer" in page.content.decode()


class TestOwnProducts:
    def test_stand_in_both_views_of_the_feed_and_keep_their_page(self, tenant):
        from ocapi.kernel.registry import api as registry

        registry.load_pack(name="public-services", now=NOW)
        before = api.get_service(code="attest-van-woonst", address_form="informal")
        done, _stayed = api.publish_products(actor=CLERK, now=NOW)
        assert done >= 10
        page = json.loads(api.get_lpdc_page(number=0, actor=ANONYMOUS).content)
        names = {each["naam"]["nl-BE-x-informal"] for each in page["member"]}
        assert "Attest van woonst" in names
        assert not any("linkedConcept" in each for each in page["member"])
        strict = api.get_feed_page(number=1, media_type="application/n-triples", actor=ANONYMOUS).content
        assert strict.count(b"ipdc-lpdc#InstancePublicServiceSnapshot") == done
        after = api.get_service(code="attest-van-woonst", address_form="informal")
        assert (after.action, after.procedure, after.cost) == (before.action, before.procedure, before.cost)
        assert api.publish_products(actor=CLERK, now=NOW) == (0, done + _stayed)

    def test_keep_their_form_when_their_text_is_written_anew(self, tenant):
        from dataclasses import replace

        from ocapi.kernel.registry import api as registry

        registry.load_pack(name="public-services", now=NOW)
        before = api.get_service(code="attest-van-woonst", address_form="informal")
        api.publish_products(actor=CLERK, now=NOW)
        found = next(
            each for each in api.list_instances(actor=CLERK).items if each.title == "Attest van woonst"
        )
        assert found.concept == ""
        text = api.get_instance(instance=found.uuid, actor=CLERK).text
        said = replace(text.description, informal="Nieuw.", formal="Nieuw.")
        api.write_instance(instance=found.uuid, text=replace(text, description=said), actor=CLERK, now=NOW)
        api.publish_instance(instance=found.uuid, actor=CLERK, now=NOW)
        after = api.get_service(code="attest-van-woonst", address_form="informal")
        assert after.description == "Nieuw."
        assert (after.action, after.procedure) == (before.action, before.procedure)
