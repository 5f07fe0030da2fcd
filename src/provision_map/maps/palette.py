"""Colours, marker shapes and letters. Colour is never the only sign: shapes, letters, words stand by.

Ramps are drawn in OKLCH (lightness, chroma, hue), where equal steps look equal; lightness falls
along each, so that order survives colour blindness and a grey printer. Formulas: B. Ottosson,
"A perceptual color space for image processing", 2020.
"""

from __future__ import annotations

import math

from provision_map.model import Outcome
from provision_map.tables import CAUSES, UNKNOWN_REASONS

#: Upper limits of the classes, in thousandths, whatever the data: the same share has the same colour
#: on every map of a measure. None at all is a class of its own.
LIMITS = (0, 200, 400, 600, 800, 1_000)

LCH = tuple[float, float, float]

#: Where each ramp begins, is half way, and ends. The hues are apart under every common colour blindness, and
#: tell what is measured: something missing, something there, something not known.
_RAMPS: dict[str, tuple[LCH, LCH, LCH]] = {
    "missing": ((0.970, 0.035, 95.0), (0.730, 0.135, 58.0), (0.390, 0.125, 28.0)),
    "there": ((0.965, 0.018, 195.0), (0.710, 0.095, 222.0), (0.380, 0.100, 252.0)),
    "unknown": ((0.960, 0.015, 315.0), (0.700, 0.100, 306.0), (0.380, 0.140, 298.0)),
}

#: Marker shapes in the order of the outcomes, with a colour that carries white text at 4.5:1.
_MARKERS = (
    ("circle", "#0b4f8a"),
    ("square", "#8a3300"),
    ("triangle", "#17603a"),
    ("diamond", "#7a1f6e"),
    ("hexagon", "#3d3d3d"),
)
_LETTERS = {"BH": "H", "SS": "S", "EA": "E", "PC": "C", "EW": "W"}


def draw_ramp(name: str, count: int) -> list[str]:
    """Return ``count`` colours of a ramp from light to dark, as ``#rrggbb``.

    >>> draw_ramp("there", 2)[0] > draw_ramp("there", 2)[1]
    True
    """
    steps = [i / (count - 1) for i in range(count)] if count > 1 else [0.55]
    return [_to_hex(*_along(_RAMPS[name], step)) for step in steps]


def draw_ramps() -> dict[str, list[str]]:
    """Return every ramp with a colour for each class of :data:`LIMITS`."""
    return {name: draw_ramp(name, len(LIMITS)) for name in _RAMPS}


def colour_parts() -> dict[str, str]:
    """Give each part of the waterfall its colour in a stacked bar.

    Covered is blue; the causes run from dark to light; what cannot be told is violet-grey.
    """
    causes = draw_ramp("missing", len(CAUSES) + 1)[:0:-1]
    unknown = [
        _to_hex(0.78 - 0.28 * n / (len(UNKNOWN_REASONS) - 1), 0.04, 300)
        for n in range(len(UNKNOWN_REASONS))
    ]
    return {
        "covered": _to_hex(0.52, 0.10, 240),
        **{f"cause_{c}": colour for c, colour in zip(CAUSES, causes, strict=True)},
        **{f"unknown_{r}": colour for r, colour in zip(UNKNOWN_REASONS, unknown, strict=True)},
    }


def mark_outcomes(outcomes: tuple[Outcome, ...]) -> list[dict[str, str]]:
    """Give each outcome a letter, a shape and a colour; shapes repeat after the fifth."""
    marks = []
    for n, outcome in enumerate(outcomes):
        shape, colour = _MARKERS[n % len(_MARKERS)]
        letter = _LETTERS.get(outcome.id, outcome.id[:1] or "?")
        marks.append({"letter": letter, "shape": shape, "colour": colour})
    return marks


def _along(stops: tuple[LCH, LCH, LCH], step: float) -> LCH:
    start, half, end = stops
    low, high, part = (start, half, 2 * step) if step < 0.5 else (half, end, 2 * step - 1)  # noqa: PLR2004
    lightness, chroma, hue = (a + (b - a) * part for a, b in zip(low, high, strict=True))
    return lightness, chroma, hue


def _to_hex(lightness: float, chroma: float, hue: float) -> str:
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _companded(value)):02x}" for value in linear)


def _companded(value: float) -> float:
    """Turn linear light into the sRGB scale, kept within it."""
    inside = min(max(value, 0.0), 1.0)
    if inside <= 0.0031308:  # noqa: PLR2004 - the standard's own constant
        return 12.92 * inside
    return float(1.055 * inside ** (1 / 2.4) - 0.055)
