"""Text stands out from what it stands on, in light and in dark (WCAG 2.2, contrast of at least 4.5 : 1)."""

import re
from pathlib import Path

import pytest

import vpd.reporting

CSS = (Path(vpd.reporting.__file__).parent / "assets" / "base.css").read_text()
COLOURS = {name: pair for name, *pair in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", CSS)}
PAIRS = [
    *[(ink, ground) for ink in ("text", "muted", "accent") for ground in ("page", "surface", "sunken")],
    *[(ink, "sunken") for ink in ("good", "warn", "tool")],
    *[(tone, f"{tone}-soft") for tone in ("good", "bad", "warn", "tool", "grey", "alarm", "accent")],
    *[
        (ink, ground)
        for ink in ("text", "muted", "tool", "good", "warn")
        for ground in ("accent-soft", "bad-soft")
    ],
]


def luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2, definitions)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_contrast(ink, ground, theme):
    lighter, darker = sorted(
        (luminance(COLOURS[ink][theme]), luminance(COLOURS[ground][theme])), reverse=True
    )
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
