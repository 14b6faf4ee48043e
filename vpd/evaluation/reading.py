"""From what a model wrote to the answer that is scored."""

import re

_STATED = re.compile(r"\banswer(?: is| would be|:| =)\s*:?\s*", re.IGNORECASE)
_TAGGED = re.compile(r"<answer>(.*?)</answer>", re.DOTALL | re.IGNORECASE)
_BOXED = re.compile(r"\\boxed\{([^{}]*)\}")
_TITLES = ("St", "Mr", "Ms", "Mrs", "Dr", "Mt", "Ft", "Prof", "Gen", "Lt", "Capt", "Sgt", "vs")
_NO_TITLE = "".join(rf"(?<!\b{title})" for title in _TITLES)
# A name comes after a title and after initials (J. K.), but not after one letter alone, which may be an option's.
_END = re.compile(rf"{_NO_TITLE}(?<!\b[A-Z]\.\s[A-Z])(?!(?<=\b[A-Z])\.\s[A-Z]\.)[.!?](?=\s|$)|\n")
_THOUGHT = re.compile(r".*</think>|<think>.*", re.DOTALL)  # what was cut short while it was thought
_MOST_WORDS = 5


def direct_answer(text: str) -> str | None:
    """The reply itself, without a final full stop or what was thought before it; None where nothing is left."""
    return _answering(text).removesuffix(".").strip() or None


def stated_answer(text: str) -> str | None:
    r"""The answer that reasoning ends with.

    The last of `... answer is X.`, `Answer: X`, `<answer>X</answer>` and `\boxed{X}`; else the whole reply if it
    is no longer than five words; else None: reasoning that states no answer has none.
    """
    text = _answering(text)
    found = [(match.start(), match[1]) for pattern in (_TAGGED, _BOXED) for match in pattern.finditer(text)]
    found += [(match.start(), _sentence(text[match.end() :])) for match in _STATED.finditer(text)]
    # A boxed or tagged answer within "the answer is ..." is the more exact of the two.
    for _, answer in sorted(found, reverse=True):
        if answer.strip():
            return _unwrapped(answer)
    return direct_answer(text) if not found and len(text.split()) <= _MOST_WORDS else None


def _answering(text: str) -> str:
    """What follows the thoughts; nothing where they do not end."""
    return _THOUGHT.sub("", text).strip()


def _sentence(text: str) -> str:
    """Up to the end of the sentence; a full stop within a number, a title or initials ends none."""
    end = _END.search(text)
    return text[: end.start()] if end else text


def _unwrapped(answer: str) -> str:
    return answer.strip().strip("*\"'“”` ").strip()
