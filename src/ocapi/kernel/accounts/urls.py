"""Addresses of sign-in, mounted at `account/`; the callback's name and form are what allauth reverses."""

from django.urls import include, path

from ocapi.kernel.accounts import views

_own = [
    path("aanmelden/", views.sign_in, name="sign_in"),
    path("afmelden/", views.sign_out, name="sign_out"),
    path("wisselen/", views.capacities, name="capacities"),
    path("tweede-stap/", views.second_step, name="second_step"),
    path("tweede-stap/instellen/", views.set_up_second_factor, name="second_factor"),
    path("sessie/verlengen/", views.extend_session, name="extend_session"),
]

urlpatterns = [
    path("", include((_own, "accounts"))),
    path("oidc/<slug:provider_id>/login/", views.sign_in, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", views.callback, name="openid_connect_callback"),
]
