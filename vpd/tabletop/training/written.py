"""What vision-language models are asked of words alone: to compare, count and add what is written, not what is seen.

A model that was a language model before it saw brings this along; one that is trained on pictures of tables alone does
not. Every scene here is made up, and stands in the question: where things are, how many there are, what signs say.
None of it can be answered for a picture, and none of it says anything about the one it is asked with.
"""

from collections.abc import Callable

import numpy as np

from vpd.tabletop.training.written_groups import alike, beside, counted, more, picked, such
from vpd.tabletop.training.written_pairs import depths, described, equal, ordered, sides
from vpd.tabletop.training.written_scene import Told, conclusion
from vpd.tabletop.training.written_signs import priced, read, shown, sign_near, sums
from vpd.text.asking import LABEL_SUFFIX, RATIONALE_SUFFIX

_SHORT = 0.2
"""Share of the answers that are a word."""

_LONGEST = 540
"""Characters of question and answer. Longer ones would slow down the attention of whole batches."""

_KINDS: dict[Callable[[np.random.Generator], Told], float] = {
    sides: 0.08,
    depths: 0.10,
    ordered: 0.06,
    described: 0.10,
    equal: 0.05,
    picked: 0.10,
    counted: 0.10,
    more: 0.05,
    such: 0.04,
    beside: 0.12,
    alike: 0.05,
    sums: 0.05,
    priced: 0.03,
    read: 0.01,
    sign_near: 0.03,
    shown: 0.03,
}
"""Each with its share: as often as rationales have need of it. What is no more than to copy needs little."""


def from_words(rng: np.random.Generator) -> tuple[str, str]:
    """A question that holds all that it asks for, and its answer: a word, or sentences as rationales have them, which
    say what is known, what follows, and the answer."""
    kinds = list(_KINDS)
    tell = kinds[rng.choice(len(kinds), p=list(_KINDS.values()))]
    while True:
        told, asked, said, answer = tell(rng)
        question = f"The text says: {told} {asked}"
        if rng.random() < _SHORT:
            question, reply = f"{question} {LABEL_SUFFIX}", answer
        else:
            question = f"{question} {RATIONALE_SUFFIX}"
            # A place is not what a question asks for in the end.
            reply = said + ("" if answer.startswith("[") else f" {conclusion(answer, rng)}")
        if len(question) + len(reply) <= _LONGEST:
            return question, reply
