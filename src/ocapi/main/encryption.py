"""What goes over a network is encrypted, and the other end shows a certificate; by the settings' addresses.

Only what stays on this machine may be readable on the way. A demo, whose people are invented, may do as it
likes, but for its database.
"""

import ipaddress
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

VERIFIED = ("verify-full", "verify-ca")
DATABASES = ("postgresql", "postgres")
MAIL, BUS = ("smtps", "smtp+starttls"), ("tls",)


def is_this_machine(host: str) -> bool:
    """Tell whether a host is a Unix socket or a loopback address, so that nothing leaves the machine."""
    if host.startswith(("/", "@")) or host in ("", "localhost") or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def database(url: str) -> str:
    """Give the server's address with TLS asked for when it is on another machine.

    What it does not say becomes `sslmode=verify-full` with the certificates the system trusts. Raises
    ValueError with what to write instead when it asks for less, or is no address.
    """
    parts = urlsplit(url)
    asked = parse_qs(parts.query, keep_blank_values=True)
    hosts = _hosts(parts.netloc) if "host" not in asked else asked["host"][-1].split(",")
    if parts.scheme not in DATABASES:
        raise ValueError("use postgresql://account:password@host/database")
    mode = asked.get("sslmode", [""])[-1]
    if mode in VERIFIED or all(is_this_machine(host) for host in hosts + asked.get("hostaddr", [])):
        return url
    if mode:
        raise ValueError(f"sslmode={mode} does not check who answers on another machine: use verify-full")
    asked["sslmode"] = ["verify-full"]
    asked.setdefault("sslrootcert", ["system"])
    return urlunsplit(parts._replace(query=urlencode(asked, doseq=True)))


def _hosts(netloc: str) -> list[str]:
    return [urlsplit(f"//{part}").hostname or "" for part in netloc.rpartition("@")[2].split(",")]


def plain_addresses(env: Mapping[str, str]) -> dict[str, str]:
    """Give the settings whose text could be read on the way to another machine, and what to do instead."""
    urls = {
        "OCAPI_MAIL_URL": (MAIL, "use smtps:// or smtp+starttls:// for another machine"),
        "OCAPI_BUS_URL": (BUS, "use tls:// for another machine"),
    }
    found = {
        name: remedy for name, (schemes, remedy) in urls.items()
        if (parts := urlsplit(env.get(name, ""))).scheme not in schemes
        and not is_this_machine(parts.hostname or "")
    }
    members = [part.partition("=")[2] for part in env.get("OCAPI_MEMBERS", "").split()]
    if any(urlsplit(each).scheme == "http" and not is_this_machine(urlsplit(each).hostname or "")
           for each in members):
        found["OCAPI_MEMBERS"] = "use https:// for members on another machine"
    remedies = {
        "OCAPI_HOST": "listen on 127.0.0.1 and let nginx on this machine speak TLS",
        "OCAPI_METRICS_HOST": "figures go over plain HTTP: listen on 127.0.0.1 and let nginx add TLS",
    }
    if not env.get("OCAPI_MQTT_CERTIFICATE"):
        remedies["OCAPI_MQTT_HOST"] = "give OCAPI_MQTT_CERTIFICATE and OCAPI_MQTT_KEY for other machines"
    return found | {
        name: remedy for name, remedy in remedies.items() if not is_this_machine(env.get(name, ""))
    }
