"""The long jobs of one organization, in a process of the worker: `python -m ocapi.main.errand KEY`."""

import os
import subprocess
import sys


def start(key: str) -> "subprocess.Popen[bytes]":
    """Begin such a process; what it says goes where the worker's lines go."""
    command = (sys.executable, "-m", "ocapi.main.errand", key)
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


def main(key: str) -> int:
    """Do what is due, ring the worker and end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocapi.main.settings")
    import django

    django.setup()
    from django.conf import settings

    from ocapi.kernel.jobs import api as jobs
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import State
    from ocapi.lib.tracing import spans
    from ocapi.main import environment, logs, supervisor

    supervisor.end_with_parent()
    logs.configure(lambda: getattr(tenants.find_current(), "key", ""))
    environment.begin_spans("errand", settings.OCAPI)
    with tenants.bind(key) as tenant:
        if tenant.state is State.ACTIVE:
            jobs.work_off_long()
    tenants.close_connections()
    spans.end()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
