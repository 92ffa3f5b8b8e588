"""The page with the switch of a sensor: open and linked data, or not."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Definition, Field, FieldKind, Option
from ocapi.lib import written
from ocapi.modules.capture import api
from ocapi.modules.capture.data import OpeningRefused, Openness, Publication
from ocapi.modules.capture.views.inventory import OPEN_TONES, open_text, sensor_of

LONGEST_LICENSE = 300


@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest, code: str) -> HttpResponse:
    """Show how the switch stands, and to who may publish what it does; open or close the sensor."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    found = sensor_of(request, code)
    stands = api.find_publication(sensor=code, actor=actor, now=now)
    if stands is None:
        raise Http404
    refused, typed = "", stands.license
    if request.method == "POST":
        typed = request.POST.get("license", "").replace("\0", "")[:LONGEST_LICENSE]
        try:
            if request.POST.get("act") == "close":
                api.close_sensor(sensor=code, actor=actor, now=now)
            else:
                api.open_sensor(sensor=code, license=typed, actor=actor, now=now)
            return ui.redirect("capture:opening", code=code)
        except OpeningRefused as refusal:
            refused = refusal.code
    return ui.page(
        request, "capture/opening.html", status=422 if refused else 200, sensor=found,
        state=open_text(stands.state), tone=OPEN_TONES[stands.state],
        is_open=stands.state is Openness.OPEN, is_waiting=stands.state is Openness.WAITING,
        is_withdrawn=stands.state is Openness.WITHDRAWN, stands=stands, facts=_facts(stands),
        fields=(_license(stands, typed, refused),), problem=_explained(refused),
        edit_href=reverse("capture:edit", args=[code]), back_href=reverse("capture:stream", args=[code]),
    )


def _license(stands: Publication, typed: str, refused: str) -> Field:
    return Field(
        name="license", label=_("License"), kind=FieldKind.SELECT, value=typed,
        options=tuple(Option(value=iri, label=name) for iri, name in stands.licenses),
        error=_("Choose what others may do with the readings.") if refused == "license" else "",
        help=_("What somebody may do with the readings."),
    )


def _facts(stands: Publication) -> tuple[Definition, ...]:
    names = dict(stands.licenses)
    found = (
        (_("Open since"), written.moment(stands.since) if stands.since else "", ""),
        (_("License"), names.get(stands.license, ""), ""),
        (_("In the catalogue"), _("Page of the dataset") if stands.dataset else "", stands.dataset),
        (_("As linked data"), stands.linked, stands.linked),
        (_("Evidence"), _("Who opened what, and what the gate said") if stands.desk else "", stands.desk),
    )
    return tuple(Definition(term=term, value=value, href=href) for term, value, href in found if value)


def _explained(code: str) -> str:
    return {
        "": "",
        "license": _("Choose a license first."),
        "gate": _("The privacy gate found something that points at a person. Nothing was opened."),
        "text": _(
            "A text about this sensor holds an address or number of a person. "
            "Take it out at Change the sensor, then open it."
        ),
        "noReadings": _("This sensor has no readings yet. Open it once there are some."),
        "tooLarge": _("There are more hours than a file may hold. Keep fewer days of this sensor."),
        "contact": _(
            "The organization has no address for questions yet. An administrator fills it in at Settings."
        ),
        "about": _("The dataset is not described completely. Do so on the page with the evidence."),
    }[code]
