"""Addresses of onboarding, mounted at `desk/processen/`."""

from django.urls import path

from ocapi.modules.onboarding import views

app_name = "onboarding"
urlpatterns = [path("", views.processes, name="processes")]
