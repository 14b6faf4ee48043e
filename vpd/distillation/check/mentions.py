"""From text to what it mentions: numbers, names, relations, quotations and boxes, clause by clause."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from vision_tools.phrases import singular
from vision_tools.words import ADJECTIVE
from vpd.distillation.check.lexicon import (
    BREAKS,
    COMPARISONS,
    GLUE,
    MEASURES,
    NEGATIONS,
    PICKS,
    QUANTIFIERS,
    RELATIONS,
)
from vpd.distillation.facts.words import NUMBER_WORDS, ORDINAL_WORDS


class Atom(NamedTuple):
    """One thing that is mentioned."""

    kind: Literal["word", "number", "pick", "relation", "comparison", "quantifier", "quote", "box"]
    value: str | float
    digits: int = 0
    """Decimals with which a number is given."""


class Mention(NamedTuple):
    """Words that belong together: a noun with its number, its ordinal and its adjectives; or one relation."""

    atoms: frozenset[Atom]
    start: int
    end: int


class Piece(NamedTuple):
    """A part of a sentence that says one thing."""

    start: int
    end: int
    mentions: tuple[Mention, ...]
    negative: bool
    words: frozenset[str]
    """All of its words, in lower case."""
    bare: bool
    """Whether it stands without a verb: a further item of what stands before it."""


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


_TOKEN = re.compile(
    r"“(?P<curly>[^”]*)”|\"(?P<straight>[^\"]*)\"|(?P<box>\[\s*\d[\d.,\s]*\])"
    r"|(?P<number>-?\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?%?)|(?P<word>[^\W\d_]+(?:['’-][^\W\d_]+)*)|(?P<sign>[.,;:!?()–—])|\S"
)
_PHRASES = sorted(
    ((tuple(phrase.split()), kind, value) for kind, table in (("relation", RELATIONS), ("comparison", COMPARISONS))
     for phrase, value in table.items()),
    key=lambda each: -len(each[0]),
)  # fmt: skip
_VERBS = frozenset("""
is are was were be has have had does do contains contain shows show makes make lies lie looks look reads read overlaps
overlap touches touch can cannot fits fit equals exceeds stands stand sits sit takes take holds carries says means gives
leaves remains appears appear counts
""".split())
_COMPARATIVES = frozenset({"higher", "lower", "further", "farther", "closer", "nearer", "larger", "smaller", "longer"})
_SPELLINGS = {"grey": "gray", "colour": "color", "centre": "center", "coloured": "colored"}


def tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        content = match[kind] if match.lastgroup else match[0]
        found.append(_Token("quote" if kind in ("curly", "straight") else kind, content, match.start(), match.end()))
    return found


def sentences(text: str) -> Iterator[list[_Token]]:
    """The tokens of each sentence; stops inside of quotations and numbers end none."""
    sentence: list[_Token] = []
    for token in tokens(text):
        sentence.append(token)
        if token.kind == "sign" and token.text in ".!?":
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def split(sentence: Sequence[_Token]) -> list[list[_Token]]:
    """A sentence at every place where it may be taken apart."""
    pieces: list[list[_Token]] = [[]]
    for token in sentence:
        if token.kind == "sign" or (token.kind == "word" and token.text.lower() in BREAKS):
            pieces.append([])
        if token.kind != "sign":
            pieces[-1].append(token)
    return [piece for piece in pieces if any(token.text.lower() not in BREAKS for token in piece)]


def piece(part: Sequence[_Token]) -> Piece:
    """What some tokens say."""
    words = [token.text.lower().replace("’", "'") for token in part]
    mentions = tuple(_mentions(part, words))
    negations = sum(
        word in NEGATIONS or word.endswith("n't") or (word == "no" and following in _COMPARATIVES)
        for word, following in zip(words, [*words[1:], ""], strict=True)
    )
    bare = not any(word in _VERBS for word in words)
    return Piece(part[0].start, part[-1].end, mentions, negations % 2 == 1, frozenset(words), bare)


def _mentions(part: Sequence[_Token], words: Sequence[str]) -> Iterator[Mention]:
    current: list[tuple[Atom, _Token]] = []
    index = 0

    def flush() -> Iterator[Mention]:
        if current:
            yield Mention(frozenset(atom for atom, _ in current), current[0][1].start, current[-1][1].end)
            current.clear()

    while index < len(part):
        token = part[index]
        length, kind, value = _phrase(words, index)
        if length:
            yield from flush()
            span = part[index], part[index + length - 1]
            yield Mention(frozenset({Atom(kind, value)}), span[0].start, span[1].end)  # type: ignore[arg-type]
            index += length
            continue
        atoms = _atoms(token, words, index)
        if atoms:
            current.extend((atom, token) for atom in atoms)
            if atoms[0].kind == "quote":
                yield from flush()
        elif not _continues(words, index, current):
            yield from flush()
        index += 1
    yield from flush()


def _phrase(words: Sequence[str], index: int) -> tuple[int, str, str]:
    for phrase, kind, value in _PHRASES:
        if tuple(words[index : index + len(phrase)]) == phrase:
            return len(phrase), kind, value
    return 0, "", ""


def _continues(words: Sequence[str], index: int, current: Sequence[tuple[Atom, _Token]]) -> bool:
    """Whether a word that claims nothing stands inside of a noun phrase, as in `two of the three`."""
    if not current:
        return False
    if words[index] == "of":
        return all(atom.kind in ("number", "quantifier") for atom, _ in current)
    return words[index] in ("the", "these", "those", "such", "and") and words[index - 1] in ("of", *QUANTIFIERS, *PICKS)


def _atoms(token: _Token, words: Sequence[str], index: int) -> list[Atom]:
    word = words[index]
    match token.kind:
        case "quote":
            return [Atom("quote", plain(token.text))]
        case "box":
            return [Atom("box", " ".join(re.findall(r"\d+(?:\.\d+)?", token.text)))]
        case "number":
            return [_number(token.text)]
        case "word":
            return _word(word, words[index + 1] if index + 1 < len(words) else "")
        case _:
            return []


def _number(text: str) -> Atom:
    digits = re.sub(r"[^\d.-]", "", text)
    if re.search(r"(?:st|nd|rd|th)$", text):
        return Atom("pick", int(digits))
    decimals = len(digits.partition(".")[2])
    return Atom("number", float(digits), decimals)


def _word(word: str, following: str) -> list[Atom]:
    if word in NUMBER_WORDS:
        return [Atom("number", float(NUMBER_WORDS[word]))]
    if word == "no" and following and following not in _COMPARATIVES:
        return [Atom("number", 0.0)]
    if word in ORDINAL_WORDS:
        return [Atom("pick", ORDINAL_WORDS[word])]
    if word in PICKS:
        return [Atom("pick", PICKS[word])]
    if word in QUANTIFIERS:
        return [Atom("quantifier", QUANTIFIERS[word])]
    stem = lemma(word)
    if (word in GLUE or stem in GLUE) and stem not in MEASURES:
        return []
    return [Atom("word", stem)]


@lru_cache(maxsize=65536)
def lemma(word: str) -> str:
    """One form for singular and plural, British and American, and adjectives of the same sense."""
    stem = singular(_SPELLINGS.get(word, word))
    stem = _SPELLINGS.get(stem, stem)
    if stem.endswith("'s"):
        stem = stem[:-2]
    return _SPELLINGS.get(ADJECTIVE.get(stem, stem), ADJECTIVE.get(stem, stem))


def plain(text: str) -> str:
    """Quoted text as it is compared: lower case, letters and digits with single spaces."""
    return " ".join(re.findall(r"\w+(?:[.,:/-]\w+)*", text.lower()))
