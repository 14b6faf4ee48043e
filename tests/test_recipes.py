"""The recipes that travel with the package say what they may say."""

from pathlib import Path

import pytest

from vpd.recipe import load_recipe
from vpd.resources import resource


@pytest.mark.parametrize("path", sorted(resource("recipes").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_bundled_recipe_is_valid(path: Path):
    load_recipe(path)
