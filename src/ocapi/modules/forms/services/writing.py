"""A definition written out: without what is left at its default, and the hash that pins a version."""

import hashlib
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum

from django.utils.translation import gettext

from ocapi.lib import codec
from ocapi.modules.forms.data import FormDefinition


def plain(value: object) -> codec.JsonValue:
    """Give a definition, or a part of one, as a content file has it; `read` gives the same back."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: plain(held)
            for each in fields(value)
            if not _is_default(held := getattr(value, each.name), each)
        }
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, dict):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    assert value is None or isinstance(value, bool | int | str)
    return value


def _is_default(held: object, member: Field[object]) -> bool:
    if member.default is not MISSING:
        return bool(held == member.default) and type(held) is type(member.default)
    return member.default_factory is not MISSING and held == member.default_factory()


def sha256(definition: FormDefinition) -> str:
    """Give the hash of a definition: SHA-256 over its JSON with sorted keys, without defaults."""
    return hashlib.sha256(codec.canonical_json(plain(definition))).hexdigest()


def shown(value: codec.JsonValue) -> str:
    """Write a part of a definition on one line, in words, for a list of differences."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, list):
        return "; ".join(map(shown, value))
    if isinstance(value, dict):
        if set(value) == {"formal", "informal"}:
            return " / ".join(map(shown, value.values()))
        return ", ".join(f"{name}: {shown(each)}" for name, each in value.items())
    return str(value)
