"""Addresses of capture, mounted at `desk/sensoren/`."""

from django.urls import path

from ocapi.modules.capture import views

app_name = "capture"
urlpatterns = [path("", views.streams, name="streams"), path("<slug:code>", views.stream, name="stream")]
