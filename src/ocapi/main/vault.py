"""Secrets in files of who keeps them: systemd's credentials, an agent of a vault, an orchestrator.

A variable of the environment is seen by every child and stands in every dump of it; a file is read once, by
the process that needs it, and lies in memory (`/run`) where the vault's agent put it.
Source: OWASP ASVS 5.0.0, 13.3.1; systemd.exec(5), "Credentials".
"""

from collections.abc import Mapping
from pathlib import Path

SECRETS = ("OCAPI_SECRET", "OCAPI_SECRET_ALSO", "OCAPI_DATABASE_URL", "OCAPI_MAIL_URL", "OCAPI_BUS_URL")
"""Settings that are a secret or hold one."""
LARGEST = 4096  # bytes
OTHERS = 0o007  # permissions of everybody


class SecretRefused(ValueError):
    """A secret was handed over in a way that cannot be taken; the message says what to repair."""

    def __init__(self, name: str, remedy: str) -> None:
        super().__init__(f"{name}: {remedy}")
        self.name = name


def filled_in(env: Mapping[str, str]) -> dict[str, str]:
    """Give the environment with each secret that stands in a file: `NAME_FILE`, else a credential of systemd.

    Raises SecretRefused for two sources of one secret, and for a file that is missing, open to everybody,
    empty or no text: a start with another secret than was meant would be worse than none.
    """
    found = dict(env)
    for name in SECRETS:
        source, is_ours = _source(env, name)
        if source is None:
            continue
        if env.get(name):
            raise SecretRefused(name, f"it is in the environment and in {source}; keep one of both")
        found[name] = _read(name, source, is_closed=is_ours)
    return found


def _source(env: Mapping[str, str], name: str) -> tuple[Path | None, bool]:
    """Give where a secret stands, and whether its permissions are ours to judge: systemd sees to its own."""
    if given := env.get(f"{name}_FILE", ""):
        return Path(given), True
    folder = env.get("CREDENTIALS_DIRECTORY", "")
    if folder and (credential := Path(folder) / name).is_file():
        return credential, False
    return None, False


def _read(name: str, path: Path, *, is_closed: bool) -> str:
    try:
        if is_closed and path.stat().st_mode & OTHERS:
            raise SecretRefused(name, f"everybody may read {path}: chmod o= it")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        text = content.decode().strip()
    except OSError as failure:
        raise SecretRefused(name, f"{path} cannot be read: {failure.strerror}") from None
    except UnicodeDecodeError:
        raise SecretRefused(name, f"{path} holds no text") from None
    if not text or len(content) > LARGEST or "\n" in text:
        raise SecretRefused(name, f"{path} has to hold one line of at most {LARGEST} bytes")
    return text
