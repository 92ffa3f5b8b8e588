"""Our own documents as YAML."""

from typing import Any

import yaml


def encode_yaml(value: Any) -> str:
    """Write plain values as YAML, members in the order given, lines of up to 110 characters."""
    return yaml.dump(value, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=110)
