"""Addresses of linkeddata: services, their context, shapes and API, and documents about objects."""

from django.urls import path

from ocapi.modules.linkeddata.views import documents, features, questions, reporting, standards

app_name = "linkeddata"
urlpatterns = [
    path("vraag-de-data/", questions.question, name="question"),
    path("geo", features.landing, name="geo"),
    path("geo/", features.landing, name="layers"),
    path("geo/conformance", features.conformance, name="geo-conformance"),
    path("geo/api", features.definition, name="geo-api"),
    path("geo/collections", features.collections, name="geo-collections"),
    path("geo/collections/<str:name>", features.collection, name="collection"),
    path("geo/collections/<str:name>/queryables", features.queryables, name="queryables"),
    path("geo/collections/<str:name>/items", features.items, name="items"),
    path("geo/collections/<str:name>/items/<uuid:uuid>", features.item, name="item"),
    path("standaarden/", standards.overview, name="standards"),
    path("desk/standaarden/", standards.load, name="load-standards"),
    path("data/", documents.overview, name="overview"),
    path("data/<slug:service>/", documents.service, name="service"),
    path("data/<slug:service>/context.jsonld", documents.context, name="context"),
    path(
        "data/<slug:service>/profiel/<slug:digest>/context.jsonld",
        documents.earlier_context,
        name="earlier-context",
    ),
    path("data/<slug:service>/shapes.ttl", documents.shapes, name="shapes"),
    path("data/<slug:service>/openapi.yaml", documents.openapi, name="openapi"),
    path("data/<slug:service>/<str:term>/", documents.objects, name="objects"),
    path("data/<slug:service>/feed", documents.feed, name="feed"),
    path("data/<slug:service>/feed/<slug:number>", documents.feed_page, name="feed-page"),
    path("data/<slug:service>/feeds/<slug:kind>", documents.view, name="view"),
    path(
        "data/<slug:service>/feeds/<slug:kind>/<str:bucket>/<slug:number>",
        documents.view_page,
        name="view-page",
    ),
    path("id/<slug:scheme>/<str:value>", documents.identified, name="identified"),
    path(
        "id/<str:term>/<uuid:uuid>/<slug:sequence>", documents.version_identifier, name="version-identifier"
    ),
    path("doc/<str:term>/<uuid:uuid>", documents.document, name="document"),
    path("doc/<str:term>/<uuid:uuid>/melden", reporting.report, name="report"),
    path("doc/<str:term>/<uuid:uuid>/<slug:sequence>", documents.document, name="version"),
]
