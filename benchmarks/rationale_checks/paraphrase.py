"""What a language model makes of a rationale: the same in other words, and now and then a sentence that is false."""

import random
import re

from benchmarks.rationale_checks.corruption import KINDS_OF_CHANGE, corrupted

_WORDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"^The image shows (?=one )", ("There is ", "I can see ", "In the image there is ")),
    (r"^The image shows ", ("There are ", "I can see ", "The picture contains ")),
    (r"^There are ", ("The image shows ", "I see ", "In the picture there are ")),
    (r"^There is ", ("The image shows ", "I see ", "In the picture there is ")),
    (r"\bto the left of\b", ("left of", "on the left of")),
    (r"\bto the right of\b", ("right of", "on the right of")),
    (r"\bcloser to the camera than\b", ("nearer to the camera than", "closer than", "in front of")),
    (r"\bfarther from the camera than\b", ("farther away than", "behind")),
    (r"\bis not\b", ("isn't",)),
    (r"\bare not\b", ("aren't",)),
    (r"\bis made of (\w+)", (r"is \1",)),
    (
        r"^(?:So|Therefore,|Thus) the answer is",
        ("Hence, the answer is", "This means that the answer is", "The answer is"),
    ),
    (r", and (?=the|there)", (". ", "; ", ", while ")),
    (r", but ", (", whereas ", ", while ")),
)
_SPLIT = re.compile(r"(?<=[.])\s+(?=[A-Z“\d])")


def sentences_of(text: str) -> list[str]:
    return _SPLIT.split(text)


def paraphrased(text: str, rng: random.Random) -> str:
    """The same in other words: about every second phrase that can be put otherwise is."""
    said: list[str] = []
    for sentence in sentences_of(text):
        put = sentence
        for pattern, others in _WORDINGS:
            if rng.random() < 0.5:
                put = re.sub(pattern, rng.choice(others), put, count=1)
        said += [part[:1].upper() + part[1:] for part in re.split(r"(?<=\.)\s+", put)]
    return " ".join(part if part.endswith(".") else f"{part}." for part in said)


def embroidered(text: str, rate: float, rng: random.Random) -> tuple[str, int]:
    """With a false version of some of its sentences put after them, at this rate; and how many these are."""
    said: list[str] = []
    count = 0
    for sentence in sentences_of(text):
        said.append(sentence)
        if rng.random() < rate and "answer is" not in sentence:
            kinds = rng.sample(KINDS_OF_CHANGE[:-1], len(KINDS_OF_CHANGE) - 1)
            changed = (corrupted(sentence, kind, (), rng) for kind in kinds)
            false = next((each for each in changed if each is not None), None)
            if false is not None:
                said.append(false)
                count += 1
    return " ".join(said), count
