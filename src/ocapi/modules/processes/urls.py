"""Addresses of processes at the desk, mounted at `desk/werkstromen/`."""

from django.urls import path

from ocapi.modules.processes.views import (
    connections,
    differences,
    drawings,
    groups,
    incidents,
    instances,
    models,
    relocations,
    tasks,
    trials,
)

app_name = "processes"
urlpatterns = [
    path("", models.overview, name="overview"),
    path("inladen/", models.deploy, name="deploy"),
    path("tekenen/", drawings.overview, name="drawings"),
    path("tekenen/nieuw/", drawings.create, name="new-drawing"),
    path("tekenen/nakijken/", drawings.check, name="check-drawing"),
    path("tekenen/<uuid:drawing>/", drawings.draw, name="draw"),
    path("tekenen/<uuid:drawing>/tekening.bpmn", drawings.export, name="draw-file"),
    path("tekenen/<uuid:drawing>/bewaren/", drawings.save, name="save-drawing"),
    path("tekenen/<uuid:drawing>/publiceren/", drawings.publish, name="publish-drawing"),
    path("tekenen/<uuid:drawing>/proef/", trials.change, name="trial"),
    path("tekenen/<uuid:drawing>/weg/", drawings.discard, name="discard-drawing"),
    path("verbindingen/", connections.overview, name="connections"),
    path("verbindingen/nieuw/", connections.create, name="new-connection"),
    path("verbindingen/<slug:code>/", connections.change, name="connection"),
    path("verbindingen/<slug:code>/testen/", connections.test, name="test-connection"),
    path("verbindingen/<slug:code>/weg/", connections.remove, name="remove-connection"),
    path("groepen/", groups.overview, name="groups"),
    path("groepen/wijzigen/", groups.change, name="group"),
    path("gepland/", connections.planned, name="planned"),
    path("taken/", tasks.overview, name="tasks"),
    path("taken/<uuid:task>/", tasks.change, name="task"),
    path("storingen/", incidents.overview, name="incidents"),
    path("storingen/<uuid:incident>/", incidents.repair, name="repair"),
    path("lopend/<uuid:instance>/", instances.detail, name="instance"),
    path("lopend/<uuid:instance>/gegevens/", instances.variables, name="variables"),
    path("lopend/<uuid:instance>/verplaatsen/", relocations.ask, name="relocate"),
    path(
        "lopend/<uuid:instance>/verplaatsen/<uuid:relocation>/<slug:choice>/", relocations.decide,
        name="relocation",
    ),
    path("lopend/<uuid:instance>/<slug:action>/", instances.change, name="change-instance"),
    path("<uuid:definition>/", models.detail, name="definition"),
    path("<uuid:definition>/verschil/<uuid:other>/", differences.compare, name="compare"),
    path("<uuid:definition>/starten/", models.start, name="start"),
    path("<uuid:definition>/tekening.bpmn", models.drawing, name="drawing"),
]
