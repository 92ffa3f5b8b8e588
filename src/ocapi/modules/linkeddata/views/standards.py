"""The page of the standards register: what each standard is, and which of our services goes by it."""

from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.registry.extensions import Loaded
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Field, FieldError, FieldKind
from ocapi.lib import clock, written
from ocapi.lib.codec import MalformedInput
from ocapi.modules.linkeddata import api, data
from ocapi.modules.linkeddata.api import standards as register
from ocapi.modules.linkeddata.data import InvalidCursor, Standard, StandardCategory

SHOWN = 20  # entries that could not be read, as they are named


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List the standards by title, with search."""
    text = " ".join(request.GET.get("q", "").split())[:120]
    try:
        page = api.list_standards(text=text, cursor=request.GET.get("cursor", ""), actor=request.actor)  # type: ignore[attr-defined]
    except InvalidCursor:
        return ui.redirect("linkeddata:standards")
    return ui.page(
        request,
        "linkeddata/standards.html",
        text=text,
        total=page.total,
        imported=written.in_digits(clock.local_day(page.imported_at)) if page.imported_at else "",
        standards=tuple(_shown(each) for each in page.items),
        next_cursor=page.next_cursor,
        may_load=access.may(request.actor, register.LOAD),  # type: ignore[attr-defined]
    )


@require_http_methods(["GET", "POST"])
def load(request: HttpRequest) -> HttpResponse:
    """Put a file of the register in place of the one before, and say what came of it."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    access.require(actor, register.LOAD)
    done: Loaded | None = None
    error = ""
    if request.method == "POST":
        done, error = _loaded(request, now)
    held = api.list_standards(page_size=1, actor=actor)
    field = Field(
        name="bestand",
        label=_("File of the register"),
        kind=FieldKind.FILE,
        accepted_types=(".json",),
        max_size="8 MB",
        error=error,
        help=_("JSON: the build list of OSLO, or the entries of the register with title, status and usage."),
    )
    return ui.page(
        request,
        "linkeddata/load_standards.html",
        status=422 if error else 200,
        field=field,
        errors=(FieldError(text=error, field_id=field.id),) if error else (),
        done=done,
        refused=tuple((each.line, _reason(each.reason)) for each in done.refused[:SHOWN]) if done else (),
        more=max(len(done.refused) - SHOWN, 0) if done else 0,
        total=held.total,
        imported=written.in_digits(clock.local_day(held.imported_at)) if held.imported_at else "",
    )


def _loaded(request: HttpRequest, now: datetime) -> tuple[Loaded | None, str]:
    """Take the file in; gives what came of it, or what is to be repaired."""
    uploaded = request.FILES.get("bestand")
    if not isinstance(uploaded, UploadedFile):
        return None, _("Choose a file of the standards register.")
    raw = uploaded.read(register.LARGEST + 1)
    if len(raw) > register.LARGEST:
        return None, _("This file is larger than 8 MB. Take the register itself, without attachments.")
    try:
        done = register.load_standards(raw=raw, actor=request.actor, now=now)  # type: ignore[attr-defined]
    except MalformedInput:
        return None, _("This file can't be read: a list of standards in JSON is needed. Nothing was changed.")
    if not done.written and not done.unchanged:
        return None, _("No entry of this file says its title or configuration. Nothing was changed.")
    return done, ""


def _reason(text: str) -> str:
    """Say in words why an entry was not read."""
    return {
        data.StandardFault.NO_OBJECT: _("this is no object of JSON."),
        data.StandardFault.NO_NAME: _("it says no title and no configuration."),
        data.StandardFault.NO_LETTERS: _("its title has no letters or digits."),
    }.get(text, _("its date of publication is no day, such as 2025-12-11."))


def _shown(each: Standard) -> dict[str, object]:
    unknown = pgettext("standard", "not known")
    return {
        "title": each.title,
        "category": _category(each.category) or unknown,
        "status": each.status.capitalize().replace("-", " ") or unknown,
        "usage": each.usage or unknown,
        "published": _day(each.published_on) or unknown,
        "address": each.address,
        "conforms": tuple(
            {
                "code": one.service,
                "title": one.title,
                "digest": one.digest[:16],
                "objects": one.objects,
                "checked": written.in_digits(clock.local_day(one.checked_at)) if one.checked_at else "",
            }
            for one in each.conforms
        ),
    }


def _day(day: date | None) -> str:
    return written.in_digits(day) if day else ""


def _category(category: StandardCategory) -> str:
    return {
        StandardCategory.VOCABULARY: _("Vocabulary"),
        StandardCategory.PROFILE: _("Application profile"),
        StandardCategory.MODEL: _("Implementation model"),
        StandardCategory.UNKNOWN: "",
    }[category]
