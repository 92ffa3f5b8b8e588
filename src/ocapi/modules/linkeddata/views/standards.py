"""The page of the standards register: what each standard is, and which of our services goes by it."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from ocapi.kernel.ui import api as ui
from ocapi.lib import clock, written
from ocapi.modules.linkeddata import api
from ocapi.modules.linkeddata.data import InvalidCursor, Standard, StandardCategory


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
    )


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
