"""The VQA metric: how answers are normalised and scored against those of ten people.

The rules and tables are those of the official evaluation script (Antol et al., ICCV 2015; GT-Vision-Lab/VQA),
its oddities included, so that scores can be compared with published ones.
"""

import re

_PUNCTUATION = ';/[]"{}()=+\\_-><@`,?!'
_COMMA_IN_NUMBER = re.compile(r"\d,\d")
_PERIOD = re.compile(r"\.(?!\d)")
_ARTICLES = {"a", "an", "the"}
_NUMBERS = {
    "none": "0", "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10",
}  # fmt: skip
_CONTRACTIONS = (
    "ain't", "aren't", "can't", "could've", "couldn't", "couldn't've", "didn't", "doesn't", "don't",
    "hadn't", "hadn't've", "hasn't", "haven't", "he'd", "he'd've", "he's", "how'd", "how'll", "how's",
    "isn't", "it'd", "it'd've", "it'll", "ma'am", "mightn't", "mightn't've", "might've", "mustn't",
    "must've", "needn't", "not've", "o'clock", "oughtn't", "'ow's'at", "shan't", "she'd've", "should've",
    "shouldn't", "shouldn't've", "somebody'd've", "somebody'll", "somebody's", "someone'd",
    "someone'd've", "someone'll", "someone's", "something'd", "something'd've", "something'll", "that's",
    "there'd", "there'd've", "there're", "there's", "they'd", "they'd've", "they'll", "they're",
    "they've", "'twas", "wasn't", "we'd've", "we've", "weren't", "what'll", "what're", "what's",
    "what've", "when's", "where'd", "where's", "where've", "who'd", "who'd've", "who'll", "who's",
    "who've", "why'll", "why're", "why's", "won't", "would've", "wouldn't", "wouldn't've", "y'all",
    "y'all'll", "y'all'd've", "you'd", "you'd've", "you'll", "you're", "you've",
)  # fmt: skip


def _one_apostrophe_missing(word: str) -> list[str]:
    return [word[:i] + word[i + 1 :] for i, character in enumerate(word) if character == "'"]


# The official table has one entry the wrong way round.
_RESTORED = {bad: word for word in _CONTRACTIONS for bad in _one_apostrophe_missing(word)} | {
    "somebody'd": "somebodyd"
}


def normalise(answer: str) -> str:
    """Lower case; number words up to ten as digits; no articles or punctuation; apostrophes restored.

    A sign of punctuation is dropped where it touches a space anywhere in the answer, or where the answer has
    a comma between digits; otherwise it becomes a space. A full stop is kept before a digit. `none` is `0`.
    """
    answer = answer.replace("\n", " ").replace("\t", " ").strip()
    joined = _COMMA_IN_NUMBER.search(answer) is not None
    text = answer
    for sign in _PUNCTUATION:
        dropped = joined or f"{sign} " in answer or f" {sign}" in answer
        text = text.replace(sign, "" if dropped else " ")
    text = _PERIOD.sub("", text)
    words = [_NUMBERS.get(word, word) for word in text.lower().split()]
    return " ".join(_RESTORED.get(word, word) for word in words if word not in _ARTICLES)


def soft_accuracy(matches: int, references: int) -> float:
    """The mean of min(1, m/3) over all ways to leave one reference out, m being the matches that remain.

    With ten references: 0.3 for one match, 0.6 for two, 0.9 for three, 1 from four on.
    """
    if matches == 0:
        return 0.0
    left_out_matches = min(1.0, (matches - 1) / 3)
    left_out_others = min(1.0, matches / 3)
    return (matches * left_out_matches + (references - matches) * left_out_others) / references
