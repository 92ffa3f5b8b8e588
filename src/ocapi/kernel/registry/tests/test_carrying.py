"""Carrying an organization out and in. Not covered: kills in between (`ocapi proof crash`), and from one kind
of database to the other (`ocapi proof restore`).
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.audit import api as audit
from ocapi.kernel.files import api as files
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.carrying import checking, signing
from ocapi.kernel.registry.carrying.data import ArchiveRefused
from ocapi.kernel.registry.tests import carried
from ocapi.kernel.registry.tests.carried import KEY, NUMBER, PDF, READING, Carried, a_tar, resign
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import AlreadyHere, KeyTaken, NotThisRelease
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib.tests.exported_log import VERIFIER

ADDED_BY_THE_IMPORT = {"audit_leaf": 1}


@pytest.fixture(scope="module")
def archive(installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Carried:
    return carried.make(tmp_path_factory.mktemp("carried"))


@pytest.fixture
def copy(archive: Carried, tmp_path: Path) -> Path:
    return shutil.copytree(archive.folder, tmp_path / "copy")


@pytest.fixture(autouse=True)
def _clean(installation: Path) -> Iterator[None]:
    yield
    if KEY in [each.key for each in tenants.list_tenants()]:
        tenants.delete(key=KEY)


def nothing_is_there(key: str = KEY) -> bool:
    home = Path(settings.OCAPI.data)
    tenants.forget()
    return (
        key not in [each.key for each in tenants.list_tenants()]
        and not (home / "tenants" / key).exists()
        and list((home / "scratch").iterdir()) == []
    )


def refusal(source: Path, **more: object) -> ArchiveRefused:
    with pytest.raises(ArchiveRefused) as refused:
        registry.import_tenant(source=source, now=NOW, **more)
    assert nothing_is_there()
    return refused.value


class TestImport:
    @pytest.mark.parametrize("form", ["folder", "tar"])
    def test_makes_the_same_organization(self, archive: Carried, form: str) -> None:
        made = registry.import_tenant(source=getattr(archive, form), now=NOW)
        assert (made.uuid, made.base_iri) == (archive.uuid, f"http://{KEY}.localhost:{settings.OCAPI.port}")
        with tenants.bind_tenant(tenants.by_host(f"{KEY}.localhost")):
            if form == "tar":
                found = {table.name: tenants.count_rows(table.name) for table in tenants.list_tables()}
                assert {name: count - ADDED_BY_THE_IMPORT.get(name, 0) for name, count in found.items()
                        } == archive.counts
                assert audit.latest_head().root.hex() == archive.manifest.audit.root
            assert files.read(file=archive.file).content == PDF
            assert (tenants.folder() / "inbox" / "0001.seg").read_bytes() == READING
            assert registry.setting("organization.name") == "Gedragen"
            assert accounts.national_number_of(archive.person) == NUMBER

    def test_goes_on_with_the_log_where_it_stood(self, archive: Carried, tmp_path: Path) -> None:
        registry.import_tenant(source=archive.tar, now=NOW)
        with tenants.bind(KEY):
            audit.seal(now=NOW)
            head = audit.export_log(folder=tmp_path / "log")
        shutil.copy(archive.folder / "audit" / "heads.jsonl", tmp_path / "log" / "heads-before.jsonl")
        seen = (archive.folder / "audit" / "heads.jsonl").read_text().splitlines()[-1]
        (tmp_path / "log" / "seen.json").write_text(seen + "\n")
        told = subprocess.run([sys.executable, "-I", str(VERIFIER), str(tmp_path / "log")],
                              capture_output=True, text=True, check=False)
        assert (told.returncode, head.size) == (0, archive.manifest.audit.leaves + 1), told.stdout

    def test_gives_new_rows_numbers_of_their_own(self, archive: Carried) -> None:
        registry.import_tenant(source=archive.tar, now=NOW)
        with tenants.bind(KEY):
            again = files.keep(content=PDF + b"again", name="nog.pdf", now=NOW)
            assert files.read(file=again.uuid).content == PDF + b"again"

    def test_takes_another_key_and_other_hosts(self, archive: Carried) -> None:
        made = registry.import_tenant(source=archive.tar, now=NOW, key="elsewhere", hosts=("else.localhost",))
        try:
            assert (made.key, tenants.by_host("else.localhost").uuid) == ("elsewhere", archive.uuid)
        finally:
            tenants.delete(key="elsewhere")

    def test_refuses_who_is_here_already_and_keys_in_use(self, archive: Carried) -> None:
        registry.import_tenant(source=archive.tar, now=NOW)
        with pytest.raises(KeyTaken, match=KEY):
            registry.import_tenant(source=archive.tar, now=NOW)
        with pytest.raises(KeyTaken, match=f"{KEY}.localhost"):
            registry.import_tenant(source=archive.tar, now=NOW, key="second")
        with pytest.raises(AlreadyHere, match=KEY):
            registry.import_tenant(source=archive.tar, now=NOW, key="second", hosts=("second.localhost",))
        assert nothing_is_there("second")
        with tenants.bind(KEY):
            assert files.read(file=archive.file).content == PDF

    def test_brings_an_older_archive_up_to_this_release(self, archive: Carried, copy: Path) -> None:
        lacking = "jobs.0003_trace"
        schema = json.loads((copy / "schema.json").read_bytes())
        for table in schema["tables"]:
            if table["name"] == "jobs_job":
                table["columns"] = [each for each in table["columns"] if each["name"] != "trace_id"]
        (copy / "schema.json").write_text(json.dumps(schema))
        resign(copy, lambda manifest: manifest["migrations"].remove(lacking))
        registry.import_tenant(source=copy, now=NOW)
        with tenants.bind(KEY):
            assert lacking in tenants.applied_migrations()
            assert tenants.count_rows("accounts_person") == 1
            assert files.read(file=archive.file).content == PDF


@pytest.mark.usefixtures("another_installation")
class TestImportElsewhere:
    def test_asks_for_the_signer_then_for_the_code(self, archive: Carried) -> None:
        unknown = refusal(archive.tar)
        assert unknown.reason == "unknownSigner"
        signer = " ".join(unknown.detail[place: place + 4] for place in range(0, 64, 4)).upper()
        assert refusal(archive.tar, trusted="0" * 64).reason == "unknownSigner"
        assert refusal(archive.tar, trusted=signer).reason == "codeNeeded"
        assert refusal(archive.tar, trusted=signer, code=signing.new_code()).reason == "codeWrong"

    def test_opens_sealed_columns_and_finds_by_them(self, archive: Carried) -> None:
        signer = refusal(archive.tar).detail
        registry.import_tenant(source=archive.tar, now=NOW, trusted=signer, code=archive.code.lower())
        with tenants.bind(KEY):
            assert accounts.national_number_of(archive.person) == NUMBER
            found = accounts.find_person_by_national_number(NUMBER)
            assert found is not None
            assert found.uuid == archive.person


class TestBadInput:
    def test_that_is_foreign_is_called_so(self, tmp_path: Path) -> None:
        (tmp_path / "letter.tar").write_bytes(b"Dear reader, " * 400)
        (tmp_path / "empty").mkdir()
        other = a_tar(tmp_path / "other.tar", ("photo.jpg", b"x"))
        for source in (tmp_path / "letter.tar", tmp_path / "empty", other, tmp_path / "absent.tar"):
            assert refusal(source).reason == "notAnArchive"

    def test_that_was_cut_off_anywhere_is_called_truncated(self, archive: Carried, tmp_path: Path) -> None:
        whole = archive.tar.read_bytes()
        signature = whole.rindex(b'"seal"')
        for length in (len(whole) // 10, len(whole) // 2, whole.rindex(b"ustar"), signature, 700):
            for place in (length, length // 512 * 512):
                (tmp_path / "cut.tar").write_bytes(whole[:place])
                assert refusal(tmp_path / "cut.tar").reason == "truncated", place

    def test_of_a_newer_format_or_release_says_so(self, copy: Path) -> None:
        resign(copy, lambda manifest: manifest["migrations"].append("jobs.0999_later"))
        found = refusal(copy)
        assert (found.reason, found.detail) == ("newerRelease", "jobs.0999_later")
        resign(copy, lambda manifest: manifest.update(version=2, sidecar={}))
        assert refusal(copy).reason == "newerFormat"
        resign(copy, lambda manifest: manifest.update(format="other"))
        assert refusal(copy).reason == "notAnArchive"

    def test_changed_after_signing_is_refused(self, copy: Path) -> None:
        manifest = copy / "manifest.json"
        manifest.write_bytes(manifest.read_bytes().replace(b'"is_demo":true', b'"is_demo":false'))
        assert refusal(copy).reason == "wrongSignature"
        (copy / "signature.json").write_text("{}")
        assert refusal(copy).reason == "wrongSignature"

    @pytest.mark.parametrize("name", ["blob", "tables/accounts_person.jsonl", "audit/leaves.jsonl",
                                      "keys.json", "SHA256SUMS", "README.md"])
    def test_with_a_changed_file_names_it(self, copy: Path, name: str) -> None:
        sha256 = hashlib.sha256(PDF).hexdigest()
        name = f"blobs/{sha256[:2]}/{sha256}" if name == "blob" else name
        content = (copy / name).read_bytes()
        (copy / name).write_bytes(bytes([content[0] ^ 1]) + content[1:])
        found = refusal(copy)
        assert (found.reason, found.place) == ("changed", name)

    def test_with_a_file_too_few_or_too_many_names_it(self, copy: Path) -> None:
        (copy / "files" / "more.bin").write_bytes(b"x")
        found = refusal(copy)
        assert (found.reason, found.place) == ("unexpected", "files/more.bin")
        (copy / "files" / "more.bin").unlink()
        (copy / "tables" / "files_file.jsonl").unlink()
        found = refusal(copy)
        assert (found.reason, found.place) == ("missing", "tables/files_file.jsonl")

    @pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "tables/./x", "a\\b", "a\nb",
                                      "..", "x" * 300])
    def test_with_a_name_that_leads_out_is_refused(self, tmp_path: Path, name: str) -> None:
        source = a_tar(tmp_path / "evil.tar", (name, b"x"), ("manifest.json", b"{}"))
        assert refusal(source).reason == "badName"
        assert not (tmp_path / "evil").exists()

    @pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
    def test_with_a_link_or_a_device_is_refused(self, tmp_path: Path, kind: bytes) -> None:
        entry = tarfile.TarInfo("tables")
        entry.type, entry.linkname = kind, "/etc"
        assert refusal(a_tar(tmp_path / "link.tar", (entry, b""))).reason == "badName"

    def test_with_a_link_in_a_folder_is_refused(self, copy: Path) -> None:
        (copy / "files" / "link").symlink_to("/etc/hostname")
        assert refusal(copy).reason == "badName"

    def test_with_a_name_that_stands_twice_is_refused(self, tmp_path: Path) -> None:
        source = a_tar(tmp_path / "twice.tar", ("README.md", b"x"), ("README.md", b"y"))
        assert refusal(source).reason == "unexpected"

    def test_with_a_row_that_does_not_fit_names_table_and_line(self, copy: Path) -> None:
        table = copy / "tables" / "accounts_person.jsonl"
        good = table.read_bytes()
        for bad in (b"{]\n", b'{"id":"one"}\n', b'{"nonsense":1}\n', b'{"id":7}\n'):
            table.write_bytes(good + bad)
            resign(copy)
            found = refusal(copy)
            assert (found.reason, found.place) == ("badRow", "accounts_person")
            assert "line 2" in found.detail or "line 1" in found.detail

    def test_with_a_reference_to_nothing_is_refused(self, copy: Path) -> None:
        (copy / "tables" / "accounts_person.jsonl").write_bytes(b"")
        resign(copy, lambda manifest: manifest["rows"].update(accounts_person=0))
        assert refusal(copy).reason == "badRow"

    def test_with_a_row_too_few_says_how_many(self, copy: Path) -> None:
        (copy / "tables" / "registry_setting.jsonl").write_bytes(b"")
        resign(copy)
        found = refusal(copy)
        assert (found.reason, found.detail) == ("countDiffers", "0 rows of 1")

    def test_whose_log_lost_a_leaf_is_refused_although_it_is_signed(self, copy: Path) -> None:
        leaves = copy / "tables" / "audit_leaf.jsonl"
        lines = leaves.read_bytes().splitlines(keepends=True)
        row = json.loads(lines[0])
        row["canonical"] = lines[1] and json.loads(lines[1])["canonical"]
        leaves.write_bytes(json.dumps(row).encode() + b"\n" + b"".join(lines[1:]))
        resign(copy)
        assert refusal(copy).reason == "rootDiffers"

    def test_on_a_full_disk_is_refused(self, archive: Carried, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checking.tenants, "free_bytes", lambda: 1)
        assert refusal(archive.tar).reason == "noSpace"


class TestExport:
    def test_can_be_read_with_nothing_but_the_standard_library(self, archive: Carried) -> None:
        rows = [json.loads(line) for line in (archive.folder / "tables/registry_setting.jsonl").open()]
        assert [(row["name"], row["value"], row["changed_at"]) for row in rows] == [
            ("organization.name", "Gedragen", "2026-11-23T09:30:00Z")]
        for line in (archive.folder / "SHA256SUMS").read_text().splitlines():
            sha256, _, name = line.partition("  ")
            assert hashlib.sha256((archive.folder / name).read_bytes()).hexdigest() == sha256
        told = subprocess.run([sys.executable, "-I", str(VERIFIER), str(archive.folder / "audit")],
                              capture_output=True, text=True, check=False)
        assert told.stdout.startswith("ok: "), told.stdout
        assert "You need no OCAPI to read it" in (archive.folder / "README.md").read_text()

    def test_describes_every_table_and_says_how_each_column_is_written(self, tenant: object) -> None:
        tables = tenants.list_tables()
        assert {table.name for table in tables} == set(connection.introspection.table_names()) - {
            "django_migrations"}
        ours = [table for table in tables if table.name.startswith(("audit_", "cases_", "files_"))]
        assert all(table.meaning for table in ours)

    def test_holds_no_key_and_no_number_in_the_clear(self, archive: Carried) -> None:
        data = archive.tar.read_bytes()
        assert NUMBER.encode() not in data
        assert archive.code.encode() not in data

    def test_shows_one_state_while_others_write(
        self, committed_tenant: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = tenants.current().key
        carried.fill()
        made: list[int] = []

        def write_meanwhile(words: str) -> None:
            made.append(1)

        export_log = audit.export_log

        def while_writing(*, folder: Path) -> object:
            import threading

            def write() -> None:
                with tenants.bind(key):
                    files.keep(content=PDF + b"late", name="laat.pdf", now=NOW)
                tenants.close_connections()

            thread = threading.Thread(target=write)
            thread.start()
            thread.join(20)
            made.append(thread.is_alive())
            return export_log(folder=folder)

        monkeypatch.setattr(audit, "export_log", while_writing)
        exported = registry.export_tenant(key=key, target=tmp_path / "x.tar", now=NOW, tell=write_meanwhile)
        assert made == [False]
        assert (exported.manifest.rows["files_file"], exported.manifest.blobs.count) == (1, 1)
        assert tenants.count_rows("files_file") == 2

    def test_refuses_to_overwrite(self, committed_tenant: object, tmp_path: Path) -> None:
        (tmp_path / "there").mkdir()
        with pytest.raises(ArchiveRefused, match="exists"):
            registry.export_tenant(key=tenants.current().key, target=tmp_path / "there", now=NOW)

    @pytest.mark.parametrize("name", ["x.tar", "x"])
    @pytest.mark.parametrize("fault", ["changed", "missing"])
    def test_of_a_damaged_blob_names_it_and_leaves_nothing(
        self, committed_tenant: object, tmp_path: Path, name: str, fault: str
    ) -> None:
        carried.fill()
        _sha256, _size, path = next(iter(files.list_blobs()))
        path.unlink() if fault == "missing" else path.write_bytes(b"other")
        with pytest.raises(ArchiveRefused, match=path.name) as refused:
            registry.export_tenant(key=tenants.current().key, target=tmp_path / name, now=NOW)
        assert refused.value.reason == "sourceDamaged"
        assert list(tmp_path.iterdir()) == []

    def test_of_an_organization_behind_this_release_is_refused(
        self, committed_tenant: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tenants, "known_migrations", lambda: frozenset({"jobs.0999_later"}))
        with pytest.raises(NotThisRelease):
            registry.export_tenant(key=tenants.current().key, target=tmp_path / "x.tar", now=NOW)
        assert list(tmp_path.iterdir()) == []
