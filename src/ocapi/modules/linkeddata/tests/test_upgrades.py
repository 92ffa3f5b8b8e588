"""Another version of a profile: the difference, the report, and both versions side by side.

Not covered: official profiles; they are read by the same reader.
"""

import argparse
from urllib.parse import urlsplit

import pytest

from ocapi.lib import clock, codec
from ocapi.lib.profile import changes, reader
from ocapi.modules.linkeddata import api, commands, indexing
from ocapi.modules.linkeddata.data import ProfileRefused, ServiceNotFound
from ocapi.modules.linkeddata.models import ServiceRow
from ocapi.modules.linkeddata.tests.conftest import OPERATOR
from ocapi.modules.linkeddata.tests.profile_files import PROFILE, an_organization

NEW = (
    PROFILE.replace('{term: naam, iri: "skos:prefLabel"', '{term: benaming, iri: "skos:prefLabel"')
    .replace('{term: nummer, iri: "ex:number",', '{term: nummer, iri: "ex:number", count: "1",')
    .replace('- {term: plaats, iri: "ex:place"', '- {term: adres, iri: "ex:address"')
)


@pytest.fixture
def newer(tmp_path):
    folder = tmp_path / "nieuw"
    folder.mkdir()
    (folder / "profile.yaml").write_text(NEW)
    return folder


@pytest.fixture
def made(services):
    return api.create_object(
        service="open", term="Organisatie", body=an_organization(), actor=OPERATOR, now=clock.now()
    )


def upgrade(folder, *, is_applied=True, service="open"):
    return api.upgrade_service(
        service=service, folder=folder, is_applied=is_applied, actor=OPERATOR, now=clock.now()
    )


class TestDifference:
    def test_names_what_objects_notice(self):
        old, new = (reader.read({"profile.yaml": text.encode()}, name="x") for text in (PROFILE, NEW))
        found = {(each.kind, each.where, each.is_breaking) for each in changes.between(old, new)}
        assert ("renamed", "Organisatie.naam", True) in found
        assert ("count", "Organisatie.nummer", True) in found
        assert ("propertyRemoved", "Vestiging.plaats", True) in found
        assert ("propertyAdded", "Vestiging.adres", True) in found
        assert changes.between(old, old) == ()


class TestReport:
    def test_counts_objects_and_says_where_they_do_not_fit(self, made, newer):
        found = upgrade(newer, is_applied=False)
        assert (found.fitting, found.examples) == (0, ((made.iri, "$.naam"),))
        assert found.reasons
        assert ServiceRow.objects.get(code="open").profile.digest == found.before

    def test_reads_nothing_about_persons(self, services, newer):
        api.create_object(
            service="personal", term="Organisatie", body=an_organization(), actor=OPERATOR, now=clock.now()
        )
        found = upgrade(newer, is_applied=False, service="personal")
        assert (found.fitting, found.reasons) == (0, ())

    def test_of_a_service_that_is_not_there_or_a_profile_that_is_none(self, services, newer):
        with pytest.raises(ServiceNotFound):
            upgrade(newer, service="nergens")
        (newer / "profile.yaml").write_text(NEW.replace("classes:", "classes: []\nx:").partition("\nx:")[0])
        with pytest.raises(ProfileRefused):
            upgrade(newer)


class TestUpgrade:
    def test_serves_old_objects_by_the_old_version_and_new_ones_by_the_new(self, browse, made, newer):
        before = api.written(made, media_type="text/turtle")
        digest = upgrade(newer).before
        kept = api.get_object(uuid=made.uuid, term="Organisatie", actor=OPERATOR, now=clock.now())
        assert (kept.profile, kept.content) == (digest, made.content)
        assert api.written(kept, media_type="text/turtle") == before
        context = api.linked_document(kept)["@context"]
        got = browse().get(urlsplit(context).path)
        assert "naam" in codec.decode_untyped(got.content)["@context"]
        newest = browse().get("/data/open/context.jsonld").content
        assert "benaming" in codec.decode_untyped(newest)["@context"]
        added = api.create_object(
            service="open", term="Organisatie", body={"benaming": "Nieuw", "nummer": "0207446773"},
            actor=OPERATOR, now=clock.now(),
        )
        assert added.profile == ""
        assert "0207446773" in browse().get(f"/doc/Organisatie/{made.uuid}").content.decode()

    def test_is_done_for_an_object_when_it_is_written_again(self, made, newer):
        upgrade(newer)
        again = api.replace_object(
            service="open", term="Organisatie", uuid=made.uuid, sequence=1, actor=OPERATOR, now=clock.now(),
            body={"benaming": "Hamme", "nummer": "0207446773"},
        )
        assert (again.sequence, again.profile) == (2, "")
        first = api.get_object(
            uuid=made.uuid, term="Organisatie", sequence=1, actor=OPERATOR, now=clock.now()
        )
        assert first.profile != ""

    def test_keeps_feed_and_index_as_they_were(self, browse, made, newer):
        import shutil

        shutil.rmtree(indexing.folder(), ignore_errors=True)
        page = browse().get("/data/open/feed/1", headers={"accept": "text/turtle"}).content
        upgrade(newer)
        assert browse().get("/data/open/feed/1", headers={"accept": "text/turtle"}).content == page
        assert api.rebuild(now=clock.now()).statements > 3

    def test_ends_an_object_by_the_version_it_was_written_by(self, made, newer):
        digest = upgrade(newer).before
        ended = api.end_object(
            service="open", term="Organisatie", uuid=made.uuid, ended_on=clock.local_day(clock.now()),
            replaced_by=(), sequence=1, actor=OPERATOR, now=clock.now(),
        )
        assert (ended.sequence, ended.profile) == (2, digest)

    def test_and_back_changes_nothing_for_who_stayed(self, made, newer, folder):
        digest = upgrade(newer).before
        upgrade(folder)
        kept = api.get_object(uuid=made.uuid, term="Organisatie", actor=OPERATOR, now=clock.now())
        assert (kept.profile, ServiceRow.objects.get(code="open").profile.digest) == ("", digest)

    def test_gives_no_context_by_which_the_service_never_ran(self, browse, made):
        assert browse().get(f"/data/open/profiel/{'0' * 64}/context.jsonld").status_code == 404


class TestCommand:
    def test_says_what_changes_and_takes_it_into_use_when_told(self, made, newer, capsys):
        options = argparse.Namespace(service="open", profile=newer, apply=False)
        assert commands.upgrade(options) == 0
        said = capsys.readouterr().out
        assert "renamed Organisatie.naam" in said
        assert "nothing was changed" in said
        assert commands.upgrade(argparse.Namespace(service="open", profile=newer, apply=True)) == 0
        assert "in use now" in capsys.readouterr().out
        assert commands.upgrade(argparse.Namespace(service="x", profile=newer, apply=True)) == 1
