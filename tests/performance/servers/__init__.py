"""Programs the harness starts as arms; each is also a plain script."""
