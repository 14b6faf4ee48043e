"""From a scene to pixels, depth and visible boxes: analytic ray casting in numpy."""
