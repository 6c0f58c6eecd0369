"""Colours of a report: two palettes, one accent of the reader's own, and contrast that meets WCAG AA."""

from __future__ import annotations

import re
from typing import NamedTuple

from funnelcli.diagnostics import Problem, quoted

DEFAULT_BRAND = "#0b6e75"
TEXT_CONTRAST = 4.5
"""Contrast of text to its background, WCAG 2.2, 1.4.3 (level AA)."""
PART_CONTRAST = 3.0
"""Contrast of bars and borders that carry meaning, WCAG 2.2, 1.4.11 (level AA)."""


class Palette(NamedTuple):
    """Colours as `#rrggbb`.

    `accent` fills bars, `link` is the accent as text; `gain` and `loss` are signs, which never stand without a sign in
    text. `soft` is a panel, `line` a rule, `edge` the border of a control.
    """

    paper: str
    soft: str
    line: str
    edge: str
    muted: str
    ink: str
    accent: str
    link: str
    gain: str
    loss: str
    warn: str


_COLOURS = {
    "paper": ("#ffffff", "#12181b"),
    "soft": ("#f5f7f8", "#1b2327"),
    "line": ("#dde3e6", "#2f3a40"),
    "edge": ("#7f8b92", "#7b8a92"),
    "muted": ("#566168", "#a3b0b7"),
    "ink": ("#182226", "#e8edef"),
    "accent": (DEFAULT_BRAND, DEFAULT_BRAND),
    "link": (DEFAULT_BRAND, DEFAULT_BRAND),
    "gain": ("#1e7d46", "#5cc08a"),
    "loss": ("#b3402a", "#f08a74"),
    "warn": ("#8a5a00", "#e0b04f"),
}
_LIGHT, _DARK = (Palette(**{name: pair[side] for name, pair in _COLOURS.items()}) for side in (0, 1))


class Look(NamedTuple):
    """The light and the dark palette, and which is meant: `light`, `dark`, or `auto` for what the reader prefers."""

    theme: str
    light: Palette
    dark: Palette

    @property
    def picture(self) -> Palette:
        """The palette of a picture, which cannot ask what the reader prefers."""
        return self.dark if self.theme == "dark" else self.light


def look(theme: str = "auto", brand: str | None = None) -> Look | Problem:
    """The palettes with a brand colour as the accent, made lighter or darker until it can be read."""
    colour = DEFAULT_BRAND if brand is None else _parsed(brand)
    if colour is None:
        return Problem("FN120", f"{quoted(brand or '')} is not a colour", "write six hexadecimal digits, e.g. #0b6e75")
    light, dark = (
        palette._replace(
            accent=readable(colour, palette.paper, PART_CONTRAST),
            link=readable(colour, palette.soft, TEXT_CONTRAST),
        )
        for palette in (_LIGHT, _DARK)
    )
    return Look(theme, light, dark)


def _parsed(text: str) -> str | None:
    digits = text.strip().removeprefix("#").lower()
    if re.fullmatch(r"[0-9a-f]{3}", digits):
        digits = "".join(digit * 2 for digit in digits)
    return f"#{digits}" if re.fullmatch(r"[0-9a-f]{6}", digits) else None


def readable(colour: str, background: str, contrast: float) -> str:
    """The colour, or the nearest mix of it with black or white that stands out from a background."""
    end = 0 if luminance(background) > 0.18 else 255  # either stands out from such a background by more than is asked
    own = bytes.fromhex(colour[1:])
    mixes = ("#" + bytes(round(each + (end - each) * step / 100) for each in own).hex() for step in range(101))
    return next(mixed for mixed in mixes if contrast_of(mixed, background) >= contrast)


def contrast_of(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of a colour, 0 to 1 (WCAG 2.2)."""
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in bytes.fromhex(colour[1:]))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
