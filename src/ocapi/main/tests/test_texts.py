"""What Dutch texts may say. Not covered: compiling them, and that each is there (`ocapi check`)."""

import pytest

from ocapi.dataplane import pages, uploads
from ocapi.main import texts


class TestAddresses:
    @pytest.mark.parametrize("text", [
        "Bekijk ze opnieuw voor je ze publiceert.", "Uw aanvraag is ontvangen.", "Wat wilt U?"])
    def test_finds_a_word_for_who_reads(self, text):
        assert texts.addresses(text)

    @pytest.mark.parametrize("text", [
        "Vul ook de tekst met u in.", "Schrijf de tekst met u én met je.", "je (informeel)",
        "Bureau, menu, jeugd"])
    def test_leaves_alone_what_only_names_the_words(self, text):
        assert not texts.addresses(text)


class TestPagesOfTheEdge:
    """They stand in no catalog: the edge does not know how an organization addresses people."""

    @pytest.mark.parametrize("text", [
        *pages.TEXTS.values(), uploads.EXPIRED, uploads.NO_FILE, uploads.BUSY, uploads.TWICE])
    def test_address_nobody(self, text):
        assert not any(texts.addresses(each) for each in (text.title, text.explanation, text.advice))


class TestInTwoWords:
    def catalog(self, folder, module, *texts):
        place = folder / "src" / "ocapi" / "modules" / module / "locale" / "nl" / "LC_MESSAGES"
        place.mkdir(parents=True)
        lines = [f'msgid "{said}"\nmsgstr "{text}"\n' for said, text in texts]
        (place / "django.po").write_text("\n".join(lines))

    def test_names_a_message_that_two_modules_say_differently(self, tmp_path):
        self.catalog(tmp_path, "cases", ("Unit", "Dienst"), ("Name", "Naam"))
        self.catalog(tmp_path, "insight", ("Unit", "Eenheid"), ("Name", "Naam"))
        assert list(texts.problems(tmp_path)) == [
            "'Unit' stands in two words in nl: 'Dienst' in modules/cases, 'Eenheid' in modules/insight"]
