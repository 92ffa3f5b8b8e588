"""Foretells a series by a seasonal ARIMA model of statsmodels, an extra that is not there by default.

It runs in a process of its own, `python -m ocapi.lib.foretelling`, JSON in, JSON out: the library and what it
brings take over 100 MB and seconds to load, and a fit that does not end is ended.
"""

import math
import os
import sys
import warnings
from collections.abc import Sequence

import msgspec

from ocapi.lib import confined

WALL_SECONDS, CPU_SECONDS = 60, 50
MEMORY = 4 << 30  # bytes of address space
MOST = 5_000  # numbers of a series
FEWEST = 8
LARGEST_REQUEST = 4 << 20
INSIDE = 0.2  # an interval leaves out one in five


class CannotForetell(RuntimeError):
    """Nothing is foretold; the text says why and what helps."""


class Foretold(msgspec.Struct, frozen=True, kw_only=True):
    """A number to come; it lies between low and high four times in five."""

    value: float
    low: float
    high: float


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    values: list[float]
    season: int
    steps: int


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    found: list[Foretold] = []
    reason: str = ""


def foretell(values: Sequence[float], *, season: int, steps: int) -> tuple[Foretold, ...]:
    """Give the numbers to come after a series without gaps. season: numbers in one; 1 for none.

    Raises CannotForetell, also when the extra is not installed.
    """
    if not FEWEST <= len(values) <= MOST or not all(map(math.isfinite, values)):
        raise CannotForetell(f"the series must have {FEWEST} to {MOST} numbers, none of them missing")
    asked = msgspec.json.encode(_Asked(values=list(values), season=season, steps=steps))
    try:
        done = confined.run("ocapi.lib.foretelling", asked=asked, wall_seconds=WALL_SECONDS)
    except confined.TooLong:
        raise CannotForetell(f"it took longer than {WALL_SECONDS} s") from None
    if done.code:
        raise CannotForetell("the computation broke down")
    said = msgspec.json.decode(done.said, type=_Said)
    if said.reason:
        raise CannotForetell(said.reason)
    return tuple(said.found)


def _fitted(asked: _Asked) -> list[Foretold]:
    """Fit the airline model, (0,1,1)(0,1,1), to a series with seasons; else a local trend, (0,2,2)."""
    import numpy
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    is_seasonal = asked.season > 1 and len(asked.values) >= 2 * asked.season + FEWEST
    model = SARIMAX(
        numpy.asarray(asked.values, dtype=float), order=(0, 1, 1) if is_seasonal else (0, 2, 2),
        seasonal_order=(0, 1, 1, asked.season) if is_seasonal else (0, 0, 0, 0),
    )
    found = model.fit(disp=False).get_forecast(asked.steps)
    rows = zip(found.predicted_mean.tolist(), found.conf_int(alpha=INSIDE).tolist(), strict=True)
    return [Foretold(value=value, low=low, high=high) for value, (low, high) in rows]


def main() -> None:
    """Answer what stands on standard input."""
    asked = msgspec.json.decode(sys.stdin.buffer.read(LARGEST_REQUEST), type=_Asked)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    warnings.simplefilter("ignore")
    confined.confine(memory_bytes=MEMORY, cpu_seconds=CPU_SECONDS, writes_files=False, is_enough=True)
    try:
        said = _Said(found=_fitted(asked))
    except ImportError:
        said = _Said(reason="statsmodels is not installed; an operator does so with `make build/.analytics`")
    except (ValueError, ArithmeticError) as failure:
        said = _Said(reason=f"the series does not fit: {str(failure)[:200]}")
    if not all(math.isfinite(each) for one in said.found for each in (one.value, one.low, one.high)):
        said = _Said(reason="the series does not fit: no finite numbers came out")
    sys.stdout.buffer.write(msgspec.json.encode(said))


if __name__ == "__main__":
    main()
