"""The words that the check understands; any other word must come from the facts, the question or the program."""

import re
from pathlib import Path

RELATIONS: dict[str, str] = {
    "to the left of": "left", "left of": "left", "on the left of": "left", "on the left side of": "left",
    "further left than": "left", "farther left than": "left", "to the left": "left", "on the left": "left",
    "to the right of": "right", "right of": "right", "on the right of": "right", "on the right side of": "right",
    "further right than": "right", "farther right than": "right", "to the right": "right", "on the right": "right",
    "above": "above", "higher than": "above", "over": "above",
    "below": "below", "lower than": "below", "beneath": "below", "under": "below", "underneath": "below",
    "on top of": "on top", "atop": "on top",
    "closer to the camera than": "closer", "nearer to the camera than": "closer", "closer than": "closer",
    "nearer than": "closer", "in front of": "closer",
    "farther from the camera than": "farther", "further from the camera than": "farther",
    "farther away than": "farther", "further away than": "farther", "farther than": "farther", "behind": "farther",
    "larger than": "larger", "bigger than": "larger", "smaller than": "smaller", "wider than": "wider",
    "narrower than": "narrower", "taller than": "taller", "shorter than": "shorter",
    "overlaps": "overlaps", "overlap": "overlaps", "overlapping": "overlaps", "overlapped": "overlaps",
    "touches": "touches", "touch": "touches", "touching": "touches", "in contact with": "touches",
    "inside of": "inside", "inside": "inside", "outside": "outside", "next to": "beside", "beside": "beside",
    "near": "beside", "adjacent to": "beside", "close to": "beside", "level with": "level", "between": "between",
}  # fmt: skip

COMPARISONS: dict[str, str] = {
    "at least": ">=", "no fewer than": ">=", "no less than": ">=", "or more": ">=",
    "at most": "<=", "no more than": "<=", "up to": "<=", "or fewer": "<=", "or less": "<=",
    "more than": ">", "greater than": ">", "exceeds": ">", "exceeding": ">",
    "less than": "<", "fewer than": "<",
    "exactly": "==", "equal to": "==", "equals": "==", "precisely": "==",
    "as many as": "==", "as many": "==", "more": ">", "fewer": "<",
}  # fmt: skip

PICKS: dict[str, str] = {
    "topmost": "top", "uppermost": "top", "highest": "top", "top": "top",
    "bottommost": "bottom", "lowest": "bottom", "bottom": "bottom",
    "leftmost": "left", "left": "left", "rightmost": "right", "right": "right",
    "nearest": "nearest", "closest": "nearest", "farthest": "farthest", "furthest": "farthest",
    "largest": "largest", "biggest": "largest", "smallest": "smallest", "widest": "widest",
    "narrowest": "narrowest", "tallest": "tallest", "shortest": "shortest", "clearest": "clearest",
    "middle": "middle", "upper": "upper", "lower": "lower", "last": "last", "longest": "longest",
}  # fmt: skip

QUANTIFIERS: dict[str, str] = {
    "none": "none", "neither": "none", "all": "all", "every": "all", "each": "all", "both": "all", "only": "only",
}  # fmt: skip

NEGATIONS = frozenset({
    "not", "n't", "cannot", "never", "nor", "without", "isn't", "aren't", "doesn't", "don't", "can't", "wasn't",
    "weren't", "didn't", "lacks",
})  # fmt: skip

BREAKS = frozenset({
    "and", "but", "while", "whereas", "so", "because", "since", "therefore", "thus", "hence", "which", "then", "as",
    "making", "meaning", "giving",
})  # fmt: skip
"""Words at which a sentence may be taken apart."""

ASKS = re.compile(
    r"^(?:\w+ ){0,2}(?:question|statement|claim) (?:\w+ )?"
    r"(?:asks|asked|says|states|claims|wants|needs|requires|is about)\b[^,.;:!?–—]*$"
    r"|\b(?:whether|if)(?: (?:a|an|the|any|this|that|these|those|its|it|i|we|one|of|in|there|there's|is|are|was|were"
    r"|has|have|does|do|can|see|shows|show|contains|contain|image|images|picture|photo|scene))*$"
)
"""What stands before all that a clause mentions if it repeats the question without saying that it is so."""

SUMS_UP = frozenset({"total", "altogether", "overall", "together", "answer"})
"""What follows is no longer about one pass of a loop."""

CONFIRMS = frozenset({"true", "correct", "right", "holds"})
DENIES = frozenset({"false", "incorrect", "wrong", "fails"})

GLUE = frozenset(Path(__file__).with_name("glue.txt").read_text(encoding="utf-8").split())
"""Words that claim nothing by themselves, chosen for reasoning about pictures.

Extend it where true rationales are refused, but never with a word that could be false of an image.
"""

MEASURES = frozenset({
    "edge", "gap", "distance", "width", "height", "area", "center", "depth", "overlap", "pixel", "percent",
    "box", "object", "item", "region", "part", "line", "frame", "horizontal", "vertical", "certainty",
    "difference", "plus", "minus", "times", "divided", "entirely", "pair", "such",
})  # fmt: skip
"""Words of reasoning that say what is measured: always understood, and yet they must fit."""
