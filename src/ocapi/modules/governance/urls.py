"""Addresses of governance, mounted at `desk/principes/`."""

from django.urls import path

from ocapi.modules.governance import views

app_name = "governance"
urlpatterns = [path("", views.principles, name="principles")]
