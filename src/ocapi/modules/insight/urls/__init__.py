"""Addresses of insight, mounted at `desk/beleid/`."""

from django.urls import path

from ocapi.modules.insight.views import export, pages

app_name = "insight"
urlpatterns = [
    path("", pages.overview, name="overview"),
    path("gemeenten/", pages.comparison, name="comparison"),
    path("domein/<slug:code>/", pages.domain, name="domain"),
    path("dienst/<slug:code>/", pages.service, name="service"),
    path("export.csv", export.export, name="export"),
]
