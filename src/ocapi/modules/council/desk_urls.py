"""The desk of the secretary, under `desk/zittingen/`."""

from django.urls import path

from ocapi.modules.council.views import documents, handling, meetings, setup

app_name = "council-desk"
urlpatterns = [
    path("", meetings.overview, name="meetings"),
    path("nieuw", meetings.plan, name="plan"),
    path("organen", setup.overview, name="bodies"),
    path("organen/nieuw", setup.add_body, name="add-body"),
    path("organen/<uuid:body>/periode", setup.add_term, name="add-term"),
    path("organen/periodes/<uuid:period>/mandataris", setup.add_holder, name="add-holder"),
    path("organen/mandatarissen/<uuid:holder>/einde", setup.end_holder, name="end-holder"),
    path("<uuid:meeting>/", meetings.detail, name="meeting"),
    path("<uuid:meeting>/punt", meetings.add_item, name="add-item"),
    path("<uuid:meeting>/punten/<uuid:item>", meetings.change_item, name="change-item"),
    path("<uuid:meeting>/punten/<uuid:item>/verplaats", meetings.move_item, name="move-item"),
    path("<uuid:meeting>/punten/<uuid:item>/verwijder", meetings.remove_item, name="remove-item"),
    path("<uuid:meeting>/aanwezigheid", handling.attendance, name="attendance"),
    path("<uuid:meeting>/open", handling.open_meeting, name="open"),
    path("<uuid:meeting>/sluit", handling.close_meeting, name="close"),
    path("<uuid:meeting>/annuleer", handling.cancel_meeting, name="cancel"),
    path("<uuid:meeting>/punten/<uuid:item>/besluit", handling.decide, name="decide"),
    path("<uuid:meeting>/punten/<uuid:item>/stemming", handling.vote, name="vote"),
    path("<uuid:meeting>/stemmingen/<uuid:vote>/terugnemen", handling.take_back, name="take-back"),
    path("<uuid:meeting>/documenten", documents.prepare, name="prepare"),
    path("documenten/<uuid:release>", documents.release, name="release"),
    path("documenten/<uuid:release>/publiceer", documents.publish, name="publish"),
    path("documenten/<uuid:release>/intrekken", documents.withdraw, name="withdraw"),
]
