"""An index over boxes that any database can keep: one whole number per box, ranges of it for a question.

The world is cut in four again and again. A box belongs to the smallest square, stretched to twice its width
and height, that still holds it (the loose quadtree behind XZ-ordering, Böhm, Klump and Kriegel 1999). Squares
are numbered along the curve of Morton, so that all that lies in a square is one range of numbers.
"""

from collections.abc import Iterator

from ocapi.lib.geo.relations import Box, overlap, within

DEPTH = 16  # a square of the deepest level is 385 m wide and 305 m high in Flanders
_LEVELS = 32  # room for the level beside the place in a number
MAX_RANGES = 32
MARGIN = 1e-9  # degrees; more than what is lost by rounding at the edge of a square
_WIDTH, _HEIGHT = 360.0, 180.0


def key(bounds: Box) -> int:
    """Give the number of a box (west, south, east, north in degrees); at most 37 bits."""
    west, south, east, north = bounds
    level = 0
    width, height = (east - west) / _WIDTH, (north - south) / _HEIGHT
    while level < DEPTH and max(width, height) * (1 << (level + 1)) <= 1:
        level += 1
    x, y = _square(west, _WIDTH, level), _square(south, _HEIGHT, level)
    return _number(x, y, level)


def _square(value: float, span: float, level: int) -> int:
    share = min(max((value + span / 2) / span, 0.0), 1.0)
    return min(int(share * (1 << level)), (1 << level) - 1)


def _number(x: int, y: int, level: int) -> int:
    deep = DEPTH - level
    return _interleaved(x << deep, y << deep) * _LEVELS + level


def _interleaved(x: int, y: int) -> int:
    return _spread(x) | _spread(y) << 1


def _spread(value: int) -> int:
    value = (value | value << 16) & 0x0000FFFF0000FFFF
    value = (value | value << 8) & 0x00FF00FF00FF00FF
    value = (value | value << 4) & 0x0F0F0F0F0F0F0F0F
    value = (value | value << 2) & 0x3333333333333333
    return (value | value << 1) & 0x5555555555555555


def ranges(asked: Box, *, most: int = MAX_RANGES) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    """Give numbers, and ranges of numbers (first and last) in order: every box that meets `asked` has its
    number among them.

    Boxes that do not meet it may be among them too: few ranges are worth a second look at some. The single
    numbers are those of squares that lie across the edge.
    """
    west, south, east, north = asked
    asked = (west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN)
    singles: list[int] = []
    whole: list[tuple[int, int]] = []
    waiting = [(0, 0, 0)]
    while waiting:
        here = [each for each in waiting if each[2] == DEPTH or within(_loose(*each), asked)]
        across = [each for each in waiting if each not in here]
        below = [
            (2 * x + dx, 2 * y + dy, level + 1) for x, y, level in across for dy in (0, 1) for dx in (0, 1)
        ]
        below = [each for each in below if overlap(_loose(*each), asked)]
        whole += (_below(*each) for each in here)
        if len(below) + len(whole) > most:
            whole += (_below(*each) for each in across)
            break
        singles += (_number(*each) for each in across)
        waiting = below
    return tuple(sorted(singles)), tuple(_joined(sorted(whole)))


def _loose(x: int, y: int, level: int) -> Box:
    size = 1 << level
    west, south = x * _WIDTH / size - _WIDTH / 2, y * _HEIGHT / size - _HEIGHT / 2
    east, north = west + 2 * _WIDTH / size, south + 2 * _HEIGHT / size
    return west, south, min(east, _WIDTH / 2), min(north, _HEIGHT / 2)


def _below(x: int, y: int, level: int) -> tuple[int, int]:
    first = _number(x, y, level)
    return first, first - level + 4 ** (DEPTH - level) * _LEVELS - 1


def _joined(found: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    first, last = -1, -1
    for start, end in found:
        if first >= 0 and start <= last + 1:
            last = max(last, end)
            continue
        if first >= 0:
            yield first, last
        first, last = start, end
    if first >= 0:
        yield first, last
