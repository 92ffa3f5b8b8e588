"""Addresses of opendata: for people, for machines, for CKAN clients, and the desk."""

from django.urls import path

from ocapi.modules.opendata.views import catalog, ckan, desk, machines, sources

app_name = "opendata"
urlpatterns = [
    path("open-data/", catalog.overview, name="catalog"),
    path("open-data/catalog.<slug:extension>", machines.catalog, name="catalog-page"),
    path("open-data/feed", machines.feed, name="feed"),
    path("open-data/feed/<slug:number>", machines.feed_page, name="feed-page"),
    path("open-data/shapes.ttl", machines.shapes, name="shapes"),
    path("open-data/sitemap.xml", machines.sitemap, name="sitemap"),
    path("open-data/<slug:code>", catalog.dataset, name="dataset"),
    path("open-data/<slug:code>/data.<slug:extension>", machines.download, name="download"),
    path("open-data/<slug:code>/rows", machines.rows, name="rows"),
    path("open-data/<slug:code>/openapi.yaml", machines.openapi, name="openapi"),
    path("api/action/<slug:action>", ckan.action, name="ckan"),
    path("api/3/action/<slug:action>", ckan.action, name="ckan-3"),
    path("desk/open-data/", desk.overview, name="desk"),
    path("desk/open-data/aanbod/<slug:source>/<slug:offer>/", desk.offer, name="offer"),
    path("desk/open-data/datasets/<uuid:dataset>/", desk.dataset, name="desk-dataset"),
    path("desk/open-data/datasets/<uuid:dataset>/intrekken/", desk.withdraw, name="withdraw"),
    path("desk/open-data/bronnen/", sources.overview, name="sources"),
    path("desk/open-data/bronnen/nieuw/", sources.add, name="add-source"),
    path("desk/open-data/bronnen/<uuid:source>/", sources.detail, name="source"),
    path("desk/open-data/bronnen/<uuid:source>/stoppen/", sources.stop, name="stop-source"),
]
