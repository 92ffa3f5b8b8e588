"""Builders for the tests of services. Covers nothing itself."""

from pathlib import Path

from ocapi.kernel.registry.extensions import PackFile

CONTENT = Path(__file__).resolve().parents[5] / "content" / "public-services"


def a_file(code: str, *, version: str = "1", **replaced: str) -> PackFile:
    """Make the pack file of a shipped service, with texts replaced."""
    text = (CONTENT / "services" / f"{code}.yaml").read_text()
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    return PackFile(
        pack="public-services", version=version, kind="service", path=f"{code}.yaml", raw=text.encode()
    )
