"""Cutting regions out for models: some context around them, and no side too short to be seen."""

from PIL import Image

from vision_tools.regions import Region

MARGIN = 10
"""Pixels of context that scorers and answerers see on each side of a region, as in ViperGPT."""

MIN_SIDE = 32
"""Shorter sides are padded: a vision backbone reduces its input by up to this factor."""


def with_margin(region: Region, pixels: int) -> Image.Image:
    """The region and `pixels` on each side of it, as far as its picture reaches."""
    picture = region.picture.load()
    x1, y1, x2, y2 = region.box
    return picture.crop(
        (
            max(x1 - pixels, 0),
            max(y1 - pixels, 0),
            min(x2 + pixels, picture.width),
            min(y2 + pixels, picture.height),
        )
    )


def large_enough(image: Image.Image) -> Image.Image:
    """The image with black to its right and below, where a side is shorter than `MIN_SIDE`.

    Its own pixels stay where they are, so boxes found in it need no correction but clipping.
    """
    width, height = max(image.width, MIN_SIDE), max(image.height, MIN_SIDE)
    if (width, height) == image.size:
        return image
    padded = Image.new("RGB", (width, height))
    padded.paste(image, (0, 0))
    return padded
