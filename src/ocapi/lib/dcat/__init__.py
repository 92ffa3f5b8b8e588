"""Catalogues of data as DCAT-AP 3, DCAT-AP-VL and the rules for high-value datasets ask: written and read."""
