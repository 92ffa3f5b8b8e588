"""What opendata fills: offers of the modules beneath it, and the page of a dataset."""
