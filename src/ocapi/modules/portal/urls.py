"""Addresses of the citizen's site; Dutch, because citizens read them."""

from django.urls import include, path

from ocapi.modules.portal.views import counter, own, public

_DRAFT = "loket/<slug:form>/<uuid:draft>/"

_named = [
    path("diensten", public.services, name="services"),
    path("dienst/<slug:code>", public.service, name="service"),
    path("loket/ontvangst/<uuid:case>", counter.receipt, name="receipt"),
    path("loket/ontvangst/antwoord/<uuid:submission>", counter.answered, name="answered"),
    path("loket/<slug:form>/", counter.start, name="start"),
    path(f"{_DRAFT}overzicht/", counter.summary, name="summary"),
    path(f"{_DRAFT}stoppen/", counter.discard, name="discard"),
    path(f"{_DRAFT}<slug:section>/", counter.section, name="section"),
    path(f"{_DRAFT}<slug:section>/bewaren/", counter.autosave, name="autosave"),
    path(f"{_DRAFT}<slug:section>/klopt-niet/<slug:field>/", counter.incorrect, name="incorrect"),
    path("mijn/", own.overview, name="own"),
    path("mijn/zaken", own.cases, name="cases"),
    path("mijn/zaken/<uuid:case>", own.case, name="case"),
    path("mijn/zaken/<uuid:case>/antwoord", own.answer, name="answer"),
    path("mijn/zaken/<uuid:case>/brief/<uuid:document>", own.letter, name="letter"),
    path("mijn/zaken/<uuid:case>/brief/<uuid:document>/pdf", own.letter_pdf, name="letter-pdf"),
    path("mijn/zaken/<uuid:case>/bestand/<uuid:file>", own.attachment, name="attachment"),
    path("mijn/berichten", own.messages, name="messages"),
    path("mijn/berichten/<uuid:message>", own.read_message, name="read-message"),
    path("mijn/gegevens", own.data, name="data"),
    path("mijn/raadplegingen", own.consultations, name="consultations"),
]

urlpatterns = [
    path("", public.home, name="home"),
    path("", include((_named, "portal"))),
]
