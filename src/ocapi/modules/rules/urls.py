"""Addresses of decision tables at the desk, mounted at `desk/beslistabellen/`."""

from django.urls import path

from ocapi.modules.rules.views import drafts, models

app_name = "rules"
urlpatterns = [
    path("", models.overview, name="overview"),
    path("model/<int:version>/<path:key>/", models.detail, name="model"),
    path("bestand/<int:version>/<path:key>.dmn", models.export, name="export"),
    path("nieuw/", drafts.create, name="new-draft"),
    path("opmaak/<uuid:model>/", drafts.detail, name="draft"),
    path("opmaak/<uuid:model>/model.dmn", drafts.export, name="draft-file"),
    path("opmaak/<uuid:model>/tabel/<int:place>/", drafts.save_sheet, name="save-sheet"),
    path(
        "opmaak/<uuid:model>/uitdrukking/<int:place>/", drafts.save_expression, name="save-expression"
    ),
    path("opmaak/<uuid:model>/proeven/", drafts.save_cases, name="save-cases"),
    path("opmaak/<uuid:model>/publiceren/", drafts.publish, name="publish-draft"),
    path("opmaak/<uuid:model>/weg/", drafts.discard, name="discard-draft"),
]
