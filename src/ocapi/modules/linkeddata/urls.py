"""Addresses of linkeddata: services, their context, shapes and API, and documents about objects."""

from django.urls import path

from ocapi.modules.linkeddata import views

app_name = "linkeddata"
urlpatterns = [
    path("data/", views.overview, name="overview"),
    path("data/<slug:service>/", views.service, name="service"),
    path("data/<slug:service>/context.jsonld", views.context, name="context"),
    path("data/<slug:service>/shapes.ttl", views.shapes, name="shapes"),
    path("data/<slug:service>/openapi.yaml", views.openapi, name="openapi"),
    path("data/<slug:service>/<str:term>/", views.objects, name="objects"),
    path("data/<slug:service>/feed", views.feed, name="feed"),
    path("data/<slug:service>/feed/<slug:number>", views.feed_page, name="feed-page"),
    path("id/<str:term>/<uuid:uuid>/<slug:sequence>", views.version_identifier, name="version-identifier"),
    path("doc/<str:term>/<uuid:uuid>", views.document, name="document"),
    path("doc/<str:term>/<uuid:uuid>/<slug:sequence>", views.document, name="version"),
]
