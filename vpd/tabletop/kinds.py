"""Kinds of solids, as a question names them: `large red metal cube`, `green object`."""

from typing import NamedTuple

from vpd.tabletop.scene import Solid
from vpd.tabletop.vocabulary import Color, Material, Shape, Size


class Kind(NamedTuple):
    """The solids that have all the attributes that are given."""

    shape: Shape | None = None
    color: Color | None = None
    material: Material | None = None
    size: Size | None = None

    def holds(self, solid: Solid) -> bool:
        return (
            self.shape in (None, solid.shape)
            and self.color in (None, solid.color)
            and self.material in (None, solid.material)
            and self.size in (None, solid.size)
        )

    @property
    def noun(self) -> str:
        return self.shape or "object"

    @property
    def adjectives(self) -> tuple[str, ...]:
        return tuple(a for a in (self.size, self.color, self.material) if a)

    @property
    def phrase(self) -> str:
        """E.g. `large red cube`."""
        return " ".join((*self.adjectives, self.noun))

    @property
    def plural(self) -> str:
        return self.phrase + "s"

    @property
    def one(self) -> str:
        """With its article."""
        return with_article(self.phrase)

    @property
    def name(self) -> str:
        """As a program's variable: `red_cube`."""
        return self.phrase.replace(" ", "_")


def with_article(phrase: str) -> str:
    return ("an " if phrase[0] in "aeio" else "a ") + phrase


def kind_of(solid: Solid, *attributes: str) -> Kind:
    """What a solid is, as far as the given attributes say."""
    return Kind(**{name: getattr(solid, name) for name in attributes})
