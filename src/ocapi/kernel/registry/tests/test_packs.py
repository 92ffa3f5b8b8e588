"""Content packs and imports. Not covered here: what each module's loader makes of its files."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry import packs
from ocapi.kernel.tenants.testing import NOW

CONTENT = Path(settings.OCAPI.project) / "content"
HEADER = "uri,label,classification,status,kbo,ovo,nis,nis_source,province\n"


class TestEveryPack:
    @pytest.mark.parametrize("folder", sorted(p.parent.name for p in CONTENT.glob("*/pack.yaml")))
    def test_holds_the_files_it_names_with_their_hashes(self, folder):
        assert list(packs.verified_files(packs.read_pack(CONTENT / folder)))

    def test_is_refused_when_a_file_differs_from_its_hash(self, tmp_path):
        copy = shutil.copytree(CONTENT / "principles", tmp_path / "principles")
        (copy / "principles.yaml").write_text("principles: []\n")
        with pytest.raises(packs.PackRefused, match="principles.yaml"):
            list(packs.verified_files(packs.read_pack(copy)))


class TestLocalAuthorities:
    def test_load_once_with_their_mergers_and_resolve_old_identifiers(self, tenant):
        first = registry.load_pack(name="local-authorities", now=NOW)
        again = registry.load_pack(name="local-authorities", now=NOW)
        assert (first.refused, again.written) == ((), 0)
        old = accounts.resolve(scheme="nis", value="44043", on=date(2026, 1, 1))
        assert [found.name for found in old.replaced_by] == ["Merelbeke-Melle"]

    def test_keep_the_organization_of_wingene_under_its_new_code(self, tenant):
        registry.load_pack(name="local-authorities", now=NOW)
        found = accounts.resolve(scheme="nis", value="37018", on=date(2026, 1, 1))
        assert (found.organization.key, found.current_value) == ("wingene", "37021")


class TestAdministrativeUnits:
    def imported(self, tmp_path: Path, rows: str):
        path = tmp_path / "units.csv"
        path.write_text(HEADER + rows)
        return registry.import_file(path=path, format_name="", now=NOW)

    def test_report_a_bad_row_by_line_and_load_the_rest(self, tenant, tmp_path):
        done = self.imported(
            tmp_path,
            "http://x.example/1,Goed,Gemeente,Actief,0207437468,,41002,,Oost-Vlaanderen\n"
            "http://x.example/2,Fout,Gemeente,Actief,12,,41003,,Oost-Vlaanderen\n"
            "geen-iri,Fout,Gemeente,Actief,,,,,\n"
            "http://x.example/4,Kort\n",
        )
        assert done.written == 1
        assert [bad.line for bad in done.refused] == [3, 4, 5]

    def test_warn_about_a_wrong_check_digit_and_keep_the_row(self, tenant, tmp_path):
        done = self.imported(tmp_path, "http://x.example/1,Oud,Projectvereniging,Actief,0680397589,,,,\n")
        assert (done.written, [each.line for each in done.warnings]) == (1, [2])

    def test_keep_the_number_of_an_establishment_unit_as_such(self, tenant, tmp_path):
        done = self.imported(tmp_path, "http://x.example/1,Deurne,District,Actief,2165926559,,11252,,\n")
        assert (done.written, done.refused, [each.line for each in done.warnings]) == (1, (), [2])

    def test_refuse_a_file_nobody_reads_with_the_known_formats(self, tenant, tmp_path):
        path = tmp_path / "x.bin"
        path.write_bytes(b"\x00\x01")
        with pytest.raises(packs.UnknownFormat, match="administrative-units"):
            registry.import_file(path=path, format_name="", now=NOW)

    def test_read_the_real_table(self, tenant, shared):
        done = registry.import_file(
            path=shared / "data/municipalities/administrative_units.csv", format_name="", now=NOW
        )
        assert (done.written, done.refused) == (1296, ())
        assert any("0680397589" in each.reason for each in done.warnings)
