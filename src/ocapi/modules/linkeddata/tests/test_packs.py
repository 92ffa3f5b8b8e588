"""The shipped profile and the register of local authorities in it. Not covered: pages, other registers."""

from pathlib import Path

import pytest
from django.conf import settings

from ocapi.kernel.registry.extensions import PackFile
from ocapi.kernel.tenants.testing import NOW
from ocapi.modules.linkeddata import api, authorities, checking, profiles, queries
from ocapi.modules.linkeddata.models import ObjectRow
from ocapi.modules.linkeddata.tests.conftest import OPERATOR

SOME = frozenset({"aalter", "aalter-voor-2019", "knesselare", "hamme", "ocmw-aalter"})


@pytest.fixture
def profile(tenant):
    raw = (Path(settings.OCAPI.project) / "content" / "data-services" / "bestuurseenheden.yaml").read_bytes()
    file = PackFile(
        pack="data-services", version="1", kind="dataProfile", path="bestuurseenheden.yaml", raw=raw
    )
    assert api.load_profile(file=file, now=NOW).written == 1
    return file


def load(keys=SOME):
    return api.load_register(
        service="bestuurseenheden", things=authorities.local_authorities(keys=keys), actor=OPERATOR, now=NOW
    )


class TestProfile:
    def test_makes_its_service_once(self, profile):
        assert api.load_profile(file=profile, now=NOW).written == 0
        assert not api.get_service(service="bestuurseenheden", actor=OPERATOR).warnings

    def test_says_that_another_version_is_in_use(self, profile):
        newer = PackFile(
            pack="x", version="2", kind="dataProfile", path=profile.path, raw=profile.raw + b"# anders\n"
        )
        assert len(api.load_profile(file=newer, now=NOW).warnings) == 1


class TestRegister:
    def test_becomes_objects_and_again_changes_nothing(self, profile):
        assert load() == (5, 0)
        assert load() == (0, 5)
        assert set(ObjectRow.objects.values_list("title", flat=True)) >= {"Aalter", "Hamme", "Knesselare"}

    def test_says_what_replaced_a_municipality_that_merged(self, profile):
        load()
        gone = ObjectRow.objects.get(title="Knesselare")
        aalter = ObjectRow.objects.get(iri=gone.replaced_by[0])
        found = api.get_object(uuid=gone.uuid, term="Bestuurseenheid", actor=OPERATOR, now=NOW)
        assert found.ended_on.isoformat() == "2019-01-01"
        assert (aalter.title, aalter.ended_on) == ("Aalter", None)

    def test_holds_every_public_body_as_the_profile_asks(self, profile):
        service = queries.service_row("bestuurseenheden")
        rules = checking.Rules(profiles.of(service), "urn:none", "")
        found = list(authorities.public_bodies())
        titles = [
            checking.check(each.body, rules, term=each.term, iri=f"urn:body:{each.key}").title
            for each in found
        ]
        assert (len(found), len({each.key for each in found})) == (1_296, 1_296)
        assert "" not in titles
        assert sum(1 for each in found if each.ended_on) > 50

    def test_is_filled_with_bodies_of_other_kinds_too(self, profile, monkeypatch):
        some = [each for each in authorities.public_bodies() if "aalter" in each.key]
        monkeypatch.setattr(authorities, "public_bodies", lambda: some)
        assert api.load_public_bodies(actor=OPERATOR, now=NOW) == (len(some), 0)
        assert ObjectRow.objects.filter(title__startswith="POLITIEZONE").exists()
