"""Letters and packs for tests. Not covered: anything; this file only makes values."""

import hashlib
from pathlib import Path

from ocapi.kernel.registry.extensions import PackFile
from ocapi.lib import codec
from ocapi.modules.documents import api, letters
from ocapi.modules.documents.letters import Template

PACK = Path(__file__).resolve().parents[5] / "content" / "letters"

EVERY_BLOCK = """
code: every-block
version: "1"
kind: decision
title: Elk blok
language: nl-BE
subject: {formal: Uw brief, informal: Je brief}
placeholders: [organization_name, organization_address, recipient_name, letter_date, motivation, outcome, conditions]
blocks:
  - {type: heading, level: 1, text: {formal: Uw beslissing, informal: Je beslissing}}
  - {type: paragraph, text: "Beste {recipient_name}"}
  - {type: facts, rows: [{label: Uitkomst, value: "{outcome}"}, {label: Datum, value: "{letter_date}"}]}
  - {type: heading, level: 2, text: Waarom?}
  - {type: paragraph, text: "{motivation}"}
  - {type: heading, level: 2, text: Voorwaarden}
  - {type: paragraph, text: "{conditions}"}
  - {type: heading, level: 2, text: Wat nu?}
  - {type: list, ordered: true, items: [Lees deze brief., Bewaar deze brief.]}
  - {type: list, items: [Een vraag?, Bel ons.]}
  - {type: appeal, title: Niet akkoord?, days: 30, body: deputatie, text: Ga in beroep binnen 30 dagen.}
  - {type: signature, name: Lotte Voorbeeld, role: Diensthoofd}
"""

VALUES = {
    "organization_name": "Gemeente Vlavirgem", "organization_address": "Modellaan 1\n9999 Vlavirgem",
    "recipient_name": "Noor Peeters", "letter_date": "24 november 2026", "motivation": "De boom is ziek.",
    "outcome": "Vergund", "conditions": "Plant een nieuwe boom.",
}


def template(text: str = EVERY_BLOCK) -> Template:
    """Read a template from its text."""
    return letters.read_template(text.encode())


def pack_file(kind: str, text: str, path: str = "test.yaml") -> PackFile:
    """Make a file of a content pack."""
    return PackFile(pack="test", version="1", kind=kind, path=path, raw=text.encode())


def load_letters(now: object) -> None:
    """Load the names and letters that OCAPI ships, and the letter with every kind of block."""
    for path in sorted(PACK.glob("*.yaml"), key=lambda path: hashlib.sha256(path.name.encode()).hexdigest()):
        described = codec.decode_yaml(path.read_bytes(), object)
        assert isinstance(described, dict)
        file = pack_file("letter", path.read_text(encoding="utf-8"), path.name)
        if "blocks" in described:
            api.load_letter(file=file, now=now)
        elif "placeholders" in described:
            api.load_placeholders(file=file, now=now)
    api.load_letter(file=pack_file("letter", EVERY_BLOCK), now=now)
