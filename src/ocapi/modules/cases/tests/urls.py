"""A URL root with the desk pages alone."""

from django.urls import include, path

urlpatterns = [path("desk/zaken/", include("ocapi.modules.cases.urls"))]
