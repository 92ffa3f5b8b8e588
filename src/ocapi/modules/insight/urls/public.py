"""The public addresses of insight, mounted at `cijfers/`."""

from django.urls import path

app_name = "figures"
urlpatterns: list[object] = []
