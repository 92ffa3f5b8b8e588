"""Desk addresses of services, under `desk/diensten/`."""

from django.urls import path

from ocapi.modules.services.views import catalog, instances

app_name = "services"

urlpatterns = [
    path("", catalog.catalog, name="catalog"),
    path("eigen/", instances.overview, name="instances"),
    path("eigen/<uuid:local>/", instances.detail, name="instance"),
    path("eigen/<uuid:local>/tekst", instances.write, name="write-instance"),
    path("eigen/<uuid:local>/doe", instances.act, name="act-on-instance"),
    path("<uuid:entry>/", catalog.entry, name="entry"),
    path("<uuid:entry>/eigen", instances.make, name="make-instance"),
]
