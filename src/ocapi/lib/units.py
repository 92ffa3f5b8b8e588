"""Units of measure by their UCUM code (case sensitive, version 2.1), and conversion between them.

A code is a product of atoms with prefixes and exponents: `ug/m3`, `km/h`, `10*3/uL`, `{fietsers}/h`. What
stands in braces is a remark and counts as one. Only Cel, [degF] and K shift their zero; logarithmic units and
arbitrary ones ([pH], dB) stand for themselves and convert to nothing else.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

LONGEST = 60
_PREFIXES: Mapping[str, float] = MappingProxyType(
    {
        "da": 1e1,
        "Ki": 2.0**10,
        "Mi": 2.0**20,
        "Gi": 2.0**30,
        "Ti": 2.0**40,
        "Y": 1e24,
        "Z": 1e21,
        "E": 1e18,
        "P": 1e15,
        "T": 1e12,
        "G": 1e9,
        "M": 1e6,
        "k": 1e3,
        "h": 1e2,
        "d": 1e-1,
        "c": 1e-2,
        "m": 1e-3,
        "u": 1e-6,
        "n": 1e-9,
        "p": 1e-12,
        "f": 1e-15,
        "a": 1e-18,
        "z": 1e-21,
        "y": 1e-24,
    }
)
# atom: factor and definition in base units (m, s, g, rad, K, C, cd) as UCUM tables 2 to 9 have it
_METRIC: Mapping[str, tuple[float, str]] = MappingProxyType(
    {
        **{base: (1.0, base) for base in ("m", "s", "g", "rad", "K", "C", "cd")},
        "mol": (6.0221367e23, ""),
        "sr": (1.0, "rad2"),
        "Hz": (1.0, "s-1"),
        "N": (1e3, "g m s-2"),
        "Pa": (1e3, "g m-1 s-2"),
        "J": (1e3, "g m2 s-2"),
        "W": (1e3, "g m2 s-3"),
        "A": (1.0, "C s-1"),
        "V": (1e3, "g m2 s-2 C-1"),
        "F": (1e-3, "g-1 m-2 s2 C2"),
        "Ohm": (1e3, "g m2 s-1 C-2"),
        "S": (1e-3, "g-1 m-2 s C2"),
        "Wb": (1e3, "g m2 s-1 C-1"),
        "T": (1e3, "g s-1 C-1"),
        "H": (1e3, "g m2 C-2"),
        "lm": (1.0, "cd rad2"),
        "lx": (1.0, "cd rad2 m-2"),
        "Bq": (1.0, "s-1"),
        "Gy": (1.0, "m2 s-2"),
        "Sv": (1.0, "m2 s-2"),
        "kat": (6.0221367e23, "s-1"),
        "l": (1e-3, "m3"),
        "L": (1e-3, "m3"),
        "ar": (1e2, "m2"),
        "t": (1e6, "g"),
        "bar": (1e8, "g m-1 s-2"),
        "eV": (1.60217733e-16, "g m2 s-2"),
        "u": (1.6605402e-24, "g"),
        "cal": (4184.0, "g m2 s-2"),
        "m[Hg]": (133322e3, "g m-1 s-2"),
        "bit": (1.0, "bit"),
        "By": (8.0, "bit"),
        "Bd": (1.0, "s-1"),
        "Cel": (1.0, "K"),
        **{code: (1.0, code) for code in ("B", "B[SPL]", "B[W]", "B[V]", "Np")},
    }
)
_PLAIN: Mapping[str, tuple[float, str]] = MappingProxyType(
    {
        "10*": (10.0, ""),
        "10^": (10.0, ""),
        "%": (1e-2, ""),
        "[ppth]": (1e-3, ""),
        "[ppm]": (1e-6, ""),
        "[ppb]": (1e-9, ""),
        "[pptr]": (1e-12, ""),
        "[pi]": (3.141592653589793, ""),
        "min": (60.0, "s"),
        "h": (3600.0, "s"),
        "d": (86400.0, "s"),
        "wk": (604800.0, "s"),
        "mo": (2629800.0, "s"),
        "a": (31557600.0, "s"),
        "deg": (0.017453292519943295, "rad"),
        "'": (0.0002908882086657216, "rad"),
        "''": (4.84813681109536e-6, "rad"),
        "[in_i]": (0.0254, "m"),
        "[ft_i]": (0.3048, "m"),
        "[yd_i]": (0.9144, "m"),
        "[mi_i]": (1609.344, "m"),
        "[nmi_i]": (1852.0, "m"),
        "[kn_i]": (1852 / 3600, "m s-1"),
        "[lb_av]": (453.59237, "g"),
        "[oz_av]": (28.349523125, "g"),
        "atm": (101325e3, "g m-1 s-2"),
        "[degF]": (5 / 9, "K"),
        "[psi]": (6894757.293168, "g m-1 s-2"),
        "[gal_us]": (0.003785411784, "m3"),
        **{code: (1.0, code) for code in ("[pH]", "[iU]", "[arb'U]", "[NTU]", "[FTU]", "[CFU]")},
    }
)
_SHIFTS: Mapping[str, float] = MappingProxyType({"Cel": 273.15, "[degF]": 459.67 * 5 / 9})
_SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        "°C": "Cel",
        "℃": "Cel",
        "degC": "Cel",
        "C": "Cel",
        "°F": "[degF]",
        "°": "deg",
        "ppm": "[ppm]",
        "ppb": "[ppb]",
        "dB": "dB",
        "dB(A)": "dB[SPL]",
        "pH": "[pH]",
        "kWh": "kW.h",
        "Wh": "W.h",
        "mm/u": "mm/h",
    }
)


class UnknownUnit(ValueError):
    """A text that is no UCUM code we know."""


class OtherQuantity(ValueError):
    """Two units that measure different things, so that no number converts one to the other."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a code means: value in base units = number x factor + shift. dimensions: exponent by base unit."""

    factor: float
    shift: float
    dimensions: Mapping[str, int]


