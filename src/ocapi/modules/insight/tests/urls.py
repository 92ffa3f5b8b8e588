"""URL root of the page tests."""

from django.urls import include, path

urlpatterns = [
    path("desk/beleid/", include("ocapi.modules.insight.urls")),
    path("desk/sensoren/", include("ocapi.modules.capture.urls")),
]
