"""URL root of these tests: accounts alone, and a page that tells who acts."""

from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from ocapi.kernel.accounts import api


def who(request: HttpRequest) -> JsonResponse:
    """Tell who acts, as a page of a module would ask."""
    actor = api.actor_of(request)
    ended = api.session_end_of(request)
    return JsonResponse(
        {
            "capacity": actor.capacity.value,
            "person": str(actor.person or ""),
            "roles": sorted(actor.roles),
            "represents": actor.represents_name,
            "assurance": int(actor.assurance),
            "ended": ended.value if ended else "",
        }
    )


urlpatterns = [path("account/", include("ocapi.kernel.accounts.urls")), path("who", who)]
