"""The simulated city. Not here: sending it, which the data plane's part of a test would be."""

from datetime import UTC, datetime

from ocapi.lib import codec
from ocapi.modules.capture import api

FROM = datetime(2026, 11, 28, 8, tzinfo=UTC)


def city(seed: int, sensors: int = 600) -> list[bytes]:
    requests = api.simulated_city(sensors=sensors, seed=seed, from_at=FROM, minutes=10, every_s=300)
    return [codec.encode_json({"path": each.path, "body": each.body}) for each in requests]


class TestCity:
    def test_is_the_same_for_the_same_seed_and_another_for_another(self) -> None:
        assert city(1) == city(1)
        assert city(1) != city(2)

    def test_has_every_sensor_once_and_its_readings_in_requests_of_less_than_a_megabyte(self) -> None:
        raw = city(1)
        found = [codec.decode_untyped(each, max_keys=1_000_000) for each in raw]
        made = [each for each in found if each["path"] == "/ObservedProperties"]
        keys = [stream["@iot.id"] for each in made for stream in each["body"]["Datastreams"]]
        assert (len(keys), len(set(keys))) == (600, 600)
        groups = [group for each in found if each["path"] == "/CreateObservations" for group in each["body"]]
        assert len(groups) == 2 * 600
        assert max(map(len, raw)) < 1 << 20
