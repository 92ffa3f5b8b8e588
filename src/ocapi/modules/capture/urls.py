"""Addresses of capture, mounted at `desk/sensoren/`."""

from django.urls import path

from ocapi.modules.capture.views import editing, inventory

app_name = "capture"
urlpatterns = [
    path("", inventory.streams, name="streams"),
    path("nieuw/", editing.new, name="new"),
    path("<slug:code>", inventory.stream, name="stream"),
    path("<slug:code>/wijzigen/", editing.edit, name="edit"),
    path("<slug:code>/ijking/", editing.calibrate, name="calibrate"),
]
