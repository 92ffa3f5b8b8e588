"""The systemd service of a production installation: one unit that runs `ocapi up`, confined."""

import sys
from pathlib import Path

import ocapi
from ocapi.main.environment import Environment

_TEMPLATE = """\
# /etc/systemd/system/ocapi.service, made by `ocapi unit`.
# /etc/ocapi/environment holds OCAPI_SECRET and the other settings; owner root, mode 600.
[Unit]
Description=OCAPI, open city platform
After=network-online.target postgresql.service
Wants=network-online.target

[Service]
User=ocapi
Group=ocapi
EnvironmentFile=/etc/ocapi/environment
WorkingDirectory={project}
ExecStart={program} up
Restart=on-failure
RestartSec=2
KillMode=mixed
TimeoutStopSec=15
LimitNOFILE=8192
LimitCORE=0
UMask=0027
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome={home}
ReadWritePaths={data}
InaccessiblePaths=-{project}/.git -{project}/.hg -{project}/.svn -{project}/tests
{tests}
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictSUIDSGID=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
"""


def unit(settings: Environment) -> str:
    """Give the text of the unit for these settings."""
    is_at_home = any(Path(path).parts[1] in ("home", "root") for path in (settings.data, settings.project))
    return _TEMPLATE.format(
        project=settings.project, program=Path(sys.executable).with_name("ocapi"), data=settings.data,
        home="no" if is_at_home else "yes", tests="\n".join(_code_of_tests()),
    )


def _code_of_tests() -> list[str]:
    """Give a line for all of a part's tests beside its code: they serve nobody in production."""
    package = Path(ocapi.__file__).parent
    found = sorted([*package.glob("**/tests"), *package.glob("**/testing.py")])
    parts = dict.fromkeys(path.relative_to(package).parts[0] for path in found)
    return [
        "InaccessiblePaths=" + " ".join(f"-{path}" for path in found if path.is_relative_to(package / part))
        for part in parts
    ]