def read(code: str) -> Unit:
    """Read a UCUM code; the empty one and `1` are the number one. Raises UnknownUnit."""
    if len(code) > LONGEST:
        raise UnknownUnit("a code is longer than a unit can be")
    if code in _SHIFTS:
        factor, definition = _METRIC.get(code) or _PLAIN[code]
        return Unit(factor, _SHIFTS[code], _dimensions(definition))
    try:
        factor, dimensions, rest = _product(code, 0) if code else (1.0, {}, "")
    except ArithmeticError:
        raise UnknownUnit(f"{code!r} is too large or too small to be a unit") from None
    if rest or not 0 < factor < math.inf:
        raise UnknownUnit(f"{code!r} is no UCUM code")
    return Unit(factor, 0.0, {name: each for name, each in dimensions.items() if each})


def convert(number: float, *, given: str, wanted: str) -> float:
    """Convert a number between two UCUM codes, to 12 significant digits.

    Raises UnknownUnit, OtherQuantity, OverflowError.
    """
    if given == wanted:
        return number
    source, target = read(given), read(wanted)
    if source.dimensions != target.dimensions:
        raise OtherQuantity(f"{given!r} is no unit of what {wanted!r} measures")
    converted = (number * source.factor + source.shift - target.shift) / target.factor
    if not math.isfinite(converted):
        raise OverflowError("the number is too large in the other unit")
    return float(f"{converted:.12g}")


def code_of(*, definition: str, symbol: str) -> str:
    """Give the UCUM code a `unitOfMeasurement` of SensorThings means; empty when it says none we know."""
    for prefix in ("ucum:", "http://unitsofmeasure.org/", "https://ucum.org/#"):
        if definition.startswith(prefix):
            return _known(definition.removeprefix(prefix))
    for text in (definition, symbol):
        if text and (found := _known(_plainly(text))):
            return found
    return ""


def _known(code: str) -> str:
    try:
        read(code)
    except UnknownUnit:
        return ""
    return code


def _plainly(text: str) -> str:
    text = _SYMBOLS.get(text, text)
    for sign, plain in (("µ", "u"), ("μ", "u"), ("²", "2"), ("³", "3"), ("·", "."), ("⁻¹", "-1")):
        text = text.replace(sign, plain)
    return text


def _product(text: str, depth: int) -> tuple[float, dict[str, int], str]:
    """Read factors with `.` and `/` between them, up to a bracket that closes or the end."""
    if depth > 5:
        raise UnknownUnit("brackets stand too deep")
    factor, dimensions, sign = 1.0, dict[str, int](), 1
    if text.startswith("/"):
        sign, text = -1, text[1:]
    while True:
        number, parts, text = _component(text, depth)
        factor *= number**sign
        for name, each in parts.items():
            dimensions[name] = dimensions.get(name, 0) + sign * each
        if not text or text[0] not in "./":
            return factor, dimensions, text
        sign, text = (1 if text[0] == "." else -1), text[1:]


def _component(text: str, depth: int) -> tuple[float, dict[str, int], str]:
    if text.startswith("("):
        factor, dimensions, rest = _product(text[1:], depth + 1)
        if not rest.startswith(")"):
            raise UnknownUnit("a bracket is not closed")
        return factor, dimensions, _after_remark(rest[1:])
    if text.startswith("{"):
        return 1.0, {}, _after_remark(text)
    end = 0
    while end < len(text) and text[end] not in "./(){":
        end = text.index("]", end) + 1 if text[end] == "[" and "]" in text[end:] else end + 1
    word, rest = text[:end], _after_remark(text[end:])
    if word.isascii() and word.isdigit() and len(word) < 16:
        return float(word), {}, rest
    atom, exponent = _split(word)
    factor, definition = _atom(atom)
    return factor**exponent, {name: each * exponent for name, each in _dimensions(definition).items()}, rest


def _after_remark(text: str) -> str:
    if not text.startswith("{"):
        return text
    _, closing, rest = text.partition("}")
    if not closing:
        raise UnknownUnit("a brace is not closed")
    return rest


def _split(word: str) -> tuple[str, int]:
    """Tell the exponent from what it belongs to: `m-2` is the atom `m` and -2."""
    if word[:3] in ("10*", "10^"):
        atom, digits = word[:3], word[3:] or "1"
    else:
        stem = word.rstrip("0123456789")
        digits = word[len(stem) :] or "1"
        atom = stem
        if stem[-1:] in ("-", "+"):
            atom, digits = stem[:-1], stem[-1] + digits
    if not digits.lstrip("+-").isdigit() or abs(int(digits)) > 30:
        raise UnknownUnit(f"{word!r} is no UCUM code")
    return atom, int(digits)


def _atom(text: str) -> tuple[float, str]:
    found = _PLAIN.get(text) or _METRIC.get(text)
    if found:
        return found
    for size in (2, 1):
        prefix, stem = text[:size], text[size:]
        if prefix in _PREFIXES and stem in _METRIC and stem not in _SHIFTS:
            factor, definition = _METRIC[stem]
            is_level = definition == stem and stem[:1] in ("B", "N")
            return (1.0, text) if is_level else (_PREFIXES[prefix] * factor, definition)
    raise UnknownUnit(f"{text!r} is no UCUM code")


def _dimensions(definition: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in definition.split():
        if word[0] == "[" or word in _METRIC or word[-1] == "]":
            found[word] = 1
        else:
            stem = word.rstrip("0123456789")
            name = stem.rstrip("-")
            found[name] = int(word[len(name) :] or "1")
    return found
