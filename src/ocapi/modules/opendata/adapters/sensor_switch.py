"""The switch of a sensor in the inventory: its dataset is proposed through the gate, linked data follows."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from django.urls import reverse

from ocapi.kernel.access import api as access
from ocapi.lib.actor import Actor
from ocapi.lib.dcat import lists
from ocapi.modules.capture import api as capture
from ocapi.modules.capture.data import OpeningRefused, Openness, Publication
from ocapi.modules.opendata import api, gate
from ocapi.modules.opendata.adapters import sensor_objects, sensor_series
from ocapi.modules.opendata.data import (
    About,
    AboutRefused,
    DatasetNotFound,
    GateRefused,
    Ground,
    Offer,
    OfferNotFound,
    State,
    TableTooLarge,
)

SOURCE: Final = sensor_series.SensorSeries.name
MOTIVE = "Geopend met de schakelaar bij de sensor."
STATES = {State.PROPOSED: Openness.CLOSED, State.PUBLISHED: Openness.OPEN, State.GONE: Openness.WITHDRAWN}


class SensorSwitch:
    """Opens a sensor with the description its dataset had last, else with the one it is offered with."""

    name = "opendata"

    def find(self, *, sensor: str, actor: Actor, now: datetime) -> Publication:
        """Give how a sensor stands; who may not list what we share sees only whether it is open."""
        may_change = all(access.may(actor, each) for each in (api.PUBLISH, api.WITHDRAW))
        sees = access.may(actor, api.LIST_OWN)
        found = api.find_offered(source=SOURCE, code=sensor, actor=actor if sees else sensor_series.READER)
        if found is None:
            return Publication(
                state=Openness.CLOSED, may_change=may_change, licenses=_licenses(),
                license=_license_of(capture.get_stream(stream=sensor, actor=actor).license),
            )
        dataset, since = found
        about = api.find_about(source=SOURCE, code=sensor, actor=actor) if may_change else None
        is_open = dataset.state is State.PUBLISHED
        return Publication(
            state=Openness.WAITING if dataset.waiting and not is_open else STATES[dataset.state],
            may_change=may_change, licenses=_licenses(), license=about.license if about else "",
            dataset=reverse("opendata:dataset", args=[dataset.code]) if is_open else "",
            linked=sensor_objects.name_of(code=sensor, since=since) if is_open else "",
            desk=reverse("opendata:desk-dataset", args=[dataset.uuid]) if sees else "",
            since=since if is_open else None,
        )

    def open(self, *, sensor: str, license: str, actor: Actor, now: datetime) -> None:
        """Propose the dataset of a sensor, which is public at once when the gate has no doubts."""
        access.require(actor, api.PUBLISH)
        if license not in {iri for iri, _name in _licenses()}:
            raise OpeningRefused("license")
        found = capture.get_sensor(sensor=sensor, actor=actor, now=now)
        texts = (found.stream.title, found.stream.place, found.owner, found.procedure, found.stream.source,
                 found.stream.quality)
        if any(map(gate.points_at_a_person, texts)):
            raise OpeningRefused("text")
        try:
            offer, _table, _verdict = api.preview(source=SOURCE, code=sensor, actor=actor, now=now)
            api.propose(
                source=SOURCE, code=sensor, ground=Ground.REUSE, motive=MOTIVE, actor=actor, now=now,
                about=_about(offer, api.find_about(source=SOURCE, code=sensor, actor=actor), license),
            )
        except OfferNotFound:
            raise OpeningRefused("noReadings") from None
        except TableTooLarge:
            raise OpeningRefused("tooLarge") from None
        except GateRefused:
            raise OpeningRefused("gate") from None
        except AboutRefused as refused:
            raise OpeningRefused("contact" if "contact_email" in refused.fields else "about") from None

    def close(self, *, sensor: str, actor: Actor, now: datetime) -> None:
        """Withdraw the dataset of a sensor; what was told as linked data goes with it."""
        access.require(actor, api.WITHDRAW)
        found = api.find_offered(source=SOURCE, code=sensor, actor=actor)
        if found is None:
            return
        try:
            api.withdraw(dataset=found[0].uuid, actor=actor, now=now)
        except DatasetNotFound:  # proposed and never open
            return


def _licenses() -> tuple[tuple[str, str], ...]:
    return tuple((each.iri, each.nl) for each in lists.LICENSES)


def _license_of(text: str) -> str:
    """Give the license that the text of a sensor means; nothing said is free reuse, as for all we share."""
    if not text.strip():
        return lists.FREE_REUSE
    wanted = text.strip().casefold()
    means = (
        each.iri for each in lists.LICENSES
        if wanted in {each.iri.casefold(), each.code.casefold(), each.nl.casefold(), each.en.casefold()}
    )
    return next(means, "")


def _about(offer: Offer, last: About | None, license: str) -> About:
    if last is not None:
        return replace(last, license=license)
    return About(
        title=offer.title, description=offer.description, keywords=offer.keywords, theme=offer.theme,
        frequency=offer.frequency, license=license, quality=offer.quality,
    )
