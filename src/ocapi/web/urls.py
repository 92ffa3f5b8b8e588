"""Pages that belong to no module: search, desk start, brand stylesheet, legal pages,
IRIs of published things.
"""

from django.urls import path

from ocapi.web import citizen, desk, public, published

urlpatterns = [
    path("zoeken", public.search, name="search"),
    path("huisstijl/<str:name>", public.brand, name="brand"),
    path("contact", public.contact, name="contact"),
    path("privacy", public.privacy, name="privacy"),
    path("toegankelijkheidsverklaring", public.accessibility, name="accessibility"),
    path(".well-known/security.txt", public.security_contact, name="security-contact"),
    path("robots.txt", public.robots, name="robots"),
    path("desk/", desk.start, name="desk"),
    path("desk/instellingen/", desk.settings, name="desk-settings"),
    path("desk/medewerkers/", desk.staff.overview, name="staff"),
    path("desk/medewerkers/rol-geven", desk.staff.grant, name="grant-role"),
    path("desk/medewerkers/<uuid:person>", desk.staff.member, name="staff-member"),
    path("desk/medewerkers/<uuid:person>/schorsen", desk.staff.suspend, name="suspend-member"),
    path("desk/medewerkers/<uuid:person>/rol/<uuid:role>/beeindigen", desk.staff.end, name="end-role"),
    path("mijn/volmachten", citizen.overview, name="powers"),
    path("mijn/volmachten/nieuw", citizen.grant, name="grant-power"),
    path("mijn/volmachten/<uuid:power>/intrekken", citizen.revoke, name="revoke-power"),
    path("id/<str:kind>/<uuid:uuid>", published.identifier, name="identifier"),
]
