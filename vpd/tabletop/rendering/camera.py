"""The pinhole camera: world points to pixels, and pixels to rays."""

from math import cos, sin, tan
from typing import NamedTuple

from vpd.tabletop.scene import Scene


class View(NamedTuple):
    """A scene's camera, ready for use. Pixels have their origin top left; depth is along the optical axis."""

    width: int
    height: int
    focal: float
    """In pixels."""
    position: tuple[float, float, float]
    sine: float
    cosine: float
    """Of the camera's elevation."""

    def ray_slope(self, x: float, y: float) -> tuple[float, float]:
        """Right and up components of the ray through a pixel position, per unit of depth."""
        return (x - self.width / 2) / self.focal, (self.height / 2 - y) / self.focal

    def pixel(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Where a world point appears."""
        ahead, above = y - self.position[1], z - self.position[2]
        scale = self.focal / (ahead * self.cosine - above * self.sine)
        return (
            self.width / 2 + (x - self.position[0]) * scale,
            self.height / 2 - (ahead * self.sine + above * self.cosine) * scale,
        )

    def depth_of(self, x: float, y: float, z: float) -> float:
        """Depth of one world point."""
        return (y - self.position[1]) * self.cosine - (z - self.position[2]) * self.sine

    def on_table(self, px: float, py: float) -> tuple[float, float]:
        """Where the ray through a pixel position meets the table; the ray must point down."""
        right, up = self.ray_slope(px, py)
        depth = self.position[2] / (self.sine - up * self.cosine)
        return self.position[0] + right * depth, self.position[1] + depth * (self.cosine + up * self.sine)


def view_of(scene: Scene) -> View:
    camera = scene.camera
    return View(
        width=scene.width,
        height=scene.height,
        focal=scene.height / 2 / tan(camera.field_of_view / 2),
        position=(0.0, -camera.distance * cos(camera.elevation), camera.distance * sin(camera.elevation)),
        sine=sin(camera.elevation),
        cosine=cos(camera.elevation),
    )
