"""What is taken in and what is not. Not covered here: who may read a file, that is the holding module's."""

import pytest

from ocapi.kernel.files import api as files
from ocapi.kernel.files import scanning, store
from ocapi.kernel.files.data import FileNotFound, FileNotReleased, FileRefused, FileState, MediaType
from ocapi.kernel.files.extensions import Verdict, scanners
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import ids

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def received(content: bytes, name: str, **options: object) -> object:
    return files.receive(chunks=[content], name=name, now=NOW, **options)


def refusal(content: bytes, name: str, **options: object) -> FileRefused:
    with pytest.raises(FileRefused) as raised:
        received(content, name, **options)
    return raised.value


@pytest.mark.usefixtures("tenant")
class TestReceive:
    def test_keeps_a_document_under_its_hash(self):
        stored = received(PDF, "plan.pdf")
        assert stored.state is FileState.RELEASED
        assert files.read(file=stored.uuid).content == PDF

    def test_refuses_an_extension_nobody_asked_for(self):
        assert refusal(b"MZ", "virus.exe").reason == "wrongType"

    def test_refuses_a_type_this_form_does_not_take(self):
        refused = refusal(PNG, "foto.png", accepted=(MediaType.PDF,))
        assert (refused.reason, refused.accepted) == ("wrongType", ("pdf",))

    def test_refuses_content_that_differs_from_its_name(self):
        assert refusal(PNG, "plan.pdf").reason == "contentDiffers"

    def test_stops_reading_at_the_limit_and_keeps_nothing(self):
        taken = []

        def endless():
            yield PDF
            while True:
                taken.append(1)
                yield b"x" * 1000

        with pytest.raises(FileRefused) as raised:
            files.receive(chunks=endless(), name="groot.pdf", max_bytes=5000, now=NOW)
        assert raised.value.reason == "tooLarge"
        assert len(taken) <= 6
        assert list((store.tenants.folder() / "blobs" / "quarantine").iterdir()) == []

    def test_refuses_an_empty_file(self):
        assert refusal(b"", "leeg.pdf").reason in ("empty", "contentDiffers")

    def test_refuses_what_the_scanner_calls_infected(self):
        assert refusal(PDF + scanning.TEST_SIGNATURE, "brief.pdf").reason == "infected"

    def test_refuses_a_document_with_a_script_inside(self):
        assert refusal(PDF + b"<< /S /JavaScript /JS (app.alert(1)) >>", "brief.pdf").reason == "infected"

    @pytest.mark.parametrize(("given", "kept"), [
        ("../../etc/plan.pdf", "plan.pdf"), ("C:\\temp\\plan.pdf", "plan.pdf"),
        ("pl\u202ean\x00.pdf", "plan.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ])
    def test_keeps_only_the_last_clean_part_of_a_name(self, given, kept):
        assert received(PDF, given).name == kept

    def test_holds_a_file_in_quarantine_while_a_scanner_is_down_and_releases_it_later(self, flaky_scanner):
        stored = received(PDF, "plan.pdf")
        with pytest.raises(FileNotReleased):
            files.read(file=stored.uuid)
        flaky_scanner.answer = Verdict.CLEAN
        assert files.rescan(now=NOW) == 1
        assert files.read(file=stored.uuid).content == PDF

    def test_finds_damage_before_serving(self):
        stored = received(PDF, "plan.pdf")
        store.blob_path(stored.sha256).write_bytes(b"%PDF-other")
        with pytest.raises(files.BlobDamaged):
            files.read(file=stored.uuid)
        store.blob_path(stored.sha256).write_bytes(PDF)

    def test_does_not_know_the_file_of_another_organization(self, other_tenant):
        stored = received(PDF, "plan.pdf")
        with tenants.unbound(), tenants.bind_tenant(other_tenant), pytest.raises(FileNotFound):
            files.get(file=stored.uuid)

    def test_does_not_know_a_random_file(self):
        with pytest.raises(FileNotFound):
            files.get(file=ids.new_uuid(NOW))


class FlakyScanner:
    name = "flaky"

    def __init__(self) -> None:
        self.answer = Verdict.UNAVAILABLE

    def scan(self, *, path, media_type):
        return self.answer


@pytest.fixture
def flaky_scanner():
    scanner = FlakyScanner()
    scanners.add(scanner)
    yield scanner
    scanners._providers.pop("flaky")
