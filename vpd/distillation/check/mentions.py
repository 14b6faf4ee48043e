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


SOME = Atom("quantifier", "some")
"""`a cat`: at least one."""


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
    negations: tuple[int, ...]
    """Before which of the mentions a word like `not` stands."""
    words: frozenset[str]
    """All of its words, in lower case."""
    lead: str
    """What stands before its first mention, in lower case with single spaces."""
    bare: bool
    """Whether it stands without a verb: a further item of what stands before it."""
    begins: str
    """Its first word, in lower case."""

    @property
    def negative(self) -> bool:
        return len(self.negations) % 2 == 1


class Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


_TOKEN = re.compile(
    r"“(?P<curly>[^”]*)”|\"(?P<straight>[^\"]*)\"|(?P<box>\[\s*\d[\d.,\s]*\])"
    r"|(?P<number>-?\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?%?)|(?P<word>[^\W\d_]+(?:['’-][^\W\d_]+)*)|(?P<sign>[.,;:!?()–—])|\S"
)
_PHRASES: dict[str, list[tuple[tuple[str, ...], Literal["relation", "comparison"], str]]] = {}
"""Relations and comparisons by their first word, the longest first."""
_TABLES: tuple[tuple[Literal["relation", "comparison"], dict[str, str]], ...] = (
    ("relation", RELATIONS),
    ("comparison", COMPARISONS),
)
for _kind, _table in _TABLES:
    for _phrase, _value in _table.items():
        _PHRASES.setdefault(_phrase.split()[0], []).append((tuple(_phrase.split()), _kind, _value))
for _known in _PHRASES.values():
    _known.sort(key=lambda each: -len(each[0]))

_VERBS = frozenset({
    "is", "are", "was", "were", "be", "has", "have", "had", "does", "do", "contains", "contain", "shows",
    "show", "makes", "make", "lies", "lie", "looks", "look", "reads", "read", "overlaps", "overlap",
    "touches", "touch", "can", "cannot", "fits", "fit", "equals", "exceeds", "stands", "stand", "sits", "sit",
    "takes", "take", "holds", "carries", "says", "means", "gives", "leaves", "remains", "appears", "appear",
    "counts", "see", "sees", "find", "finds", "includes", "differ", "visible", "there",
})  # fmt: skip
_COMPARATIVES = frozenset(
    {"higher", "lower", "further", "farther", "closer", "nearer", "larger", "smaller", "longer"}
)
_SPELLINGS = {"grey": "gray", "colour": "color", "centre": "center", "coloured": "colored"}


def tokens(text: str) -> list[Token]:
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        content = match[kind] if match.lastgroup else match[0]
        found.append(
            Token("quote" if kind in ("curly", "straight") else kind, content, match.start(), match.end())
        )
    return found


def sentences(text: str) -> Iterator[list[Token]]:
    """The tokens of each sentence; stops inside of quotations and numbers end none."""
    sentence: list[Token] = []
    for token in tokens(text):
        sentence.append(token)
        if token.kind == "sign" and token.text in ".!?":
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def split(sentence: Sequence[Token]) -> list[list[Token]]:
    """A sentence at every place where it may be taken apart."""
    pieces: list[list[Token]] = [[]]
    between = False
    for index, token in enumerate(sentence):
        word = token.text.lower() if token.kind == "word" else ""
        between = (between or word == "between") and word not in _VERBS and word != "from"
        cuts = token.kind == "sign" or word in BREAKS
        if cuts and not between and not _in_numbers(sentence, index):
            pieces.append([])
            if token.kind == "sign":
                continue
        pieces[-1].append(token)
    return [each for each in pieces if any(t.kind != "sign" and t.text.lower() not in BREAKS for t in each)]


def joined(parts: Sequence[Sequence[Token]]) -> list[Token]:
    """Consecutive parts of a sentence as one, apart by commas."""
    comma = Token("sign", ",", 0, 0)
    return [token for i, part in enumerate(parts) for token in ([comma, *part] if i else part)]


def _in_numbers(sentence: Sequence[Token], index: int) -> bool:
    """Whether a comma or an `and` stands between two numbers of one list."""
    around = (
        sentence[index - 1] if index else None,
        sentence[index + 1] if index + 1 < len(sentence) else None,
    )
    return all(token is not None and token.kind == "number" for token in around)


def piece(part: Sequence[Token]) -> Piece:
    """What some tokens say."""
    words = [token.text.lower().replace("’", "'") for token in part]
    mentions = tuple(_with_comparisons(list(_mentions(part, words))))
    negations = tuple(
        sum(mention.end <= token.start for mention in mentions)
        for token, word, following in zip(part, words, [*words[1:], ""], strict=True)
        if _negates(word) or (word == "no" and following in _COMPARATIVES)
    )
    bare = not any(word in _VERBS for word in words)
    first = mentions[0].start if mentions else part[-1].end
    lead = " ".join(word for token, word in zip(part, words, strict=True) if token.start < first)
    part = [token for token in part if token.kind != "sign"]
    return Piece(part[0].start, part[-1].end, mentions, negations, frozenset(words), lead, bare, words[0])


def _with_comparisons(mentions: Sequence[Mention]) -> Iterator[Mention]:
    """A comparison and the number after it are one mention: `at least three boxes`."""
    waiting: Mention | None = None
    for mention in mentions:
        kinds = {atom.kind for atom in mention.atoms}
        if waiting is not None and "number" in kinds:
            yield Mention(waiting.atoms | mention.atoms, waiting.start, mention.end)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = mention if kinds == {"comparison"} else None
        if waiting is None:
            yield mention
    if waiting is not None:
        yield waiting


def _mentions(part: Sequence[Token], words: Sequence[str]) -> Iterator[Mention]:
    current: list[tuple[Atom, Token]] = []
    index = 0

    def flush() -> Iterator[Mention]:
        atoms = frozenset(atom for atom, _ in current)
        if atoms - {SOME}:
            yield Mention(atoms, current[0][1].start, current[-1][1].end)
        current.clear()

    while index < len(part):
        token = part[index]
        relation = _relation(words, index)
        if relation is not None:
            yield from flush()
            length, atom = relation
            yield Mention(frozenset({atom}), token.start, part[index + length - 1].end)
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


def _relation(words: Sequence[str], index: int) -> tuple[int, Atom] | None:
    """The relation or comparison that begins at a word, and of how many words it is."""
    for phrase, kind, value in _PHRASES.get(words[index], ()):
        if tuple(words[index : index + len(phrase)]) == phrase:
            return len(phrase), Atom(kind, value)
    return None


def _continues(words: Sequence[str], index: int, current: Sequence[tuple[Atom, Token]]) -> bool:
    """Whether a word that claims nothing stands inside of a noun phrase, as in `two of the three`."""
    if not current:
        return False
    if words[index] == "of":
        return all(atom.kind in ("number", "quantifier") for atom, _ in current)
    return words[index] in ("the", "these", "those") and words[index - 1] in ("of", *QUANTIFIERS)


def _atoms(token: Token, words: Sequence[str], index: int) -> list[Atom]:
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


def _negates(word: str) -> bool:
    return word in NEGATIONS or word.endswith("n't")


def _word(word: str, following: str) -> list[Atom]:
    if _negates(word):
        return []
    if word in NUMBER_WORDS:
        return [Atom("number", float(NUMBER_WORDS[word]))]
    if word in ("a", "an", "some"):
        return [SOME]
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
