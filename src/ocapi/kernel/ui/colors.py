"""Color mathematics: WCAG contrast and the nearest color that passes, moved along lightness only."""

from collections.abc import Iterator

TEXT_RATIO = 4.5  # WCAG 2.2 success criterion 1.4.3
COMPONENT_RATIO = 3.0  # WCAG 2.2 success criterion 1.4.11
_STEPS = 400  # fineness of the search between a color and black or white

_Triple = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """Give the WCAG contrast ratio of two `#rrggbb` colors, 1 to 21, whichever is the lighter."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    """Give the relative luminance of a `#rrggbb` color, 0 to 1 (WCAG 2.2 glossary)."""
    red, green, blue = _linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def nearest_passing(foreground: str, *, on: tuple[str, ...], ratio: float) -> str:
    """Give the color nearest to `foreground` that reaches `ratio` on every color of `on`; hue stays.

    Walks from the color to black and to white in the Oklab space and takes the shorter way.
    Where neither end passes on all, the end with the best worst ratio is given.
    """
    if _worst(foreground, on) >= ratio:
        return foreground
    for candidate in _walk(foreground):
        if _worst(candidate, on) >= ratio:
            return candidate
    return max(("#000000", "#ffffff"), key=lambda end: _worst(end, on))


def mix(one: str, other: str, share: float) -> str:
    """Give the color that lies `share` (0 to 1) of the way from one to the other, in Oklab."""
    a, b = _oklab(one), _oklab(other)
    lightness, green_red, blue_yellow = (x + (y - x) * share for x, y in zip(a, b, strict=True))
    return _hex((lightness, green_red, blue_yellow))


def _worst(foreground: str, on: tuple[str, ...]) -> float:
    return min(contrast(foreground, background) for background in on)


def _walk(color: str) -> Iterator[str]:
    lightness, green_red, blue_yellow = _oklab(color)
    for step in range(1, _STEPS + 1):
        distance = step / _STEPS
        for target in (lightness - distance, lightness + distance):
            if 0 <= target <= 1:
                # chroma shrinks towards black and white, where no saturated color exists
                room = target / lightness if target < lightness else (1 - target) / max(1 - lightness, 1e-9)
                yield _hex((target, green_red * room, blue_yellow * room))


def _linear(color: str) -> _Triple:
    red, green, blue = (_to_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return red, green, blue


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _from_linear(channel: float) -> int:
    clipped = min(max(channel, 0.0), 1.0)
    encoded = clipped * 12.92 if clipped <= 0.0031308 else 1.055 * clipped ** (1 / 2.4) - 0.055
    return round(encoded * 255)


def _oklab(color: str) -> _Triple:
    # Matrices: B. Ottosson, "A perceptual color space for image processing", 2020
    red, green, blue = _linear(color)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _hex(lab: _Triple) -> str:
    lightness, green_red, blue_yellow = lab
    long = (lightness + 0.3963377774 * green_red + 0.2158037573 * blue_yellow) ** 3
    medium = (lightness - 0.1055613458 * green_red - 0.0638541728 * blue_yellow) ** 3
    short = (lightness - 0.0894841775 * green_red - 1.2914855480 * blue_yellow) ** 3
    channels = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{_from_linear(channel):02x}" for channel in channels)
