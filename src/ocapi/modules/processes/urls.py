"""Addresses of processes at the desk, mounted at `desk/werkstromen/`."""

from django.urls import path

from ocapi.modules.processes.views import incidents, instances, models, tasks

app_name = "processes"
urlpatterns = [
    path("", models.overview, name="overview"),
    path("inladen/", models.deploy, name="deploy"),
    path("taken/", tasks.overview, name="tasks"),
    path("taken/<uuid:task>/", tasks.change, name="task"),
    path("storingen/", incidents.overview, name="incidents"),
    path("storingen/<uuid:incident>/", incidents.repair, name="repair"),
    path("lopend/<uuid:instance>/", instances.detail, name="instance"),
    path("lopend/<uuid:instance>/gegevens/", instances.variables, name="variables"),
    path("lopend/<uuid:instance>/<slug:action>/", instances.change, name="change-instance"),
    path("<uuid:definition>/", models.detail, name="definition"),
    path("<uuid:definition>/starten/", models.start, name="start"),
    path("<uuid:definition>/tekening.bpmn", models.drawing, name="drawing"),
]
