"""What machines read of services: the feed of published instances in both views, and its contexts."""

from django.urls import path

from ocapi.modules.services.views import feed, versions

app_name = "service-feed"
urlpatterns = [
    path("doc/instancesnapshot", feed.lpdc, name="lpdc"),
    path("ipdc-lpdc-im.jsonld", feed.context, {"name": "ipdc-lpdc-im"}, name="model-context"),
    path("ldes.jsonld", feed.context, {"name": "ldes"}, name="feed-context"),
    path("feeds/diensten", feed.root, name="root"),
    path("feeds/diensten/shape.ttl", feed.shape, name="shape"),
    path("feeds/diensten/<slug:number>", feed.page, name="page"),
    path("versies/diensten/<uuid:instance>", versions.newest, name="newest-version"),
    path("versies/diensten/<uuid:instance>/<slug:number>", versions.version, name="version"),
]
