"""Files and letters of a case, handed out through the policy layer."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ocapi.kernel.files.data import FileNotReleased
from ocapi.kernel.ui import api as ui
from ocapi.modules.cases import api
from ocapi.modules.cases.views import pages
from ocapi.modules.documents.data import DocumentNotReady


@require_GET
def attachment(request: HttpRequest, case: UUID, file: UUID) -> HttpResponse:
    """Send a file of the case; while it is being checked, say so."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    try:
        return ui.download(api.read_attachment(case=case, file=file, actor=actor, now=now))
    except FileNotReleased:
        shown = api.get_case(case=case, actor=actor, now=now)
        return pages.show(request, shown, status=409, warning=_(
            "This file is still being checked for viruses. Try again in a few minutes."))


@require_GET
def letter(request: HttpRequest, case: UUID, document: UUID) -> HttpResponse:
    """Show a letter of the case as a page."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    article = api.read_letter_html(case=case, document=document, actor=actor, now=now)
    return ui.page(
        request, "cases/letter.html", title=_("Letter"), article=article, case_uuid=case, document=document
    )


@require_GET
def letter_pdf(request: HttpRequest, case: UUID, document: UUID) -> HttpResponse:
    """Send a letter of the case as PDF; while it is being made, show the letter itself."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    try:
        return ui.download(api.read_letter(case=case, document=document, actor=actor, now=now))
    except DocumentNotReady:
        return ui.redirect("cases:letter", case=case, document=document)
