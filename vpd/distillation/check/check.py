"""Holds a rationale against facts: every number, name, colour, side, box, quotation and answer must follow."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vpd.distillation.check.lexicon import ASKS, BREAKS, CONFIRMS, DENIES, MEASURES, SUMS_UP
from vpd.distillation.check.matching import embeds, named, quotes, repeats
from vpd.distillation.check.mentions import (
    Atom,
    Mention,
    Piece,
    Token,
    joined,
    lemma,
    piece,
    plain,
    sentences,
    split,
)
from vpd.distillation.check.signatures import Signature, mention_of, quick, signatures
from vpd.distillation.facts.models import Concluded, Detected, Fact
from vpd.records import Example
from vpd.text.same import same_text

_ANSWER = re.compile(r"\banswer\b(?P<gap>[^.“\"]{0,20}?)(?:\bis\b|\bmust be\b|:|=)\s*", re.IGNORECASE)

_Scope = dict[frozenset[Atom], frozenset[Atom]]
"""By what they are called, the regions that the present passes of loops are about."""


class Unsupported(NamedTuple):
    """A claim that follows from nothing: where it stands in the rationale, and why."""

    start: int
    end: int
    text: str
    reason: str


def check_rationale(
    text: str, facts: Sequence[Fact], example: Example, program: str = ""
) -> list[Unsupported]:
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
        self._yes_or_no = self.answer.lower() in ("yes", "no")
        self._signatures = signatures([fact for fact in facts if not isinstance(fact, Concluded)], sizes)
        self._question = _whole(example.question)
        self._scopes = {mention_of(thing) for fact in facts for thing in fact.scope}
        self._scopes |= {
            mention_of(f.within) for f in facts if isinstance(f, Detected) and f.within is not None
        }
        self._outermost = {mention_of(fact.scope[0]) for fact in facts if fact.scope}
        said = {str(atom.value) for each in self._signatures for atom in each.atoms if atom.kind == "word"}
        self._vocabulary = (
            said | _words(example.question) | _words(program) | _words(" ".join(example.choices))
        )
        quotes = [str(a.value) for s in self._signatures for m in s.mentions for a in m if a.kind == "quote"]
        self._quotable = [*quotes, plain(example.question), plain(program), *map(plain, example.choices)]

    def check(self, text: str) -> list[Unsupported]:
        """The claims of a rationale that follow neither from the facts nor from the question, in order."""
        return sorted(self._claims(text))

    def _claims(self, text: str) -> Iterator[Unsupported]:
        body, wrong = self._conclusion(text)
        scope: _Scope = {}
        said: set[tuple[object, ...]] = set()
        for sentence in sentences(body):
            parts = [part for part in split(sentence) if part]
            pieces = [piece(part) for part in parts]
            unknown = [self._unknown(each) for each in pieces]
            for each in unknown:
                for mention in each:
                    yield _claim(
                        text, mention.start, mention.end, "follows from no fact, nor from the question"
                    )
            scopes: list[_Scope] = []
            for each in pieces:
                scope = self._moved(scope, each)
                scopes.append(scope)
            if not any(unknown):
                yield from self._sentence(text, parts, pieces, scopes)
            places = frozenset(place for place in scope.values() if place in self._outermost)
            for again in _clauses(pieces):
                what = tuple(mention.atoms for each in again for mention in each.mentions)
                key = what, places, tuple(each.negative for each in again if not each.bare)
                if set(what) - places and key in said:
                    yield _claim(text, again[0].start, again[-1].end, "is said twice")
                said.add(key)
        yield from wrong

    # Conclusions --------------------------------------------------------------------------------------------

    def _conclusion(self, text: str) -> tuple[str, list[Unsupported]]:
        """The text without its final answer, and what is wrong with that."""
        found = [each for each in _ANSWER.finditer(text) if "“" not in text[each.end() - 2 : each.end() + 1]]
        if not found:
            return text, []
        last = found[-1]
        # What stands between `answer` and `is` may claim something too; what is blanked keeps the others' places.
        gap = last.start("gap"), last.end("gap")
        body = text[: last.start()] + " " * (gap[0] - last.start()) + text[slice(*gap)]
        said = text[last.end() :].strip()
        if _same(said, self.answer):
            return body, []
        first = re.match(r"[^.,;]*(?:[.,]\d+)*", said)
        start = first[0] if first else said
        if first and _same(start, self.answer):
            return body + " " * (last.end() - gap[1] + len(start)) + said[len(start) :], []
        return body, [_claim(text, last.end(), len(text.rstrip()), "is not the answer that follows")]

    def _verdict(self, said: Piece) -> bool | None:
        """Whether a clause that says yes, no, true or false says what follows; None if it says no such thing."""
        truth = None
        if said.words <= {"yes", "so", "hence", "thus", "therefore"} and "yes" in said.words:
            truth = True
        elif said.words <= {"no", "so", "hence", "thus", "therefore"} and "no" in said.words:
            truth = False
        elif said.words & {"statement", "claim"} and said.words & (CONFIRMS | DENIES):
            truth = bool(said.words & CONFIRMS) != said.negative
        elif self._yes_or_no and said.words & _ANSWERS_BRIEFLY and said.words <= _BRIEF:
            truth = bool(said.words & DENIES) == said.negative
        if truth is None or said.words & {"whether", "if"}:
            return None
        return _same("yes" if truth else "no", self.answer)

    # Clauses ------------------------------------------------------------------------------------------------

    def _moved(self, scope: _Scope, said: Piece) -> _Scope:
        """The pass of a loop that a clause is about: that of the region it names last."""
        if said.words & SUMS_UP:
            return {}
        mentioned = [
            max(places, key=len)
            for mention in said.mentions
            if (places := [place for place in self._scopes if place <= mention.atoms])
        ]
        kept = {} if self._outermost & set(mentioned) else scope
        return kept | {_noun(place): place for place in mentioned}

    def _unknown(self, said: Piece) -> list[Mention]:
        """Words and quotations that come from nowhere."""
        found: list[Mention] = []
        for mention in said.mentions:
            for atom in mention.atoms:
                word = str(atom.value)
                known = atom.kind not in ("word", "quote")
                known = known or (atom.kind == "word" and (word in self._vocabulary or word in MEASURES))
                if not known and not (
                    atom.kind == "quote" and any(quotes(word, each) for each in self._quotable)
                ):
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
        bare = False
        for each in pieces:
            mentions = [mention.atoms for mention in each.mentions]
            if each.begins in BREAKS - {"and"} or not (each.bare or bare):
                items = []
            bare = each.bare
            if mentions and any(repeats(mentions[0], other) for other in items):
                yield _claim(text, each.start, each.end, "is said twice")
            # A list begins with the end of a clause, or goes before its verb; `and` stands before its last item.
            if not each.bare:
                items = mentions[-1:]
            elif len(mentions) != 1 or (each.begins == "and" and named(mentions[0])):
                items = []
            else:
                items = mentions if each.begins == "and" else [*items, *mentions]

    def _supported(self, said: Piece, scope: _Scope, pieces: Sequence[Piece], start: int, end: int) -> bool:
        verdict = self._verdict(said)
        if verdict is not None:
            return verdict
        mentions = [mention.atoms for mention in said.mentions]
        if not mentions:
            return not said.negations
        if self._follows(mentions, said.negative, scope):
            return not _hangs_on(said, start) or self._stands_for(said, scope, pieces, start, end)
        return self._asked(mentions, said)

    def _stands_for(self, said: Piece, scope: _Scope, pieces: Sequence[Piece], start: int, end: int) -> bool:
        """Whether a bare noun can take the place of one in the clause that its list is part of."""
        own = said.mentions[0].atoms
        ends = (i for i in range(end, len(pieces)) if pieces[i].begins in BREAKS - {"and"})
        rest_of_clause = range(end, next(ends, len(pieces)))
        after = next((i for i in rest_of_clause if not _hangs_on(pieces[i], i)), None)
        if after is not None and pieces[after].mentions:
            rest = [mention.atoms for mention in pieces[after].mentions]
            nouns = {atom for atom in rest[0] if atom.kind == "word"}
            if self._follows([own | nouns, *rest[1:]], pieces[after].negative, scope):
                return True
        if after is not None and not named(own) and not (said.words & _PLACES or _opened(pieces, start)):
            return False
        before = _clause_before(pieces, start)
        if before is None:
            return False
        mentions = [mention.atoms for mention in before.mentions]
        return any(
            self._follows([*mentions[:place], own, *mentions[place + 1 :]], before.negative, scope)
            for place in range(len(mentions))
        )

    def _follows(self, mentions: Sequence[frozenset[Atom]], negative: bool, scope: _Scope) -> bool:
        needed = quick(mentions)
        return any(
            needed <= each.atoms
            and (not each.whole or len(mentions) == len(each.mentions))
            and _within(each, scope)
            and embeds(mentions, each.mentions, negative, each.negations)
            for each in self._signatures
        )

    def _asked(self, mentions: Sequence[frozenset[Atom]], said: Piece) -> bool:
        """Whether a clause repeats the question, or says what the answer makes of it."""
        asked = [mention.atoms for mention in self._question.mentions]
        if not embeds(mentions, asked, negative=False, negations=()):
            return False
        if ASKS.search(said.lead):
            return True
        if not self._yes_or_no or len(mentions) < len(self._question.mentions):
            return False
        return (said.negative == self._question.negative) == (self.answer.lower() == "yes")

    def _culprit(self, text: str, said: Piece, scope: _Scope) -> Unsupported:
        """The one mention without which the clause would follow, or all of it."""
        for index, mention in enumerate(said.mentions):
            rest = [other.atoms for place, other in enumerate(said.mentions) if place != index]
            if rest and self._follows(rest, said.negative, scope):
                return _claim(text, mention.start, mention.end, "does not follow from the facts")
        return _claim(text, said.start, said.end, "does not follow from the facts")


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


_PLACES = frozenset(
    {"in", "for", "of", "within", "inside", "looking", "from", "on", "at", "among", "with", "between"}
)


_ANSWERS_BRIEFLY = frozenset(
    {"is", "are", "does", "do", "has", "have", "isn't", "aren't", "doesn't", "don't"}
)
_BRIEF = _ANSWERS_BRIEFLY | CONFIRMS | DENIES | {
    "there", "it", "this", "that", "they", "which", "and", "but", "so", "not", "the", "case", "indeed",
}  # fmt: skip
"""`..., and there is`: names nothing, and yet answers the question that stands before it."""


def _clauses(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """What must not be said twice: a whole sentence, and its clauses that say more than a number or a quotation."""
    whole = [each for each in pieces if each.mentions]
    if any(each.words & (SUMS_UP | {"makes"}) for each in pieces):
        return  # sums may be equal for several places
    if whole:
        yield whole
    for each in whole if len(whole) > 1 else ():
        kinds = {atom.kind for mention in each.mentions for atom in mention.atoms}
        if not each.bare and len(each.mentions) > 1 and not kinds & {"number", "quote"}:
            yield [each]


def _clause_before(pieces: Sequence[Piece], start: int) -> Piece | None:
    """The clause that the list of a bare noun goes on with; None where the list begins anew."""
    for place in range(start, -1, -1):
        if place < start and not _hangs_on(pieces[place], place):
            return pieces[place]
        if pieces[place].begins in BREAKS - {"and"}:
            return None
    return None


def _opened(pieces: Sequence[Piece], start: int) -> bool:
    """Whether the list of a bare noun began with a preposition, as in `of the first, second and third`."""
    before = _clause_before(pieces, start)
    return before is not None and before.bare


def _hangs_on(said: Piece, start: int) -> bool:
    """Whether a clause is a bare noun, which says nothing without what stands beside it."""
    if not said.bare or len(said.mentions) != 1:
        return False
    kinds = {atom.kind for atom in said.mentions[0].atoms}
    return (
        bool(kinds & {"word", "pick"}) and not kinds & {"number", "quote", "box"} and not said.words & _PLACES
    )


def _whole(question: str) -> Piece:
    """What a question speaks of; of a statement to be judged, the statement."""
    statement = re.split(r"(?<=\?)\s+(?=\S)", question.strip())[-1]
    found = [token for sentence in sentences(statement) for token in sentence if token.kind != "sign"]
    return piece(found) if found else Piece(0, 0, (), (), frozenset(), "", False, "")


def _words(text: str) -> set[str]:
    return {lemma(word) for word in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text.lower())}


def states_answer(text: str, answer: str) -> bool:
    """Whether a rationale ends with the answer."""
    last = list(_ANSWER.finditer(text))
    return bool(last) and _same(text[last[-1].end() :], answer)


def _same(said: str, answer: str) -> bool:
    return bool(answer) and (plain(said) == plain(answer) or same_text(said.rstrip(". "), answer))


def _claim(text: str, start: int, end: int, reason: str) -> Unsupported:
    return Unsupported(start, end, text[start:end], reason)
