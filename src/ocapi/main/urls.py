"""URL root: accounts, the pages of `web`, and what the manifests mount."""

from django.urls import include, path

from ocapi.kernel.registry import api as registry
from ocapi.main import rest

handler404 = "ocapi.main.errors.not_found"
handler500 = "ocapi.main.errors.server_error"
handler403 = "ocapi.main.errors.forbidden"
handler400 = "ocapi.main.errors.bad_request"

urlpatterns = [
    path("account/", include("ocapi.kernel.accounts.urls")),
    path("", include("ocapi.web.urls")),
    *(path(f"api/{name}/v1/", api.urls) for name, api in rest.apis()),
    *(
        path(mount.prefix, include(mount.urls))
        for manifest in registry.list_manifests() for mount in manifest.mounts
    ),
]
