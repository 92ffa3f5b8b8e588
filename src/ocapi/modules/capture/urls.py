"""Addresses of capture, mounted at `desk/sensoren/`."""

from django.urls import path

from ocapi.modules.capture.views import editing, inventory, loading, opening

app_name = "capture"
urlpatterns = [
    path("", inventory.streams, name="streams"),
    path("nieuw/", editing.new, name="new"),
    path("inlezen/", loading.loads, name="loads"),
    path("inlezen/<uuid:upload>/", loading.load, name="load"),
    path("inlezen/<uuid:upload>/aanvaarden/", loading.accept, name="load-accept"),
    path("inlezen/<uuid:upload>/weggooien/", loading.stop, name="load-stop"),
    path("inlezen/<uuid:upload>/fouten.csv", loading.faults, name="load-faults"),
    path("<slug:code>", inventory.stream, name="stream"),
    path("<slug:code>/wijzigen/", editing.edit, name="edit"),
    path("<slug:code>/openbaar/", opening.switch, name="opening"),
    path("<slug:code>/ijking/", editing.calibrate, name="calibrate"),
]
