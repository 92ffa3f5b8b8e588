"""From design tokens to a stylesheet: contrast checked, dark colors derived, named by hash."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from ocapi.kernel.ui.colors import COMPONENT_RATIO, TEXT_RATIO, contrast, mix, nearest_passing
from ocapi.kernel.ui.data import COLOR_TOKENS, ContrastProblem, FontStack, Tokens
from ocapi.lib.kept import Kept

_FONTS = {
    FontStack.SANS: (
        '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", '
        '"Liberation Sans", Arial, sans-serif'
    ),
    FontStack.HUMANIST: 'Seravek, "Gill Sans Nova", Ubuntu, Calibri, "DejaVu Sans", "Noto Sans", sans-serif',
    FontStack.SERIF: '"Iowan Old Style", "Palatino Linotype", "Noto Serif", "Liberation Serif", serif',
}

_PAIRS: tuple[tuple[str, tuple[str, ...], float], ...] = (
    ("text", ("background", "surface"), TEXT_RATIO),
    ("muted", ("background", "surface"), TEXT_RATIO),
    ("link", ("background", "surface"), TEXT_RATIO),
    ("on_brand", ("brand",), TEXT_RATIO),
    ("on_accent", ("accent",), TEXT_RATIO),
    ("brand", ("background", "surface"), COMPONENT_RATIO),
    ("accent", ("background", "surface"), COMPONENT_RATIO),
    ("control", ("background", "surface"), COMPONENT_RATIO),
    ("focus", ("background", "surface"), COMPONENT_RATIO),
)


def problems(tokens: Tokens) -> Iterator[ContrastProblem]:
    """Give each pair of tokens that is too close, with a color that passes on all its backgrounds."""
    for foreground, backgrounds, needed in _PAIRS:
        color = getattr(tokens, foreground)
        grounds = tuple(getattr(tokens, name) for name in backgrounds)
        for name, ground in zip(backgrounds, grounds, strict=True):
            measured = contrast(color, ground)
            if measured < needed:
                proposal = nearest_passing(color, on=grounds, ratio=needed)
                yield ContrastProblem(
                    foreground=foreground,
                    background=name,
                    ratio=round(measured, 2),
                    needed=needed,
                    proposal=proposal,
                )


def dark_of(tokens: Tokens) -> Tokens:
    """Give the same brand for readers who ask for dark colors; every pair passes the check."""
    background = mix("#14181b", tokens.brand, 0.06)
    surface = mix("#1f262a", tokens.brand, 0.08)
    grounds = (background, surface)
    brand = nearest_passing(tokens.brand, on=grounds, ratio=COMPONENT_RATIO)
    accent = nearest_passing(tokens.accent, on=grounds, ratio=COMPONENT_RATIO)
    return replace(
        tokens,
        background=background,
        surface=surface,
        brand=brand,
        accent=accent,
        on_brand=nearest_passing(tokens.on_brand, on=(brand,), ratio=TEXT_RATIO),
        on_accent=nearest_passing(tokens.on_accent, on=(accent,), ratio=TEXT_RATIO),
        text=nearest_passing("#eef1f2", on=grounds, ratio=TEXT_RATIO),
        muted=nearest_passing("#b4bec4", on=grounds, ratio=TEXT_RATIO),
        link=nearest_passing(mix(tokens.link, "#ffffff", 0.5), on=grounds, ratio=TEXT_RATIO),
        control=nearest_passing("#8d989f", on=grounds, ratio=COMPONENT_RATIO),
        focus="#ffffff",
    )


_stylesheets: Kept[tuple[str, bytes]] = Kept(most=512)  # every page names its own; colors take 2 ms to find


def stylesheet(tokens: Tokens) -> tuple[str, bytes]:
    """Give file name and bytes of the stylesheet; equal tokens give equal names."""
    return _stylesheets.get(repr(tokens), lambda _key: _write(tokens))


def _write(tokens: Tokens) -> tuple[str, bytes]:
    fixed = f"  --ocapi-font-family: {_FONTS[tokens.font]};\n  --ocapi-border-radius: {tokens.radius_px}px;\n"
    light = f":root {{\n{_colors(tokens, '  ')}{fixed}}}\n"
    colors = _colors(dark_of(tokens), "    ")
    dark = f"@media screen and (prefers-color-scheme: dark) {{\n  :root {{\n{colors}  }}\n}}\n"
    content = (light + dark).encode()
    return f"brand-{sha256(content).hexdigest()[:16]}.css", content


def _colors(tokens: Tokens, indent: str) -> str:
    named = ((name.replace("_", "-"), getattr(tokens, name)) for name in COLOR_TOKENS)
    return "".join(f"{indent}--ocapi-color-{name}: {value};\n" for name, value in named)
