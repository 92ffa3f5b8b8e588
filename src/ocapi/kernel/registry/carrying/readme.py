"""The page on top of an archive, for somebody who never heard of OCAPI."""

from collections.abc import Sequence
from datetime import datetime

from ocapi.kernel.audit.data import instant_text
from ocapi.kernel.tenants.data import Table, Tenant

TEXT = """\
# Everything of one organization

This archive holds all data that the software OCAPI kept for the organization

- local name: {key}
- identifier: {uuid}
- its addresses on the web of data begin with: {base_iri}
- state of: {taken_at}

You need no OCAPI to read it. It holds personal data: keep it as safe as the system it came from.

## What is where

| place | what | how to read it |
|---|---|---|
| `tables/` | {count} tables, one file each | text; each line is one row, a JSON object (newline-delimited JSON) |
| `schema.json` | what each table and column means | JSON; see below |
| `blobs/` | documents that people sent or that were made | each file is named by its SHA-256; `tables/files_file.jsonl` has its name and type |
| `audit/` | the log of who looked at what and changed what | `verify_log.py audit` proves that nothing was removed or altered |
| `files/` | sensor readings that were not added up yet, and published data | as the software had them |
| `keys.json` | keys of sealed columns, locked | see below |
| `SHA256SUMS` | the hash of every file above | `sha256sum -c SHA256SUMS` |
| `manifest.json` | who, when, how many rows, the hash of `SHA256SUMS`, the state of the log | JSON |
| `signature.json` | the signature over `manifest.json` | see below |

## How a row is written

A column that has no value is left out. Instants are in UTC (`2026-11-23T09:30:00Z`), days are `2026-11-23`,
identifiers are UUIDs, amounts are whole cents, bytes are base64. In `schema.json` each table has a `meaning`, its
columns have a `kind`, and `references` says `table.column` where a value names a row of another table.

## How to check the signature

    python3 -c 'import json; print(json.load(open("signature.json"))["key"])' > key.pem
    python3 -c 'import json, base64, sys; sys.stdout.buffer.write(base64.b64decode(json.load(open("signature.json"))["signature"]))' > manifest.sig
    openssl dgst -sha256 -verify key.pem -signature manifest.sig manifest.json

It must say `Verified OK`. The hash of `SHA256SUMS` must be the `sums_sha256` in `manifest.json`. Ask the sender,
by another way than the one this archive came by, whether the key is theirs: its fingerprint is what this prints.

    openssl pkey -pubin -in key.pem -outform DER | sha256sum

## Sealed columns

National numbers, secrets of second factors and of the identity provider are encrypted (AES-256-GCM; 12 bytes nonce,
then the text with its tag). The key is in `keys.json` under `code`, base64, encrypted in the same way under the
SHA-256 of the carrying code (capital letters and digits, without hyphens), which the sender has; the additional data
is the organization's identifier as 16 bytes. Inside, the first 32 bytes open columns, the last 32 make lookups. The
additional data of a column stands in OCAPI's docs/standards/archive.md.

## How to use it again

    ocapi tenant import PATH

on any OCAPI of the same or a newer release makes the same organization: the same identifiers, rows, documents and log.
"""


def text(tenant: Tenant, tables: Sequence[Table], now: datetime) -> str:
    """Give the page for an organization."""
    return TEXT.format(
        key=tenant.key, uuid=tenant.uuid, base_iri=tenant.base_iri, taken_at=instant_text(now),
        count=len(tables),
    )
