"""Holds a rationale against facts: every number, name, colour, side, box, quotation and answer must follow."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vpd.distillation.check.lexicon import CONFIRMS, DENIES, GLUE, MEASURES, SPEAKS_OF_THE_QUESTION, SUMS_UP
from vpd.distillation.check.mentions import SOME, Atom, Mention, Piece, Token, joined, lemma, piece, plain, sentences, split
from vpd.distillation.check.signatures import Signature, mention_of, quick, signatures
from vpd.distillation.facts.models import Concluded, Detected, Fact
from vpd.records import Example
from vpd.text.same import same_text

_EXACTLY = Atom("comparison", "==")

_Scope = dict[frozenset[Atom], frozenset[Atom]]
"""By what they are called, the regions that the present passes of loops are about."""


class Unsupported(NamedTuple):
    """A claim that follows from nothing: where it stands in the rationale, and why."""

    start: int
    end: int
    text: str
    reason: str


def check_rationale(text: str, facts: Sequence[Fact], example: Example, program: str = "") -> list[Unsupported]:
    """The claims of a rationale that follow neither from the facts nor from the question.

    A rationale is taken apart into clauses, and what each mentions (numbers with what they count, names with
    their ordinals and adjectives, relations, comparisons, quotations, boxes, negation) must be found in the same
    order in some way to put some fact. A word that is neither part of reasoning about pictures in general nor of
    the facts, the question or the program is a claim of its own. So a true sentence may be refused where it is
    put very differently; a false one is let through only where the facts can be read so.

    Args:
        text: the rationale, from wherever it comes.
        facts: what the program found out.
        example: its question; the label is not looked at.
        program: its source; the words of its strings and names may be used.

    Returns:
        The unsupported claims in order; empty if there are none.
    """
    return Checker(facts, example, program).check(text)


class Checker:
    """Holds several rationales against the same facts; see `check_rationale`."""

    def __init__(self, facts: Sequence[Fact], example: Example, program: str) -> None:
        sizes = [(image.width, image.height) for image in example.images]
        self.answer = next((fact.answer for fact in reversed(facts) if isinstance(fact, Concluded)), "")
        self._signatures = signatures([fact for fact in facts if not isinstance(fact, Concluded)], sizes)
        self._question = _whole(example.question)
        self._scopes = {mention_of(thing) for fact in facts for thing in fact.scope}
        self._scopes |= {mention_of(f.within) for f in facts if isinstance(f, Detected) and f.within is not None}
        self._outermost = {mention_of(fact.scope[0]) for fact in facts if fact.scope}
        said = {str(atom.value) for each in self._signatures for atom in each.atoms if atom.kind == "word"}
        self._vocabulary = said | _words(example.question) | _words(program) | _words(" ".join(example.choices))
        quotes = [str(a.value) for s in self._signatures for m in s.mentions for a in m if a.kind == "quote"]
        self._quotable = [*quotes, plain(example.question), plain(program), *map(plain, example.choices)]

    def check(self, text: str) -> list[Unsupported]:
        """The claims of a rationale that follow neither from the facts nor from the question, in order."""
        return sorted(self._claims(text))

    def _claims(self, text: str) -> Iterator[Unsupported]:
        body, wrong = self._conclusion(text)
        scope: _Scope = {}
        for sentence in sentences(body):
            parts = [part for part in split(sentence) if part]
            pieces = [piece(part) for part in parts]
            unknown = [self._unknown(each) for each in pieces]
            for each in unknown:
                for mention in each:
                    yield _claim(text, mention.start, mention.end, "follows from no fact, nor from the question")
            scopes: list[_Scope] = []
            for each in pieces:
                scope = self._moved(scope, each)
                scopes.append(scope)
            if not any(unknown):
                yield from self._sentence(text, parts, pieces, scopes)
        yield from wrong

    # Conclusions --------------------------------------------------------------------------------------------

    def _conclusion(self, text: str) -> tuple[str, list[Unsupported]]:
        """The text without its final answer, and what is wrong with that."""
        found = list(re.finditer(r"\banswer\b[^.“\"]{0,20}?(?:\bis\b|\bmust be\b|:|=)\s*", text, re.IGNORECASE))
        found = [each for each in found if "“" not in text[each.end() - 2 : each.end() + 1]]
        if not found:
            return text, []
        last = found[-1]
        said = text[last.end() :].strip()
        if _same(said, self.answer):
            return text[: last.start()], []
        first = re.match(r"[^.,;]*(?:[.,]\d+)*", said)
        start = first[0] if first else said
        if first and _same(start, self.answer):
            return text[: last.start()] + " " * (last.end() - last.start() + len(start)) + said[len(start) :], []
        return text[: last.start()], [_claim(text, last.end(), len(text.rstrip()), "is not the answer that follows")]

    def _verdict(self, said: Piece) -> bool | None:
        """Whether a clause that says yes, no, true or false says what follows; None if it says no such thing."""
        truth = None
        if said.words <= {"yes", "so", "hence", "thus", "therefore"} and "yes" in said.words:
            truth = True
        elif said.words <= {"no", "so", "hence", "thus", "therefore"} and "no" in said.words:
            truth = False
        elif said.words & {"statement", "claim"} and said.words & (CONFIRMS | DENIES):
            truth = bool(said.words & CONFIRMS) != said.negative
        if truth is None or said.words & {"whether", "if"}:
            return None
        return _same("yes" if truth else "no", self.answer)

    # Clauses ------------------------------------------------------------------------------------------------

    def _moved(self, scope: _Scope, said: Piece) -> _Scope:
        """The pass of a loop that a clause is about: that of the region it names last."""
        if said.words & SUMS_UP:
            return {}
        named = [
            max(places, key=len)
            for mention in said.mentions
            if (places := [place for place in self._scopes if place <= mention.atoms])
        ]
        kept = {} if self._outermost & set(named) else scope
        return kept | {_noun(place): place for place in named}

    def _unknown(self, said: Piece) -> list[Mention]:
        """Words and quotations that come from nowhere."""
        found: list[Mention] = []
        for mention in said.mentions:
            for atom in mention.atoms:
                word = str(atom.value)
                known = atom.kind not in ("word", "quote")
                known = known or (atom.kind == "word" and (word in self._vocabulary or word in MEASURES))
                if not known and not (atom.kind == "quote" and any(_quotes(word, each) for each in self._quotable)):
                    found.append(mention)
        return found

    def _sentence(
        self, text: str, parts: Sequence[Sequence[Token]], pieces: Sequence[Piece], scopes: Sequence[_Scope]
    ) -> Iterator[Unsupported]:
        """The unsupported clauses of a sentence, however it is taken apart."""
        count = len(pieces)
        reached = [True] + [False] * count
        for end in range(1, count + 1):
            for start in range(end):
                if reached[start] and not reached[end]:
                    said = pieces[start] if end - start == 1 else piece(joined(parts[start:end]))
                    reached[end] = self._supported(said, scopes[end - 1], pieces, start, end)
        if reached[count]:
            yield from self._repeated(text, pieces)
            return
        alone = [i for i in range(count) if not self._supported(pieces[i], scopes[i], pieces, i, i + 1)]
        for i in alone or range(count):
            yield self._culprit(text, pieces[i], scopes[i])

    def _repeated(self, text: str, pieces: Sequence[Piece]) -> Iterator[Unsupported]:
        """Items of a list that stand in it twice: one of them is not what was found."""
        items: list[frozenset[Atom]] = []
        for each in pieces:
            mentions = [mention.atoms for mention in each.mentions]
            if mentions and any(_repeats(mentions[0], other) for other in items):
                yield _claim(text, each.start, each.end, "is said twice")
            # A list begins with the end of a clause, or goes before its verb.
            items = [*items, *mentions] if each.bare and len(mentions) == 1 else mentions[-1:]

    def _supported(self, said: Piece, scope: _Scope, pieces: Sequence[Piece], start: int, end: int) -> bool:
        verdict = self._verdict(said)
        if verdict is not None:
            return verdict
        mentions = [mention.atoms for mention in said.mentions]
        if not mentions:
            return True
        if self._follows(mentions, said.negative, scope):
            return not _hangs_on(said, start) or self._stands_for(said, scope, pieces, start, end)
        return self._asked(mentions, said)

    def _stands_for(self, said: Piece, scope: _Scope, pieces: Sequence[Piece], start: int, end: int) -> bool:
        """Whether a bare noun can take the place of the one before it, or of the one that follows."""
        own = said.mentions[0].atoms
        if start > 0:
            before = [mention.atoms for mention in pieces[start - 1].mentions]
            for place in range(len(before)):
                changed = [*before[:place], own, *before[place + 1 :]]
                if self._follows(changed, pieces[start - 1].negative, scope):
                    return True
        if end < len(pieces) and pieces[end].mentions:
            after = [mention.atoms for mention in pieces[end].mentions]
            nouns = {atom for atom in after[0] if atom.kind == "word"}
            if self._follows([own | nouns, *after[1:]], pieces[end].negative, scope):
                return True
        return False

    def _follows(self, mentions: Sequence[frozenset[Atom]], negative: bool, scope: _Scope) -> bool:
        needed = quick(mentions)
        return any(
            needed <= each.atoms and negative == each.negative and _within(each, scope) and _embeds(mentions, each.mentions)
            for each in self._signatures
        )

    def _asked(self, mentions: Sequence[frozenset[Atom]], said: Piece) -> bool:
        """Whether a clause repeats the question, or says what the answer makes of it."""
        if not _embeds(mentions, [mention.atoms for mention in self._question.mentions]):
            return False
        if said.words & SPEAKS_OF_THE_QUESTION:
            return True
        if self.answer.lower() not in ("yes", "no") or len(mentions) < len(self._question.mentions):
            return False
        return (said.negative == self._question.negative) == (self.answer.lower() == "yes")

    def _culprit(self, text: str, said: Piece, scope: _Scope) -> Unsupported:
        """The one mention without which the clause would follow, or all of it."""
        for index, mention in enumerate(said.mentions):
            rest = [other.atoms for place, other in enumerate(said.mentions) if place != index]
            if rest and self._follows(rest, said.negative, scope):
                return _claim(text, mention.start, mention.end, "does not follow from the facts")
        return _claim(text, said.start, said.end, "does not follow from the facts")


def _embeds(mentions: Sequence[frozenset[Atom]], allowed: Sequence[frozenset[Atom]]) -> bool:
    """Whether all mentions stand among the allowed ones, in order and with nothing between them."""
    size = len(mentions)
    return any(
        all(map(_part_of, mentions, allowed[start : start + size])) for start in range(len(allowed) - size + 1)
    )


def _part_of(mention: frozenset[Atom], allowed: frozenset[Atom]) -> bool:
    """Whether a mention is the allowed one, or leaves out only what does not change what is said."""
    if not all(atom in allowed or any(_means(atom, other) for other in allowed) for atom in mention):
        return False
    counted = any(atom.kind == "number" for atom in mention)
    if counted and not any(atom.kind == "word" for atom in mention) and any(atom.kind == "word" for atom in allowed):
        return False  # a number that counts something else
    if counted and sum(atom.kind == "number" for atom in allowed) > sum(atom.kind == "number" for atom in mention):
        return False  # `three of five` is not three
    return all(atom in mention or not _changes(atom, counted) for atom in allowed)


def _repeats(item: frozenset[Atom], other: frozenset[Atom]) -> bool:
    """Whether two items of a list are the same one, or the same with `no` and with a number."""
    picks = [{atom for atom in each if atom.kind == "pick"} for each in (item, other)]
    words = [{atom for atom in each if atom.kind == "word"} for each in (item, other)]
    numbers = [{atom.value for atom in each if atom.kind == "number" or atom == SOME} for each in (item, other)]
    quantified = any(atom.kind == "quantifier" and atom != SOME for atom in item | other)
    if picks[0] != picks[1] or quantified:
        return False
    if picks[0] and not numbers[0]:
        return words[0] <= words[1] or words[1] <= words[0]
    named = any(atom.value not in MEASURES for atom in words[0])
    return named and words[0] == words[1] and bool(numbers[0]) and (numbers[0] == numbers[1] or 0.0 in numbers[0] | numbers[1])


def _changes(atom: Atom, counted: bool) -> bool:
    """Whether leaving out a part of a mention changes what is said: `none of`, `no`, `at least` before a number."""
    match atom.kind:
        case "quantifier":
            return atom != SOME
        case "number":
            return atom.value == 0
        case "comparison":
            return counted and atom.value != "=="
        case _:
            return False


def _means(atom: Atom, other: Atom) -> bool:
    """Whether a number is the other one, rounded, or a quotation part of the other one."""
    if atom == SOME:
        return other.kind == "number" and float(other.value) > 0
    if atom == _EXACTLY:
        return other.kind == "number"
    if atom.kind != other.kind:
        return False
    if atom.kind == "number":
        return round(float(other.value), atom.digits) == atom.value
    return atom.kind == "quote" and _quotes(str(atom.value), str(other.value))


def _quotes(part: str, whole: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(part)}(?!\w)", whole) is not None if part else True


def _within(signature: Signature, scope: _Scope) -> bool:
    """Whether what holds in one pass of a loop may be said where another has been named."""
    if signature.place and signature.place not in scope.values():
        return False
    places: dict[frozenset[Atom], set[frozenset[Atom]]] = {}
    for place in signature.scope:
        places.setdefault(_noun(place), set()).add(place)
    return all(noun not in scope or scope[noun] in known for noun, known in places.items())


def _noun(place: frozenset[Atom]) -> frozenset[Atom]:
    """What a region is called, without what tells it from others of its kind."""
    return frozenset(atom for atom in place if atom.kind == "word")


_PLACES = frozenset({"in", "for", "of", "within", "inside", "looking", "from", "on", "at", "among", "with", "between"})


def _hangs_on(said: Piece, start: int) -> bool:
    """Whether a clause is a bare noun, which says nothing without what stands beside it."""
    if not said.bare or len(said.mentions) != 1:
        return False
    kinds = {atom.kind for atom in said.mentions[0].atoms}
    return "word" in kinds and not kinds & {"number", "quote", "box"} and not said.words & _PLACES


def _whole(question: str) -> Piece:
    """What a question speaks of; of a statement to be judged, the statement."""
    statement = re.split(r"(?<=\?)\s+(?=\S)", question.strip())[-1]
    found = [token for sentence in sentences(statement) for token in sentence if token.kind != "sign"]
    return piece(found) if found else Piece(0, 0, (), False, frozenset(), False)


def _words(text: str) -> set[str]:
    return {lemma(word) for word in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text.lower())}


def states_answer(text: str, answer: str) -> bool:
    """Whether a rationale ends with the answer."""
    last = list(re.finditer(r"\banswer\b[^.“\"]{0,20}?(?:\bis\b|:)\s*", text, re.IGNORECASE))
    return bool(last) and _same(text[last[-1].end() :], answer)


def _same(said: str, answer: str) -> bool:
    return bool(answer) and (plain(said) == plain(answer) or same_text(said.rstrip(". "), answer))


def _claim(text: str, start: int, end: int, reason: str) -> Unsupported:
    return Unsupported(start, end, text[start:end], reason)
