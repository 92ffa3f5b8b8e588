"""Addresses of insight at the desk, mounted at `desk/beleid/`."""

from django.urls import path

from ocapi.modules.insight.views import (
    briefing,
    builder,
    dashboards,
    editor,
    explorer,
    export,
    files,
    indicator,
    indicators,
    outlining,
    pages,
)

app_name = "insight"
HERE = {"space": "insight"}
urlpatterns = [
    path("", pages.overview, name="overview"),
    path("gemeenten/", pages.comparison, name="comparison"),
    path("domein/<slug:code>/", pages.domain, name="domain"),
    path("dienst/<slug:code>/", pages.service, name="service"),
    path("export.csv", export.export, name="export"),
    path("indicatoren/", indicators.overview, HERE, name="indicators"),
    path("indicatoren/<slug:code>/", indicator.indicator, HERE, name="indicator"),
    path("indicatoren/<slug:code>/herkomst/", indicators.lineage, HERE, name="lineage"),
    path("indicatoren/<slug:code>/cijfers", files.export, HERE, name="indicator_export"),
    path("gegevens/<slug:code>/", indicators.dataset, HERE, name="dataset"),
    path("indicator-maken/", editor.edit, name="editor"),
    path("dashboards/", dashboards.overview, HERE, name="dashboards"),
    path("dashboards/<slug:code>/", dashboards.dashboard, HERE, name="dashboard"),
    path("dashboards/<slug:code>/briefing.pdf", briefing.briefing, HERE, name="dashboard_briefing"),
    path("dashboards/<slug:code>/samenstellen/", builder.edit, name="dashboard_edit"),
    path("dashboard-maken/", builder.create, name="dashboard_new"),
    path("kaart/", outlining.outlines, name="outlines"),
    path("verkenner/", explorer.explore, name="explorer"),
]
