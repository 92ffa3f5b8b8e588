"""URL root: what the manifests mount; see `registry`."""

urlpatterns: list[object] = []
