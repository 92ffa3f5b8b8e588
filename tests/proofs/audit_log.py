"""Makes an organization whose log holds LEAVES leaves under several heads, and exports it to FOLDER."""

import json
import sys
from datetime import timedelta
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run inside the product's settings: `FOLDER LEAVES`."""
    import django

    django.setup()
    from django.conf import settings

    from ocapi.kernel.audit import api as audit
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import Kind
    from ocapi.lib import actor, clock, ids

    folder, leaves = Path(arguments[0]), int(arguments[1])
    now = clock.now()
    tenants.prepare_platform(now=now)
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    tenants.create(key="tamper", kind=Kind.MUNICIPALITY, now=now)
    with tenants.bind("tamper"):
        for number in range(leaves):
            now += timedelta(seconds=1)
            audit.consulted(
                actor=actor.system("proof"), operation="cases.read", about=(ids.new_uuid(now),),
                fields=("name",), resource=f"case/{ids.new_uuid(now)}", now=now,
            )
            if number % 13 == 12:
                audit.seal(now=now)
        audit.seal(now=now + timedelta(minutes=2))
        audit.export_log(folder=folder)
    print(json.dumps({"leaves": leaves}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
