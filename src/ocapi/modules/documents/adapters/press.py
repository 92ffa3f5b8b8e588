"""The process that prints: `python -m ocapi.modules.documents.adapters.press`, JSON in, PDF or PNG out.

Values enter as data, never as markup; no package and no file but the template is read.
"""

import resource
import sys
from datetime import datetime
from pathlib import Path

import msgspec
import typst

from ocapi.lib import codec
from ocapi.modules.documents.adapters.printing import Order

FOLDER = Path(__file__).resolve().parents[1] / "typst"
NO_PACKAGES = FOLDER / "packages"  # does not exist, so nothing can be put there
ADDRESS_SPACE = 3 << 30  # bytes
CPU_S = 12
DOTS_PER_INCH = 144.0  # two pixels for each point


def main() -> int:
    """Read an order, print it to standard output; 1 when Typst refuses."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    order = codec.decode_json(sys.stdin.buffer.read(), Order)
    try:
        sys.stdout.buffer.write(_briefing(order) if order.briefing else _picture(order.svg))
    except typst.TypstError as failure:
        print(failure.message.splitlines()[0], file=sys.stderr)
        return 1
    return 0


def _briefing(order: Order) -> bytes:
    return typst.compile(
        str(FOLDER / "briefing.typ"),
        root=str(FOLDER),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"briefing": msgspec.json.encode(order.briefing).decode()},
        pdf_standards=["ua-1"],
        timestamp=datetime.fromisoformat(order.made_at).replace(microsecond=0),
        package_path=str(NO_PACKAGES),
        package_cache_path=str(NO_PACKAGES),
    )


def _picture(svg: str) -> bytes:
    return typst.compile(
        str(FOLDER / "picture.typ"),
        root=str(FOLDER),
        format="png",
        ppi=DOTS_PER_INCH,
        ignore_system_fonts=True,
        sys_inputs={"svg": svg},
        package_path=str(NO_PACKAGES),
        package_cache_path=str(NO_PACKAGES),
    )


if __name__ == "__main__":
    raise SystemExit(main())
