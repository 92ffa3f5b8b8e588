"""The harness of `ocapi bench`: real servers side by side, judged by medians of ratios (docs/performance)."""
