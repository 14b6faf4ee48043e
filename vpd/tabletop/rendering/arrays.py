"""Names for the arrays that rendering passes around, and the little arithmetic they share."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
"""Single precision wherever pixels are many."""
Ints = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

FAR = np.float32(1e9)
"""Depth where a ray meets nothing."""


def smoothstep(low: float, high: float, value: Floats) -> Floats:
    """0 below `low`, 1 above `high`, a smooth cubic between."""
    t = np.clip((value - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    return t * t * (3 - 2 * t)


def dot(a: Floats, b: Floats) -> Floats:
    """Scalar products of vectors along the first axis, which has length 3."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def normalized(vectors: Floats) -> Floats:
    """Unit vectors along the first axis, which has length 3."""
    return vectors / np.sqrt(dot(vectors, vectors))


def linear(srgb: tuple[float, float, float]) -> Floats:
    """Linear light from display values; the display's curve is taken as a square."""
    return np.asarray(srgb, np.float32) ** 2
