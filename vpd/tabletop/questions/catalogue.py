"""Every family, by name."""

from vpd.tabletop.questions import attributes, clips, counting, depth, hops, relations, signs, sums, zoom
from vpd.tabletop.questions.family import Family

FAMILIES: dict[str, Family] = {
    family.name: family
    for module in (counting, attributes, relations, depth, hops, signs, sums, zoom, clips)
    for family in module.FAMILIES
}
