"""URL root of the page tests."""

from django.urls import include, path

urlpatterns = [
    path("desk/beleid/", include("ocapi.modules.insight.urls")),
    path("cijfers/", include("ocapi.modules.insight.urls.public")),
    path("desk/sensoren/", include("ocapi.modules.capture.urls")),
    path("", include("ocapi.modules.opendata.urls")),
]
