"""A sensor opened by one switch. Not covered: its page (capture), how objects are served (linkeddata)."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.tenants.testing import a_staff_member
from ocapi.lib import clock
from ocapi.lib.dcat import lists
from ocapi.modules.capture import api as capture
from ocapi.modules.capture.data import HourlyFigure, OpeningRefused, Openness, SensorInput
from ocapi.modules.linkeddata import api as linkeddata
from ocapi.modules.linkeddata.data import ObjectDeleted
from ocapi.modules.opendata import api
from ocapi.modules.opendata.data import DatasetGone, Decided
from ocapi.modules.opendata.tests.factories import ANYBODY

ADMIN = a_staff_member("tenant_admin")
NOW = datetime(2026, 11, 20, 12, tzinfo=clock.BRUSSELS)


def described(owner: str = "") -> SensorInput:
    return SensorInput(
        title="Thermometer Markt", unit="Cel", place="Markt", latitude="51,05", longitude="3,72", owner=owner,
        procedure="Elke vijf minuten.", license="Creative Commons Zero (CC0)",
    )


@pytest.fixture
def sensor(house):
    """A thermometer with readings of three days, the last of which is not over."""
    capture.add_sensor(
        code="thermo", given=described(owner="Bel 0478 12 34 56"), actor=ADMIN, now=NOW
    )
    figures = tuple(
        HourlyFigure(hour=NOW - timedelta(days=days), n=4, total=total, minimum=0, maximum=total)
        for days, total in ((2, 10), (1, 7), (0, 3))
    )
    facts = capture.get_stream(stream="thermo", actor=ADMIN)
    capture.load_hours(facts=facts, figures=figures, now=NOW)
    return house


def worked() -> None:
    jobs.visit(now=NOW + timedelta(minutes=2), budget_ms=60_000, only=("opendata.link",))


def told(term: str) -> list:
    return list(linkeddata.list_objects(
        service="sensoren", term=term, cursor="", page_size=100, actor=ANYBODY, now=NOW
    ).items)


def content(iri: str) -> dict:
    _base, _id, term, uuid = iri.rsplit("/", 3)
    return linkeddata.get_object(uuid=UUID(uuid), term=term, actor=ANYBODY, now=NOW).content


class TestSwitch:
    def test_opens_a_dataset_and_linked_data_and_closing_leaves_tombstones(self, sensor):
        before = capture.find_publication(sensor="thermo", actor=ADMIN, now=NOW)
        assert (before.state, before.license, before.may_change) == (Openness.CLOSED, lists.CC_ZERO, True)
        with pytest.raises(OpeningRefused, match="text"):  # the telephone number of somebody
            capture.open_sensor(sensor="thermo", license=lists.CC_ZERO, actor=ADMIN, now=NOW)
        capture.change_sensor(sensor="thermo", given=described(owner="Stad"), actor=ADMIN, now=NOW)
        with pytest.raises(OpeningRefused, match="license"):
            capture.open_sensor(sensor="thermo", license="https://example.org/", actor=ADMIN, now=NOW)
        capture.open_sensor(sensor="thermo", license=lists.CC_ZERO, actor=ADMIN, now=NOW)
        worked()

        found = capture.find_publication(sensor="thermo", actor=ADMIN, now=NOW)
        code = found.dataset.rsplit("/", 1)[1]
        public = api.get_published(code=code, actor=ANYBODY)
        assert public.license == lists.CC_ZERO
        assert public.dataset.frequency.endswith("/DAILY")
        assert (public.dataset.box.west, public.dataset.box.north) == (3.72, 51.05)
        assert public.dataset.temporal.start == (NOW - timedelta(days=2)).date()
        assert [each.name for each in public.table.columns][2:] == ["gemiddelde", "laagste", "hoogste"]
        _own, proposals, _public = api.get_own(dataset=public.uuid, actor=ADMIN)
        assert [each.decided for each in proposals] == [Decided.APPROVED]

        thermometer = content(found.linked)
        assert thermometer["eigenaar"] == "Stad"
        assert content(thermometer["meet"])["eenheid"] == "Cel"
        assert "POINT(3.72 51.05)" in content(thermometer["staatOp"])["positie"]["wkt"]
        first, _second = sorted((content(each.iri) for each in told("Meting")), key=lambda one: one["naam"])
        assert first["sensor"] == found.linked
        assert Decimal(str(first["resultaat"])) == Decimal("2.5")
        assert first["fenomeentijd"]["begin"] == "2026-11-18T00:00:00+01:00"

        capture.close_sensor(sensor="thermo", actor=ADMIN, now=NOW)
        worked()
        assert capture.find_publication(sensor="thermo", actor=ADMIN, now=NOW).state is Openness.WITHDRAWN
        with pytest.raises(DatasetGone):
            api.get_published(code=code, actor=ANYBODY)
        with pytest.raises(ObjectDeleted):
            content(found.linked)
        assert told("Meting") == []

        later = NOW + timedelta(minutes=1)
        capture.open_sensor(sensor="thermo", license=lists.CC_ZERO, actor=ADMIN, now=later)
        worked()
        again = capture.find_publication(sensor="thermo", actor=ADMIN, now=later)
        assert again.linked != found.linked
        assert len(told("Meting")) == 2

    def test_is_not_for_who_may_not_publish(self, sensor):
        clerk = a_staff_member("clerk")
        assert not capture.find_publication(sensor="thermo", actor=clerk, now=NOW).may_change
        with pytest.raises(NotAllowed):
            capture.open_sensor(sensor="thermo", license=lists.CC_ZERO, actor=clerk, now=NOW)

    def test_tells_nothing_of_a_sensor_without_readings(self, house):
        capture.add_sensor(code="stil", given=described(), actor=ADMIN, now=NOW)
        with pytest.raises(OpeningRefused, match="noReadings"):
            capture.open_sensor(sensor="stil", license=lists.CC_ZERO, actor=ADMIN, now=NOW)
