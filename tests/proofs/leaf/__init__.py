"""No leaf, no data: the suite under the watch of `ocapi.main.watching`, counted and with planted faults."""
