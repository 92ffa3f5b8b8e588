"""Paths of the desk, under `desk/zaken/`."""

from django.urls import path

from ocapi.modules.cases.views import actions, files, pages, worklist

app_name = "cases"
urlpatterns = [
    path("", worklist.worklist, name="worklist"),
    path("op-naam", worklist.by_name, name="by-name"),
    path("werklijst.csv", worklist.export, name="export"),
    path("<uuid:case>", pages.detail, name="detail"),
    path("<uuid:case>/starten", actions.start, name="start"),
    path("<uuid:case>/toewijzen", actions.assign, name="assign"),
    path("<uuid:case>/vraag", actions.ask, name="ask"),
    path("<uuid:case>/antwoord", actions.answer, name="answer"),
    path("<uuid:case>/beslissen", actions.decide, name="decide"),
    path("<uuid:case>/afsluiten", actions.close, name="close"),
    path("<uuid:case>/bijlagen/<uuid:file>", files.attachment, name="attachment"),
    path("<uuid:case>/brieven/<uuid:document>", files.letter, name="letter"),
    path("<uuid:case>/brieven/<uuid:document>/pdf", files.letter_pdf, name="letter-pdf"),
]
