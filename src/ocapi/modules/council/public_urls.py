"""What everybody sees of council: meetings, documents, mandate holders, and the feed for machines."""

from django.urls import path

from ocapi.modules.council.views import public

app_name = "council"
urlpatterns = [
    path("besluiten/", public.overview, name="overview"),
    path("besluiten/zittingen/<uuid:meeting>", public.meeting, name="meeting"),
    path("besluiten/documenten/<uuid:publication>", public.document, name="document"),
    path("besluiten/versies/<uuid:release>", public.version, name="version"),
    path("besluiten/versies/<uuid:release>/bron", public.source, name="source"),
    path("besluiten/mandatarissen", public.mandates, name="mandates"),
    path("feeds/besluiten", public.strict_feed, name="strict-feed"),
    path("feeds/besluiten/<slug:number>", public.strict_feed, name="strict-feed-page"),
    path("feeds/publicaties", public.feed, name="feed"),
    path("feeds/publicaties/laatste", public.feed, name="feed-newest"),
    path("feeds/publicaties/<slug:number>", public.feed_page, name="feed-page"),
]
