"""Addresses of insight for everybody, mounted at `cijfers/`: the open indicators and their datasets."""

from django.urls import path

from ocapi.modules.insight.views import briefing, dashboards, files, indicator, indicators

app_name = "figures"
HERE = {"space": "figures"}
urlpatterns = (
    path("", indicators.overview, HERE, name="indicators"),
    path("dashboards/", dashboards.overview, HERE, name="dashboards"),
    path("dashboards/<slug:code>/", dashboards.dashboard, HERE, name="dashboard"),
    path("dashboards/<slug:code>/briefing.pdf", briefing.briefing, HERE, name="dashboard_briefing"),
    path("<slug:code>/", indicator.indicator, HERE, name="indicator"),
    path("<slug:code>/herkomst/", indicators.lineage, HERE, name="lineage"),
    path("<slug:code>/cijfers", files.export, HERE, name="indicator_export"),
    path("gegevens/<slug:code>/", indicators.dataset, HERE, name="dataset"),
)
