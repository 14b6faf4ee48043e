"""Every family, by name."""

from vpd.tabletop.questions import attributes, clips, counting, hops, relations, signs, zoom
from vpd.tabletop.questions.family import Family

FAMILIES: dict[str, Family] = {
    family.name: family
    for module in (counting, attributes, relations, hops, signs, zoom, clips)
    for family in module.FAMILIES
}
