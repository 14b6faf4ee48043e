"""What the table is covered with: seamless textures made from smooth noise, kept at several resolutions."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from vpd.tabletop.rendering.arrays import Floats, smoothstep
from vpd.tabletop.scene import Covering

_SIDE = 256
_LEVELS = 5
_STARTS = np.cumsum([0, *((_SIDE >> k) ** 2 for k in range(_LEVELS - 1))]).astype(np.int32)
TILE = 5.0
"""World length of one repeat."""


@dataclass(frozen=True, slots=True)
class Texture:
    texels: Floats
    """(n, 3) linear colours: level after level, each half the side of the one before, in rows."""
    mean: Floats


@cache
def texture_of(covering: Covering) -> Texture:
    colors = _PAINTERS[covering]().astype(np.float32) ** 2
    levels = [colors]
    while len(levels) < _LEVELS:
        side = len(levels[-1]) // 2
        levels.append(levels[-1].reshape(side, 2, side, 2, 3).mean(axis=(1, 3)))
    return Texture(
        np.concatenate([level.reshape(-1, 3) for level in levels]).astype(np.float32),
        colors.mean(axis=(0, 1)),
    )


def sample(texture: Texture, x: Floats, y: Floats, footprint: Floats) -> Floats:
    """Bilinear colours (n, 3) at world points, from the level whose texels fit a pixel's world length."""
    level = np.clip(np.log2(footprint * np.float32(_SIDE / TILE)), 0, _LEVELS - 1).astype(np.intp)
    side, start = (_SIDE >> level).astype(np.int32), _STARTS[level]
    scale = side.astype(np.float32) * np.float32(1 / TILE)
    u, v = x * scale - np.float32(0.5), y * scale - np.float32(0.5)
    low_u, low_v = np.floor(u), np.floor(v)
    fu, fv = (u - low_u)[:, None], (v - low_v)[:, None]
    i, j, wrap = low_u.astype(np.int32), low_v.astype(np.int32), side - 1
    left, right = i & wrap, (i + 1) & wrap

    def row(index: npt.NDArray[np.int32]) -> Floats:
        at = start + (index & wrap) * side
        first = texture.texels.take(at + left, axis=0)
        return first + (texture.texels.take(at + right, axis=0) - first) * fu

    near = row(j)
    return near + (row(j + 1) - near) * fv


def _noise(seed: int, across: float, along: float) -> Floats:
    """Seamless noise of about unit deviation whose features are `across` texels wide and `along` high."""
    white = np.random.default_rng(seed).standard_normal((_SIDE, _SIDE))
    fx, fy = np.fft.rfftfreq(_SIDE), np.fft.fftfreq(_SIDE)
    filtered = np.fft.rfft2(white) * np.exp(
        -((fx * across) ** 2)[None, :] * 8 - ((fy * along) ** 2)[:, None] * 8
    )
    image = np.fft.irfft2(filtered, s=(_SIDE, _SIDE))
    return (image / image.std()).astype(np.float32)


def _blend(low: tuple[float, float, float], high: tuple[float, float, float], t: Floats) -> Floats:
    a, b = np.asarray(low, np.float32), np.asarray(high, np.float32)
    return a + (b - a) * np.clip(t, 0, 1)[..., None]


def _grain(seed: int) -> Floats:
    """Lines along x, as in sawn wood."""
    rings = np.sin(_noise(seed, 150, 14) * 5 + np.arange(_SIDE)[:, None] * (2 * np.pi * 9 / _SIDE))
    return 0.5 + 0.22 * rings + 0.12 * _noise(seed + 1, 60, 2) + 0.06 * _noise(seed + 2, 12, 1.2)


def _oak() -> Floats:
    return _blend((0.66, 0.50, 0.35), (0.86, 0.72, 0.55), _grain(1))


def _walnut() -> Floats:
    return _blend((0.33, 0.23, 0.17), (0.52, 0.38, 0.28), _grain(11))


def _planks() -> Floats:
    planks = 4
    colors = _blend((0.62, 0.55, 0.47), (0.83, 0.77, 0.69), _grain(21))
    width = _SIDE // planks
    tone = np.random.default_rng(3).uniform(0.9, 1.06, planks).repeat(width).astype(np.float32)
    gap = np.minimum(np.arange(_SIDE) % width, width - 1 - np.arange(_SIDE) % width)
    return colors * (tone * np.where(gap < 1, 0.62, 1.0))[:, None, None]


def _marble() -> Floats:
    veins = np.abs(_noise(31, 40, 60) + 0.35 * _noise(32, 12, 12))
    shade = 1 - 0.5 * np.exp(-veins * 9) - 0.05 * np.abs(_noise(33, 50, 50))
    return _blend((0.55, 0.57, 0.60), (0.93, 0.93, 0.92), shade)


def _linen() -> Floats:
    weave = 0.5 + 0.16 * _noise(41, 14, 1.0) + 0.16 * _noise(42, 1.0, 14)
    return _blend((0.72, 0.70, 0.66), (0.90, 0.88, 0.84), weave)


def _checks() -> Floats:
    """A checked tablecloth: threads of two tones each way."""
    wave = np.arange(_SIDE) * (6 / _SIDE) % 1
    band = smoothstep(0.0, 0.03, np.minimum(wave, 1 - wave).astype(np.float32) - 0.25 + 0.015)
    tone = (band[:, None] + band[None, :]) / 2 + 0.02 * _noise(51, 1.5, 1.5)
    return _blend((0.60, 0.67, 0.74), (0.93, 0.93, 0.91), tone)


def _stone() -> Floats:
    speckle = 0.5 + 0.13 * _noise(61, 1.3, 1.3) + 0.11 * _noise(62, 26, 26)
    return _blend((0.45, 0.47, 0.49), (0.68, 0.69, 0.70), speckle)


_PAINTERS = {
    "oak": _oak,
    "walnut": _walnut,
    "planks": _planks,
    "marble": _marble,
    "linen": _linen,
    "checks": _checks,
    "stone": _stone,
}
