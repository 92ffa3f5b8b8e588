"""What people find, and how spelling is forgiven. Not covered here: speed (see `ocapi bench portal`)."""

import pytest

from ocapi.kernel.search import api as search
from ocapi.kernel.search import ranking
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import ids


@pytest.fixture
def services(tenant):
    texts = {
        "kapvergunning": ("Kapvergunning aanvragen", "Een boom kappen", ("bomen rooien", "boom vellen")),
        "verhuizing": ("Verhuizing doorgeven", "Uw nieuw adres melden", ("adreswijziging", "verhuizen")),
        "reispas": ("Reispas aanvragen", "Een paspoort voor buiten Europa", ("paspoort",)),
    }
    for code, (title, summary, keywords) in texts.items():
        search.index(
            kind="service",
            uuid=ids.new_uuid(NOW),
            url=f"/dienst/{code}",
            title=title,
            summary=summary,
            body="",
            keywords=keywords,
            now=NOW,
        )


def found(text: str, **options: object) -> list[str]:
    return [hit.url.rpartition("/")[2] for hit in search.find(text=text, **options).hits]


@pytest.mark.usefixtures("services")
class TestFind:
    @pytest.mark.parametrize(("text", "code"), [
        ("kapvergunning", "kapvergunning"), ("KAPVERGUNNINGEN", "kapvergunning"), ("boom", "kapvergunning"),
        ("verhuizen", "verhuizing"), ("adreswijziging", "verhuizing"), ("paspoort aanvragen", "reispas"),
    ])
    def test_finds_by_title_inflection_and_keyword(self, text, code):
        assert found(text)[0] == code

    @pytest.mark.parametrize(("typed", "meant", "code"), [
        ("kapvergunnig", "kapvergunning", "kapvergunning"),
        ("kapverguning", "kapvergunning", "kapvergunning"),
        ("verhuisen", "verhuizen", "verhuizing"), ("pasport", "paspoort", "reispas"),
    ])
    def test_corrects_a_misspelling_within_two_letters_and_says_so(self, typed, meant, code):
        results = search.find(text=typed)
        assert results.suggestion == meant
        assert results.hits[0].url.endswith(code)

    def test_does_not_correct_what_is_further_away(self):
        results = search.find(text="zwembad")
        assert results.hits == ()
        assert results.suggestion is None

    def test_finds_most_of_the_words_when_no_thing_has_all(self):
        assert found("paspoort zwembad") == ["reispas"]

    def test_shows_each_audience_only_its_own(self):
        assert found("kapvergunning", audience="desk") == []

    def test_takes_query_syntax_as_words(self):
        assert found('kapvergunning" OR * NEAR(') == ["kapvergunning"]

    def test_answers_an_empty_text_with_nothing(self):
        assert found("   ") == []

    def test_forgets_what_was_removed(self):
        hit = search.find(text="paspoort").hits[0]
        search.remove(kind="service", uuid=hit.uuid)
        assert found("paspoort") == []

    def test_keeps_the_index_of_another_organization_apart(self, other_tenant):
        with tenants.unbound(), tenants.bind_tenant(other_tenant):
            assert found("kapvergunning") == []
            assert search.find(text="kapverguning").suggestion is None


class TestCorrected:
    def test_prefers_the_nearest_then_the_more_common_word(self):
        assert ranking.corrected("belastimg", vocabulary={"belasting": 1, "belasten": 5}) == "belasting"

    def test_takes_an_inflection_for_what_it_is(self):
        assert ranking.corrected("kapvergunningen", vocabulary={"kapvergunning": 1, "vergunninge": 1}) is None

    def test_leaves_short_and_known_words_alone(self):
        assert ranking.corrected("een bom", vocabulary={"een": 2, "boom": 3}) is None
