"""Open data: the catalogue of datasets, publishing through the privacy gate, harvesting in and out."""
