"""Pages that belong to no module: search, desk start, brand stylesheet, legal pages,
IRIs of published things.
"""

from django.urls import path

from ocapi.web import desk, public, published

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
    path("id/<str:kind>/<uuid:uuid>", published.identifier, name="identifier"),
]
