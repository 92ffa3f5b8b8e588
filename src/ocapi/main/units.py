"""The systemd service of a production installation: one unit that runs `ocapi up`, confined."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import ocapi
from ocapi.main.environment import Environment

_TEMPLATE = """\
# /etc/systemd/system/ocapi.service, made by `ocapi unit`.
# /etc/ocapi/environment holds the settings; owner root, mode 600. Secrets may stand in
# /etc/credstore.encrypted instead, sealed by systemd-creds (systemd 254 or newer).
[Unit]
Description=OCAPI, open city platform
After=network-online.target postgresql.service
Wants=network-online.target

[Service]
User=ocapi
Group=ocapi
EnvironmentFile=/etc/ocapi/environment
ImportCredential=OCAPI_*
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


_SHIPPING = """\
# /etc/systemd/journal-upload.conf.d/ocapi.conf, made by `ocapi log-shipping`.
# Lines go to another machine as they come; what could not go waits in the journal and follows later.
[Upload]
URL={to}
ServerKeyFile=/etc/ocapi/journal/key.pem
ServerCertificateFile=/etc/ocapi/journal/certificate.pem
TrustedCertificateFile=/etc/ocapi/journal/authority.pem
NetworkTimeoutSec=infinity
"""


def shipping(to: str) -> str:
    """Give the settings by which systemd sends the journal to another machine.

    to: the address of its `systemd-journal-remote`, as `https://logs.example.be:19532`. Raises ValueError for
    one that is readable on the way, is this machine itself, or holds a password.
    """
    parts = urlsplit(to)
    has_more = parts.username or parts.query or parts.path.strip("/")
    if parts.scheme != "https" or not parts.hostname or has_more:
        raise ValueError(f"{parts.scheme}://{parts.hostname or ''}: give https://NAME or https://NAME:PORT")
    if parts.hostname == "localhost" or parts.hostname.startswith("127.") or parts.hostname == "::1":
        raise ValueError(f"{parts.hostname}: who is on this machine could change them; name another one")
    return _SHIPPING.format(to=to)


def _code_of_tests() -> list[str]:
    """Give a line for all of a part's tests beside its code: they serve nobody in production."""
    package = Path(ocapi.__file__).parent
    found = sorted([*package.glob("**/tests"), *package.glob("**/testing.py")])
    parts = dict.fromkeys(path.relative_to(package).parts[0] for path in found)
    return [
        "InaccessiblePaths=" + " ".join(f"-{path}" for path in found if path.is_relative_to(package / part))
        for part in parts
    ]
