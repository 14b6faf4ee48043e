"""A scene as the camera records it."""

import numpy as np
from PIL import Image

from vpd.tabletop.rendering.arrays import Floats
from vpd.tabletop.rendering.background import background_of, ground_of
from vpd.tabletop.rendering.geometry import geometry_of
from vpd.tabletop.rendering.lighting import lighting_of
from vpd.tabletop.rendering.shadows import shadow_of
from vpd.tabletop.rendering.surfaces import shade
from vpd.tabletop.rendering.visible import Points, visible_points
from vpd.tabletop.scene import Scene


def render(scene: Scene) -> Image.Image:
    """The scene as an RGB image of `scene.width` × `scene.height` pixels; the same scene, the same pixels."""
    geometry = geometry_of(scene, _samples(scene))
    lighting = lighting_of(scene)
    shadows = [shadow_of(thing, scene.light) for thing in scene.things]
    ground = ground_of(geometry.view, scene.table.edge)
    image = background_of(scene, geometry.view, ground, lighting, shadows)
    if scene.things:
        points, spans = visible_points(scene, geometry)
        color = shade(scene, points, spans, geometry.view.position, lighting, shadows)
        _lay(image, points, color)
    return _develop(scene, image)


def _samples(scene: Scene) -> int:
    """Rays per pixel and axis: small images need more, for outlines are a larger part of them."""
    return 3 if max(scene.width, scene.height) <= 400 else 2


def _lay(image: Floats, points: Points, color: Floats) -> None:
    """Put the things before the background, each by its share of the pixel."""
    pixels = image.shape[0] * image.shape[1]
    flat = image.reshape(pixels, 3)
    covered = np.bincount(points.pixel, points.cover, pixels)
    at = np.flatnonzero(covered)
    flat[at] *= (1 - covered[at]).astype(np.float32)[:, None]
    light = np.minimum(color, 1) * points.cover
    for channel in range(3):
        flat[at, channel] += np.bincount(points.pixel, light[channel], pixels)[at].astype(np.float32)


def _develop(scene: Scene, image: Floats) -> Image.Image:
    """Vignette, display curve, sensor noise, eight bits."""
    y = np.linspace(-1, 1, scene.height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, scene.width, dtype=np.float32)[None, :]
    image *= (1 - 0.07 * (x * x + y * y))[..., None]
    np.sqrt(np.clip(image, 0, 1, out=image), out=image)
    noise = np.random.default_rng(scene.seed).standard_normal(image.shape, np.float32)
    image += noise * np.float32(scene.noise)
    return Image.fromarray((np.clip(image, 0, 1, out=image) * 255 + 0.5).astype(np.uint8))
