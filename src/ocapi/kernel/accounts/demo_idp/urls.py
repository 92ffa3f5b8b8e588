"""Addresses of the demo identity provider, below its prefix; `account_*` are the names allauth reverses."""

from django.urls import include, path

from ocapi.kernel.accounts.demo_idp import views

urlpatterns = [
    path("", include("allauth.idp.urls")),
    path("", views.choose, name="home"),
    path("kies/", views.choose, name="account_login"),
    path("kies-opnieuw/", views.choose, name="account_reauthenticate"),
    path("stijl.css", views.stylesheet, name="stylesheet"),
]
