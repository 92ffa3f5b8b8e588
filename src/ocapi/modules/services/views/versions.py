"""What a published instance says, now or in one of its versions: a page for people, data for machines."""

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Definition
from ocapi.lib import written
from ocapi.lib.codec import JsonValue
from ocapi.modules.services import api
from ocapi.modules.services.data import InstanceNotFound, InstanceVersion
from ocapi.modules.services.views.feed import FEED_TYPES, FULL_SECONDS, LONGEST_NUMBER

HTML = "text/html"
OFFERED = (HTML, *FEED_TYPES)


@require_safe
def newest(request: HttpRequest, instance: UUID) -> HttpResponse:
    """Give what an instance says now; people are sent on to the product page while there is one."""
    return _shown(request, _found(request, instance, None), is_newest=True)


@require_safe
def version(request: HttpRequest, instance: UUID, number: str) -> HttpResponse:
    """Give one version of an instance; it never changes."""
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
        raise Http404
    return _shown(request, _found(request, instance, int(number)), is_newest=False)


def _found(request: HttpRequest, instance: UUID, number: int | None) -> InstanceVersion:
    try:
        return api.get_version(instance=instance, number=number, actor=request.actor)  # type: ignore[attr-defined]
    except InstanceNotFound:
        raise Http404 from None


def _shown(request: HttpRequest, found: InstanceVersion, *, is_newest: bool) -> HttpResponse:
    media_type = request.get_preferred_type(list(OFFERED))
    if media_type is None:
        response = HttpResponse(status=HTTPStatus.NOT_ACCEPTABLE, headers={"Content-Type": "text/plain"})
    elif media_type != HTML:
        response = _linked(request, found, media_type, is_newest=is_newest)
    elif is_newest and found.page:
        response = HttpResponse(status=HTTPStatus.SEE_OTHER, headers={"Location": found.page})
    else:
        response = _page(request, found)
    response["Vary"] = "Accept"
    return response


def _linked(
    request: HttpRequest, found: InstanceVersion, media_type: str, *, is_newest: bool
) -> HttpResponse:
    content = api.write_version(version=found, is_newest=is_newest, media_type=media_type)
    response = HttpResponse(content, content_type=media_type)
    kind = media_type.rpartition("/")[2]
    response["ETag"] = f'"{found.version}-{"newest" if is_newest else "fixed"}-{kind}"'
    lasting = "max-age=0, must-revalidate" if is_newest else f"max-age={FULL_SECONDS}, immutable"
    response["Cache-Control"] = f"public, {lasting}"
    response["Access-Control-Allow-Origin"] = "*"
    if request.headers.get("If-None-Match") == response["ETag"]:
        response.status_code, response.content = HTTPStatus.NOT_MODIFIED, b""
    return response


def _page(request: HttpRequest, found: InstanceVersion) -> HttpResponse:
    told = found.told
    facts = (
        Definition(term=_("Name on the web"), value=str(told["@id"])),
        Definition(term=_("Published on"), value=written.moment(found.published_at)),
        Definition(term=_("Product number"), value=str(told.get("productnummer", "")) or "–"),
    )
    return ui.page(
        request,
        "services/version.html",
        title=" ".join(_words(told.get("naam"))),
        found=found,
        is_newest=found.version == found.versions[-1][0],
        facts=facts,
        parts=tuple((label, texts) for label, texts in _parts(told) if texts),
        versions=tuple(
            (number, reverse("service-feed:version", args=[found.instance, number]), written.moment(at))
            for number, at in found.versions
        ),
    )


def _parts(told: dict[str, JsonValue]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (
        (_("Description"), _words(told.get("beschrijving"))),
        (_("Requirements"), _titles(told.get("voorwaarden"))),
        (_("Procedure"), _titles(told.get("procedures"))),
        (_("Costs"), _titles(told.get("kosten"))),
        (_("Financial advantages"), _titles(told.get("financieleVoordelen"))),
        (_("Exceptions"), _words(told.get("uitzonderingen"))),
        (_("Websites"), _titles(told.get("websites"))),
    )


def _words(value: JsonValue) -> tuple[str, ...]:
    """Give the texts of a language map."""
    return tuple(str(each) for each in value.values()) if isinstance(value, dict) else ()


def _titles(value: JsonValue) -> tuple[str, ...]:
    """Give a line for each part: what it is called, and what it says when that is something else."""
    lines = []
    for each in value if isinstance(value, list) else []:
        if isinstance(each, dict):
            said = (*_words(each.get("naam")), *_words(each.get("beschrijving")))
            lines.append(": ".join(dict.fromkeys(said)))
    return tuple(lines)
