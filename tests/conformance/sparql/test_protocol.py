"""The W3C protocol tests. Not covered: the seven that change data; this endpoint only reads."""

from pathlib import Path

import pytest

from tests.conformance.sparql import kit

UPDATES = 7


@pytest.fixture(scope="module")
def found(shared: Path, tmp_path_factory) -> dict[str, str]:
    return kit.run(tmp_path_factory.mktemp("sparql"), shared / "conformance" / "sparql-protocol")


class TestProtocol:
    def test_is_played_completely(self, found):
        assert len(found) == 34

    def test_passes_all_that_read(self, found, capsys):
        passed = sum(not each for each in found.values())
        with capsys.disabled():
            print(f"\nsparql-protocol {passed} / {len(found)} (null baseline 14)")
        assert {
            name: wrong for name, wrong in found.items() if wrong and not name.startswith("update_")
        } == {}

    def test_refuses_all_that_change_something(self, found):
        refused = {name: wrong for name, wrong in found.items() if name.startswith("update_")}
        assert len(refused) == UPDATES
        assert set(refused.values()) == {"status 403"}
