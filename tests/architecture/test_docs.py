"""Documents and locks tell the truth. Not covered here: generated pages (`ocapi check` compares them)."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.architecture.rules import PROJECT, SOURCE

MODULES = sorted(path.parent.name for path in (SOURCE / "modules").glob("*/module.py"))
LOCKS = sorted(PROJECT.glob("requirements*.lock"))
ADDRESS = re.compile(
    r"https?://[a-z.]*(py" r"pi|python" r"hosted|npm" r"js|deb" r"ian|ma" r"ven)\.", re.IGNORECASE
)


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return [PROJECT / name for name in listed.stdout.split("\0") if name and (PROJECT / name).is_file()]


class TestGlossary:
    @pytest.mark.parametrize("module", MODULES)
    def test_has_a_word_of_every_module(self, module):
        terms = yaml.safe_load((PROJECT / "docs/glossary.yaml").read_text())
        assert any(term["module"] == module for term in terms)

    def test_gives_each_dutch_term_one_english_name(self):
        terms = [term["nl"] for term in yaml.safe_load((PROJECT / "docs/glossary.yaml").read_text())]
        assert len(terms) == len(set(terms))


class TestEveryModule:
    @pytest.mark.parametrize("module", MODULES)
    def test_has_a_readme_and_a_quality_file_that_claims_what_it_can_show(self, module):
        home = SOURCE / "modules" / module
        assert (home / "README.md").read_text().startswith("# ")
        quality = yaml.safe_load((home / "quality.yaml").read_text())
        assert quality["tier"] in ("bronze", "silver", "gold")
        for rule, state in quality["rules"].items():
            assert state == "done" or str(state).startswith("exempt:"), f"{module}: {rule}"


class TestLocks:
    @pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
    def test_hash_every_package_and_name_no_registry(self, lock):
        text = lock.read_text()
        packages = re.findall(r"^[A-Za-z0-9][^\n]*==[^\n]*(?:\n    --hash=[^\n]*)*", text, re.MULTILINE)
        assert packages
        assert [each.partition("==")[0] for each in packages if "--hash=sha256:" not in each] == []
        assert not ADDRESS.search(text)

    def test_keep_addresses_out_of_the_browser_lock(self):
        assert '"resolved"' not in (PROJECT / "package-lock.json").read_text()


class TestTrackedFiles:
    def test_name_no_registry_and_no_path_of_a_machine(self):
        found = []
        for path in tracked():
            if path.suffix in (".png", ".mo", ".svg", ".woff2"):
                continue
            text = path.read_text(errors="replace")
            if ADDRESS.search(text) or re.search(r"/wor[k]/|/roo[t]/", text):
                found.append(str(path.relative_to(PROJECT)))
        assert found == []


class TestLinks:
    def test_in_the_documents_lead_somewhere(self):
        broken = []
        for page in [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]:
            for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
                if not target.startswith(("http", "mailto:")) and not (page.parent / target).exists():
                    broken.append(f"{page.relative_to(PROJECT)} -> {target}")
        assert broken == []


class TestDecisions:
    def test_each_say_context_decision_consequences_and_what_was_rejected(self):
        for page in (PROJECT / "docs/decisions").glob("*.md"):
            headings = re.findall(r"^## (\w+)", page.read_text(), re.MULTILINE)
            assert headings == ["Context", "Decision", "Consequences", "Rejected"], page.name
