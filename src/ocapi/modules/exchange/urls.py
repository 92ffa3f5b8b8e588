"""Addresses of exchange: the token endpoint and its metadata, and the desk pages."""

from django.urls import path

from ocapi.modules.exchange.views import applications, interfaces, oauth, webhooks

app_name = "exchange"
urlpatterns = [
    path("oauth/token", oauth.token, name="token"),
    path("oauth/jwks", oauth.jwks, name="jwks"),
    path(".well-known/oauth-authorization-server", oauth.metadata, name="metadata"),
    path(".well-known/api-catalog", interfaces.catalog, name="api-catalog"),
    path("desk/koppelingen/", applications.overview, name="applications"),
    path("desk/koppelingen/nieuw/", applications.register, name="register-application"),
    path("desk/koppelingen/<uuid:application>/", applications.detail, name="application"),
    path("desk/koppelingen/<uuid:application>/intrekken/", applications.revoke, name="revoke-application"),
    path("desk/webhooks/", webhooks.overview, name="webhooks"),
    path("desk/webhooks/nieuw/", webhooks.subscribe, name="subscribe"),
    path("desk/webhooks/<uuid:subscription>/stoppen/", webhooks.unsubscribe, name="unsubscribe"),
    path("desk/webhooks/leveringen/<uuid:delivery>/opnieuw/", webhooks.replay, name="replay"),
]
