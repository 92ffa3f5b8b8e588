"""Addresses of sign-in, mounted at `account/`; the callback's name and form are what allauth reverses."""

from django.urls import include, path

from ocapi.kernel.accounts import views

_own = [
    path("aanmelden/", views.sign_in, name="sign-in"),
    path("afmelden/", views.sign_out, name="sign-out"),
    path("wisselen/", views.capacities, name="capacities"),
    path("hoger-niveau/", views.step_up, name="step-up"),
    path("tweede-stap/", views.second_step, name="second-step"),
    path("tweede-stap/instellen/", views.set_up_second_factor, name="second-factor"),
    path("sessies/", views.list_sessions, name="sessions"),
    path("sessie/verlengen/", views.extend_session, name="extend"),
]

urlpatterns = [
    path("", include((_own, "accounts"))),
    path("oidc/<slug:provider_id>/login/", views.sign_in, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", views.callback, name="openid_connect_callback"),
]
