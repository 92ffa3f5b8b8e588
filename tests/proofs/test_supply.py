"""The parts of the proof of supply. Not covered: what it says of our own locks, see `ocapi proof supply`."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.proofs.supply import advisories, bill, locks, secret_search
from tests.proofs.supply.locks import NODE, PYPI, Package

HASH = "--hash=sha256:" + "0" * 64


def package(version: str, ecosystem: str = PYPI) -> Package:
    return Package(
        ecosystem=ecosystem, name="x", version=version, hashes=("sha512:" + "0" * 128,), lock="a.lock"
    )


class TestRange:
    @pytest.mark.parametrize(
        ("version", "events", "is_in"),
        [
            ("1.0", [{"introduced": "0"}, {"fixed": "1.0"}], False),
            ("1.0rc1", [{"introduced": "0"}, {"fixed": "1.0"}], True),
            ("0.9", [{"introduced": "1.0"}], False),
            ("2.0", [{"fixed": "1.5"}, {"introduced": "1.0"}, {"introduced": "2.0"}], True),
            ("1.7", [{"introduced": "1.0"}, {"fixed": "1.5"}, {"introduced": "2.0"}], False),
            ("1.5", [{"introduced": "0"}, {"last_affected": "1.5"}], True),
            ("1.5.post1", [{"introduced": "0"}, {"last_affected": "1.5"}], False),
            ("no version", [{"introduced": "9"}], True),
        ],
    )
    def test_of_python_is_walked_in_order(self, version, events, is_in):
        assert advisories._is_within(package(version), events) is is_in

    @pytest.mark.parametrize(
        ("version", "is_in"),
        [
            ("1.2.3-rc.1", True),
            ("1.2.3", False),
            ("1.10.0", False),
            ("1.2.2", True),
            ("1.2.3-alpha.beta", True),
            ("1.2.3+build", False),
        ],
    )
    def test_of_npm_knows_pre_releases_and_numbers(self, version, is_in):
        events = [{"introduced": "0"}, {"fixed": "1.2.3"}]
        assert advisories._is_within(package(version, NODE), events) is is_in


class TestDue:
    @pytest.mark.parametrize(
        ("severity", "lock", "hours"),
        [
            ("CRITICAL", "requirements.lock", 48),
            ("HIGH", "package-lock.json", 7 * 24),
            ("MODERATE", "requirements.lock", 30 * 24),
            ("medium", "requirements.lock", 30 * 24),
            ("", "requirements.lock", 7 * 24),
            ("LOW", "requirements.lock", None),
            ("CRITICAL", "requirements-dev.lock", None),
        ],
    )
    def test_is_by_the_written_time_frames(self, severity, lock, hours):
        advisory = {"id": "GHSA-x", "published": "2026-11-01T00:00:00Z"}
        if severity:
            advisory["database_specific"] = {"severity": severity}
        wanted = None if hours is None else datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=hours)
        assert advisories.due(replace(package("1"), lock=lock), advisory) == wanted

    def test_of_a_hostile_package_that_only_builds_use_is_a_month(self):
        advisory = {"id": "MAL-2026-1", "published": "2026-11-01T00:00:00Z"}
        assert advisories.due(package("1"), advisory) == datetime(2026, 12, 1, tzinfo=UTC)

    def test_has_passed_when_nobody_says_since_when_it_is_known(self):
        pin = replace(package("1"), lock="requirements.lock")
        assert "OVERDUE" in advisories.told(pin, {"id": "X"}, now=datetime(2026, 11, 1, tzinfo=UTC))


class TestLock:
    def test_gives_name_version_marker_and_hashes(self):
        found, wrong = locks.read_requirements(
            f"Zope.Interface==1.0 ; python_version < '3.12' \\\n    {HASH}\n    # via x\n", lock="a.lock"
        )
        assert wrong == []
        assert [(each.name, each.version, each.marker, len(each.hashes)) for each in found] == [
            ("zope-interface", "1.0", "python_version < '3.12'", 1)
        ]


class TestBill:
    def test_is_the_same_for_the_same_locks(self):
        packages = [package("1"), package("2", NODE)]
        assert bill.written(packages, version="1") == bill.written(list(reversed(packages)), version="1")
        assert bill.faults(bill.written(packages, version="1"), packages) == []


class TestSecret:
    @pytest.mark.parametrize(
        "text",
        [
            'token = "aaaaaaaaaaaaaaaaaaaaaaaa"',
            "postgresql://ocapi:secret@localhost:5432/ocapi",
            'secret_name = "the-name-of-a-setting"',
            "-----BEGIN PUBLIC KEY-----\n" + "A" * 60,
        ],
    )
    def test_is_not_seen_where_none_is(self, text):
        assert list(secret_search.found_in(text)) == []
