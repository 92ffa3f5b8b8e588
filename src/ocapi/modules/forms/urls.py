"""Addresses of the form designer at the desk, mounted at `desk/formulieren/`."""

from django.urls import path

from ocapi.modules.forms.views import designing, overview, properties, publishing

app_name = "forms"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("nieuw/", overview.begin, name="begin"),
    path("inladen/", overview.take_file, name="import"),
    path("<slug:form>/", designing.design, name="design"),
    path("<slug:form>/instellingen/", properties.of_form, name="settings"),
    path("<slug:form>/deel/", properties.of_section, name="add-section"),
    path("<slug:form>/deel/<slug:section>/", properties.of_section, name="section"),
    path("<slug:form>/deel/<slug:section>/vraag/", properties.add_field, name="add-field"),
    path("<slug:form>/vraag/<slug:field>/", properties.of_field, name="field"),
    path("<slug:form>/vraag/<slug:repeat>/rij/", properties.add_cell, name="add-cell"),
    path("<slug:form>/vraag/<slug:repeat>/rij/<slug:field>/", properties.of_field, name="cell"),
    path("<slug:form>/uitproberen/", designing.try_out, name="try-out"),
    path("<slug:form>/publiceren/", publishing.publish, name="publish"),
    path("<slug:form>/versies/", publishing.versions, name="versions"),
    path("<slug:form>/verschillen/", publishing.differences, name="differences"),
    path("<slug:form>/weggooien/", publishing.discard, name="discard"),
    path("<slug:form>/bestand.json", publishing.file, name="file"),
    path("<slug:form>/schema.json", publishing.schema, name="schema"),
]
