"""Desk addresses of services, under `desk/diensten/`."""

from django.urls import path

from ocapi.modules.services import views

app_name = "services"

urlpatterns = [
    path("", views.catalog, name="catalog"),
    path("<uuid:entry>/", views.entry, name="entry"),
]
