"""The process that prints: `python -m ocapi.modules.documents.adapters.press`, JSON in, PDF or PNG out.

Values enter as data, never as markup; no package and no file but the template is read.
"""

import sys
from datetime import datetime
from pathlib import Path

import msgspec
import typst

from ocapi.lib import codec, confined
from ocapi.modules.documents.adapters.printing import Order

FOLDER = Path(__file__).resolve().parents[1] / "typst"
NO_PACKAGES = FOLDER / "packages"  # does not exist, so nothing can be put there
ADDRESS_SPACE = 3 << 30  # bytes
CPU_S = 12
DOTS_PER_INCH = 144.0  # two pixels for each point


def main() -> int:
    """Read an order, print it to standard output; 1 when Typst refuses."""
    confined.confine(memory_bytes=ADDRESS_SPACE, cpu_seconds=CPU_S, is_enough=True)
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
