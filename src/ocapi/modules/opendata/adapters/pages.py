"""Which page shows a dataset."""

from ocapi.modules.opendata import api


class DatasetPages:
    """Answers `/id/dataset/{uuid}` with the page of the dataset, also of one that is gone."""

    name = "opendata"

    def find_path(self, *, kind: str, uuid: str) -> str | None:
        """Give the path of the page, or None."""
        return api.find_page(uuid=uuid) if kind == "dataset" else None
