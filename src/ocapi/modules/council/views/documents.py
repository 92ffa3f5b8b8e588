"""Desk: preparing a document, and publishing what somebody else prepared."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import NavigationItem
from ocapi.modules.council import api
from ocapi.modules.council.data import (
    ChangedSincePrepared,
    DocumentKind,
    NotFound,
    NotNow,
    Refused,
    ReleaseState,
    SamePerson,
)
from ocapi.modules.council.views import meetings, telling
from ocapi.modules.council.views.telling import CONFLICT, typed


@require_POST
def prepare(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Prepare a document for a second person."""
    kind = typed(request, "kind", 20)
    if kind not in {each.value for each in DocumentKind}:
        access.require(request.actor, api.WRITE)  # type: ignore[attr-defined]
        return _not_done(request, meeting, Refused(("kind", "unknown")))
    try:
        item = UUID(typed(request, "item", 40)) if typed(request, "item", 40) else None
        made = api.prepare_document(
            meeting=meeting,
            kind=DocumentKind(kind),
            item=item,
            actor=request.actor,  # type: ignore[attr-defined]
            now=request.now,
        )  # type: ignore[attr-defined]
    except (NotFound, ValueError) as refused:
        if isinstance(refused, Refused):
            return _not_done(request, meeting, refused)
        if isinstance(refused, NotNow):
            return meetings.show(request, meeting, status=CONFLICT, warning=telling.not_now(refused.state))
        raise Http404 from None
    return ui.redirect("council-desk:release", release=made)


def _not_done(request: HttpRequest, meeting: UUID, refused: Refused) -> HttpResponse:
    warning = " ".join(telling.refusal(field, code) for field, code in refused.problems)
    return meetings.show(request, meeting, status=CONFLICT, warning=warning)


@require_safe
def release(request: HttpRequest, release: UUID) -> HttpResponse:
    """Show a document as it would be published, and who may publish it."""
    return _show(request, release)


def _show(request: HttpRequest, release: UUID, *, status: int = 200, warning: str = "") -> HttpResponse:
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    try:
        found = api.get_release(release=release, actor=actor, now=now)
        html = api.preview(release=release, actor=actor, now=now)
    except NotFound:
        raise Http404 from None
    meeting, held = found
    is_open = held.state is ReleaseState.PREPARED
    return ui.page(
        request,
        "council/release.html",
        status=status,
        title=held.title,
        release=held,
        warning=warning,
        state=telling.release_state(held.state),
        document=api.to_markup(html=html),
        meeting=meeting,
        is_own=actor.person is not None and actor.person == held.prepared_by,
        may_publish=is_open and access.may(actor, api.PUBLISH),
        may_withdraw=is_open and access.may(actor, api.WRITE),
        crumbs=(
            NavigationItem(label=_("Meetings"), href=reverse("council-desk:meetings")),
            NavigationItem(label=_("Meeting"), href=reverse("council-desk:meeting", args=[meeting])),
            NavigationItem(label=held.title, href=""),
        ),
    )


@require_POST
def publish(request: HttpRequest, release: UUID) -> HttpResponse:
    """Publish what somebody else prepared."""
    try:
        api.publish_document(release=release, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    except NotFound:
        raise Http404 from None
    except SamePerson:
        return _show(
            request,
            release,
            status=CONFLICT,
            warning=_(
                "Who prepared a document does not publish it. Ask a colleague to look at it and publish it."
            ),
        )
    except ChangedSincePrepared:
        return _show(
            request,
            release,
            status=CONFLICT,
            warning=_("The meeting changed since this document was prepared. Prepare it again."),
        )
    except NotNow as refused:
        return _show(request, release, status=CONFLICT, warning=telling.not_now(refused.state))
    except Refused as refused:
        text = " ".join(telling.refusal(field, code) for field, code in refused.problems)
        return _show(request, release, status=CONFLICT, warning=text)
    return ui.redirect("council-desk:release", release=release)


@require_POST
def withdraw(request: HttpRequest, release: UUID) -> HttpResponse:
    """Give up what was prepared."""
    try:
        api.withdraw_document(release=release, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    except NotFound:
        raise Http404 from None
    return ui.redirect("council-desk:release", release=release)
