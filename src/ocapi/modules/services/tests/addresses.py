"""URL root of the page tests."""

from django.urls import include, path

urlpatterns = [
    path("desk/diensten/", include("ocapi.modules.services.urls")),
]
