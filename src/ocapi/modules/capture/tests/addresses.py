"""URL root of the page tests."""

from django.urls import include, path

urlpatterns = [
    path("desk/sensoren/", include("ocapi.modules.capture.urls")),
]
