"""Making services at the command line, and who reads what leaves which leaf. Not covered: REST."""

import argparse

import pytest

from ocapi.kernel.outbox.testing import published
from ocapi.lib import clock
from ocapi.modules.linkeddata import api, commands
from ocapi.modules.linkeddata.data import Access, ObjectRefused, ProfileRefused, ServiceExists
from ocapi.modules.linkeddata.models import ProfileRow
from ocapi.modules.linkeddata.tests.conftest import OPERATOR
from ocapi.modules.linkeddata.tests.profile_files import an_organization


def create(folder, **changes):
    asked = {"may_read": Access.OPEN, "actor": OPERATOR, "now": clock.now(), **changes}
    return api.create_service(folder=folder, **asked)


class TestCreateService:
    def test_makes_a_service_of_a_folder(self, tenant, folder):
        made = create(folder)
        assert (made.code, made.title, made.fallback_share) == ("organisaties", "Organisaties", 0)
        assert [each.term for each in made.classes] == ["Organisatie", "Vestiging"]
        (event,) = published("be.ocapi.linkeddata.service.created")
        assert made.digest in event.data

    def test_pins_a_profile_once_and_by_its_hash(self, tenant, folder):
        one, other = create(folder), create(folder, code="tweede")
        assert one.digest == other.digest
        assert ProfileRow.objects.count() == 1

    def test_goes_on_by_the_pinned_files_when_the_folder_changes(self, tenant, folder):
        made = create(folder)
        (folder / "profile.yaml").write_text("weg")
        assert api.get_service(service="organisaties", actor=OPERATOR).digest == made.digest

    def test_refuses_a_code_that_is_taken_or_no_address(self, tenant, folder):
        create(folder)
        with pytest.raises(ServiceExists):
            create(folder)
        with pytest.raises(ValueError, match="lower-case"):
            create(folder, code="Niet Goed")

    def test_refuses_a_profile_that_contradicts_itself_and_says_where(self, tenant, folder):
        (folder / "shacl.ttl").write_text(
            "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:S> sh:targetClass <urn:C> ; sh:property"
            " [ sh:path <urn:p> ; sh:minCount 2 ; sh:maxCount 1 ] ."
        )
        (folder / "context.jsonld").write_text('{"@context": {"C": "urn:C"}}')
        (folder / "profile.yaml").unlink()
        with pytest.raises(ProfileRefused) as refused:
            create(folder)
        assert [code for code, _where, _detail in refused.value.findings] == ["unsatisfiable"]

    def test_takes_every_usable_official_profile(self, tenant, shared):
        made = []
        for folder in sorted((shared / "data" / "oslo" / "profiles").iterdir()):
            if folder.is_dir() and folder.name != "adresregister":
                made.append(create(folder).code)
                assert api.get_openapi(service=folder.name, server="https://x.be").startswith(
                    "openapi: 3.0.3"
                )
        assert len(made) == 15

    def test_runs_an_official_profile(self, tenant, shared):
        create(shared / "data" / "oslo" / "profiles" / "besluit-publicatie", code="besluiten")
        kind = "https://data.vlaanderen.be/id/concept/AgendapuntType/1"
        body = {"Agendapunt.titel": "Aanleg fietspad", "geplandOpenbaar": True, "Agendapunt.type": [kind]}
        made = api.create_object(
            service="besluiten", term="Agendapunt", body=body, actor=OPERATOR, now=clock.now()
        )
        assert made.title == "Aanleg fietspad"
        with pytest.raises(ObjectRefused):
            api.create_object(
                service="besluiten",
                term="Agendapunt",
                body={"geplandOpenbaar": "misschien"},
                actor=OPERATOR,
                now=clock.now(),
            )


class TestFallback:
    def test_judges_objects_by_shapes_that_are_not_compiled(self, tenant, folder):
        (folder / "profile.yaml").unlink()
        (folder / "context.jsonld").write_text(
            '{"@context": {"C": "urn:C", "p": {"@id": "urn:p", "@type": "@id"}}}'
        )
        (folder / "shacl.ttl").write_text(
            "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:S> sh:targetClass <urn:C> ; sh:property"
            " [ sh:path [ sh:oneOrMorePath <urn:p> ] ; sh:minCount 1 ] ."
        )
        assert create(folder, code="traag").fallback_share == 1
        asked = {"service": "traag", "term": "C", "actor": OPERATOR, "now": clock.now()}
        assert api.create_object(body={"p": "urn:x"}, **asked).sequence == 1
        with pytest.raises(ObjectRefused) as refused:
            api.create_object(body={}, **asked)
        assert refused.value.issues[0].kind.endswith("MinCountConstraintComponent")


class TestLeaves:
    def test_are_left_for_each_look_at_what_is_about_persons(self, services, monkeypatch):
        seen = []
        monkeypatch.setattr(
            api.audit, "consulted", lambda **leaf: seen.append((leaf["operation"], leaf["resource"]))
        )
        made = api.create_object(
            service="personal", term="Organisatie", body=an_organization(), actor=OPERATOR, now=clock.now()
        )
        seen.clear()
        api.get_object(
            service="personal", term="Organisatie", uuid=made.uuid, actor=OPERATOR, now=clock.now()
        )
        assert seen == [("linkeddata.read_personal", f"linkedObject/{made.uuid}")]

    def test_are_not_left_for_what_is_open(self, services, monkeypatch):
        monkeypatch.setattr(api.audit, "consulted", lambda **_leaf: pytest.fail("a leaf for open data"))
        made = api.create_object(
            service="open", term="Organisatie", body=an_organization(), actor=OPERATOR, now=clock.now()
        )
        api.get_object(service="open", term="Organisatie", uuid=made.uuid, actor=OPERATOR, now=clock.now())


class TestCommands:
    def options(self, **given):
        return argparse.Namespace(**{"shipped": "", "code": "", "title": "", "access": "open", **given})

    def test_make_lint_and_show(self, tenant, folder, capsys):
        assert commands.create(self.options(profile=folder)) == 0
        assert commands.create(self.options(profile=folder)) == 1
        assert commands.lint(self.options(profiles=[folder])) == 0
        assert commands.show(self.options()) == 0
        printed = capsys.readouterr()
        assert "organisaties: 2 classes, open" in printed.out
        assert "1 of 1 profiles can carry a data service" in printed.out
        assert "already" in printed.err

    def test_say_that_a_folder_holds_no_profile(self, tenant, tmp_path, capsys):
        assert commands.create(self.options(profile=tmp_path)) == 1
        assert commands.lint(self.options(profiles=[tmp_path])) == 1
        assert "no context.jsonld" in capsys.readouterr().err
