"""Paths of the desk, under `desk/zaken/`."""

urlpatterns: list = []
