"""An organization as a thing that can be carried: a signed archive out, the same organization in.

docs/standards/archive.md describes the format.
"""

from datetime import datetime
from pathlib import Path

from ocapi.kernel.registry.carrying import checking, reading, scratch, signing, writing
from ocapi.kernel.registry.carrying.acts import record, stage
from ocapi.kernel.registry.carrying.data import Exported, Progress
from ocapi.kernel.registry.carrying.sinks import sink_for
from ocapi.kernel.tenants.data import Tenant


def silent(_words: str) -> None:
    """Tell nobody."""


def export(*, target: Path, now: datetime, tell: Progress = silent) -> Exported:
    """Write an archive of the bound organization; see `registry.api.export_tenant`."""
    with sink_for(target) as sink:
        record("tenants.export", now=now)
        code = signing.new_code()
        manifest = writing.write(sink=sink, now=now, code=code, tell=tell)
    return Exported(manifest=manifest, fingerprint=signing.own_fingerprint(), code=code)


def take_in(
    *, source: Path, now: datetime, code: str, key: str, hosts: tuple[str, ...], trusted: str,
    tell: Progress = silent,
) -> Tenant:
    """Make the organization of an archive; see `registry.api.import_tenant`."""
    with scratch.folder() as folder:
        checking.unpack(source, folder, tell=tell)
        checked = checking.check(folder, trusted=trusted, tell=tell)
        return reading.read(
            checked=checked, code=code, key=key, hosts=hosts, now=now, tell=tell,
            finally_=lambda: stage("tenants.import", now=now),
        )
