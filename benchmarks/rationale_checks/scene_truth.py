"""Whether a sentence is true of a tabletop scene: read from the sentence alone, held against the scene itself."""

import re
from collections.abc import Sequence

from vision_tools import phrases
from vpd.distillation.facts.words import NUMBER_WORDS, ORDINAL_WORDS
from vpd.tabletop.annotation import Annotation, Seen
from vpd.tabletop.vocabulary import SHAPES

_NUMBER = {**NUMBER_WORDS, "no": 0}
_BY = {
    "leftmost": ("x", 0), "rightmost": ("x", -1), "lowest": ("y", 0), "topmost": ("y", -1), "nearest": ("depth", 0),
    "farthest": ("depth", -1), "narrowest": ("width", 0), "widest": ("width", -1), "shortest": ("height", 0),
    "tallest": ("height", -1), "smallest": ("area", 0), "largest": ("area", -1),
}  # fmt: skip
_TAIL = {
    "from the left": ("x", 1), "from the right": ("x", -1), "from the bottom": ("y", 1), "from the top": ("y", -1),
    "from the camera": ("depth", 1), "from the back": ("depth", -1),
}  # fmt: skip
_RELATION = {
    "to the left of": ("x", -1), "to the right of": ("x", 1), "above": ("y", 1), "below": ("y", -1),
    "closer to the camera than": ("depth", -1), "farther from the camera than": ("depth", 1),
    "taller than": ("height", 1), "shorter than": ("height", -1), "wider than": ("width", 1),
    "narrower than": ("width", -1), "larger than": ("area", 1), "smaller than": ("area", -1),
}  # fmt: skip
_FRAME = re.compile(r"(?: in)? the (\w+) (?:frame|image)$")


_WORDINGS = (
    (r"^(?:I can see|I see|The picture contains|In the (?:picture|image) there (?:is|are)) ", "there are "),
    (r"isn't", "is not"), (r"aren't", "are not"), (r", whereas ", ", while "),
    (r"(?<!to the )\b(?:on the )?(left|right) of\b", r"to the \1 of"),
    (r"nearer to the camera than|closer than|in front of", "closer to the camera than"),
    (r"farther away than|behind", "farther from the camera than"), (r"^(?:Hence,|Thus|This means that) ", ""),
)  # fmt: skip
"""Other words for the same, by the words that are read."""


class Unread(Exception):
    """A sentence, or what it speaks of, that this reader does not understand."""


class Untrue(Exception):
    """It speaks of something that is not there."""


class SceneTruth:
    """The truth about one image or clip."""

    def __init__(self, views: Sequence[Annotation], answer: str) -> None:
        self._views = views
        self._answer = answer

    def judge(self, sentence: str) -> bool | None:
        """Whether every clause of a sentence is true; None if one cannot be read and none is false."""
        said = sentence.strip().rstrip(".")
        for wording, plain in _WORDINGS:
            said = re.sub(wording, plain, said)
        clauses = re.split(r", and |; |, so (?=the answer)|, while (?=there|the [^,]* reads)", said)
        judged = [part for clause in clauses for part in self._parts(clause)]
        return False if False in judged else None if None in judged else True

    def _parts(self, clause: str) -> list[bool | None]:
        """A list that goes before another statement is judged apart from it."""
        first, _, second = clause.partition(", while ")
        if second and re.match(r"(?:there|the image)\b", first, re.IGNORECASE):
            return [self._judge(first), self._judge(second)]
        return [self._judge(clause)]

    def _judge(self, clause: str) -> bool | None:
        clause = clause[:1].lower() + clause[1:]
        try:
            return self._clause(re.sub(r"^(?:so|therefore),? ", "", clause))
        except Untrue:
            return False
        except Unread:
            return None

    def _clause(self, said: str) -> bool:
        if re.search(r" for (?:neither|none|both|all|the) ", said):
            raise Unread
        if " is no further " in said:
            return not self._clause(said.replace(" is no further ", " is further "))
        if m := re.fullmatch(r"the answer is (.+)", said):
            return m[1].strip("“”") == self._answer
        if m := re.fullmatch(r"there are (as many|more|fewer) (.+) (?:as|than) (.+)", said):
            first, second = (len(self._of_kind(kind, 0)) for kind in m.groups()[1:])
            return {"as many": first == second, "more": first > second, "fewer": first < second}[m[1]]
        if m := re.fullmatch(r"(.+) (plus|minus|times|divided by) (.+) (?:is|makes) (.+)", said):
            a, b, c = (_number(m[place]) for place in (1, 3, 4))
            return {"plus": a + b, "minus": a - b, "times": a * b, "divided by": a / (b or 1)}[m[2]] == c
        if m := re.fullmatch(r"frame (\d+) of the video fits “(.+)” best", said):
            return self._best_frame(re.sub(r"^an? | on the table$", "", m[2]), int(m[1]) - 1)
        if m := re.fullmatch(r"of (.+), (the .+) is the (.+)", said):
            return self._chosen(m[1], m[2], m[3])
        if m := re.fullmatch(r"there is an? (.+) where (the .+) is", said):
            return self._says(self._one(m[2]), m[1])
        if m := re.fullmatch(r"(?:the text in )?(.+) reads “(.*)”", said):
            return self._reads(m[1], m[2])
        if m := re.fullmatch(
            r"there is (an? .+) in (the .+ frames?), "
            r"but (?:not )?in (none of the frames before it|the .+)",
            said,
        ):
            return self._in_frames(m[1], m[2], m[3])
        if m := re.fullmatch(
            r"the (left|right)most of the centres of (.+) and (the .+) is further (left|right) than the centre of (.+)",
            said,
        ):
            ends = sorted(self._x(self._one(m[place])) for place in (2, 3))
            end = ends[0] if m[1] == "left" else ends[1]
            return _further(end, m[4], self._x(self._one(m[5])))
        if m := re.fullmatch(
            r"the centre of (the .+) is further (left|right) than "
            r"the (left|right)most of the centres of (.+) and (the .+)",
            said,
        ):
            ends = sorted(self._x(self._one(m[place])) for place in (4, 5))
            end = ends[0] if m[3] == "left" else ends[1]
            return _further(self._x(self._one(m[1])), m[2], end)
        if m := re.fullmatch(
            r"(?:there (?:is|are)|the image shows|in (?P<in>the \w+ frame), there (?:is|are)"
            r"|(?P<has>the \w+ frame) (?:has|contains)) (?P<what>.+)",
            said,
        ):
            return self._there_are(m["what"], m["in"] or m["has"] or "")
        parts = re.split(r", (?:but|while) ", said)
        return all(self._predicated(part) for part in parts)

    def _best_frame(self, kind: str, where: int) -> bool:
        shown = [k for k in range(len(self._views)) if self._of_kind(kind, k)]
        return where in shown or not shown

    def _there_are(self, listed: str, frame: str) -> bool:
        where = self._frame(frame) if frame else 0
        if m := _FRAME.search(listed):
            where, listed = self._frame(m[0].removeprefix(" in").strip()), listed[: m.start()]
        for item in re.split(r", | and ", listed):
            count, _, kind = item.partition(" ")
            found = len(self._of_kind(kind, where))
            right = found > 0 if count in ("a", "an") else found == _number(count)
            if not right:
                return False
        return True

    def _in_frames(self, what: str, frames: str, others: str) -> bool:
        kind = what.partition(" ")[2]
        shown = {k for k in range(len(self._views)) if self._of_kind(kind, k)}
        named = {_place(word) - 1 for word in re.findall(r"\w+", frames) if _is_place(word)}
        without = {_place(word) - 1 for word in re.findall(r"\w+", others) if _is_place(word)}
        return (
            min(shown, default=-1) in named and named <= shown
            if others.startswith("none")
            else named <= shown and not without & shown
        )

    def _chosen(self, among: str, named: str, rank: str) -> bool:
        things, one = self._several(among), self._one(named)
        if one not in things:
            raise Untrue
        if m := re.fullmatch(r"(nearest to|farthest from) (the .+)", rank):
            other = self._one(m[2])
            ordered = sorted(things, key=lambda s: _apart(s[1], other[1]))
            return one == ordered[0 if m[1] == "nearest to" else -1]
        if m := re.fullmatch(r"(\w+) (from the \w+)", rank):
            name, sign = _TAIL[m[2]]
            place = _place(m[1])
        elif rank in _BY:
            (name, end), place = _BY[rank], 1
            sign = 1 if end == 0 else -1
        else:
            raise Unread
        ordered = sorted(things, key=lambda s: sign * self._measure(name, s))
        return ordered[place - 1] == one

    def _reads(self, named: str, text: str) -> bool:
        whole = re.fullmatch(r"the (?:image|\w+ frame)", named)
        if whole:
            signs = sorted(
                self._views[0 if named == "the image" else self._frame(named)].signs,
                key=lambda s: (s.box[1], s.box[0]),
            )
            return " / ".join(s.text for s in signs) == text
        return self._one(named)[1].text == text

    def _predicated(self, said: str) -> bool:
        m = re.fullmatch(r"(.+?) (?:is|are) (not )?(.+)", said) or re.fullmatch(
            r"(.+?) (?:looks(?: most like)?) ()(.+)", said
        )
        if not m:
            raise Unread
        subject, holds, predicate = m[1], not m[2], m[3]
        if q := re.fullmatch(r"all (\w+) (.+)|both (.+)|(?:none of the (\w+)|neither) (.+)", subject):
            kind = q[2] or q[3] or q[5]
            things = self._of_kind_places(kind)
            wanted = _number(q[1] or q[4] or "two")
            return len(things) == wanted and all(self._says(t, predicate) != bool(q[5]) for t in things)
        return all(self._says(thing, predicate) == holds for thing in self._several(subject))

    def _says(self, thing: tuple[int, Seen], predicate: str) -> bool:
        for relation, (name, sign) in _RELATION.items():
            if predicate.startswith(relation + " "):
                rest = predicate[len(relation) + 1 :]
                every = re.fullmatch(r"(?:both|all \w+|either|any of the \w+) (.+)", rest)
                others = self._of_kind_places(every[1]) if every else self._several(rest)
                held = [sign * (self._measure(name, thing) - self._measure(name, o)) > 0 for o in others]
                return any(held) if " or " in rest or rest.startswith(("either", "any")) else all(held)
        words = re.sub(r"^(?:made of|an?) ", "", predicate).split()
        known = {*thing[1].attributes, thing[1].name}
        if not all(word in known or word in ("object",) for word in words) and not set(words) <= _WORDS:
            raise Unread
        return all(word in known or word == "object" for word in words)

    # Regions ------------------------------------------------------------------------------------------------

    def _several(self, named: str) -> list[tuple[int, Seen]]:
        m = re.fullmatch(r"the ((?:\w+, )*\w+) and (\w+) ([a-z ]+?s)((?: in the \w+ frame)?)", named)
        if m and all(_is_place(word) for word in [*m[1].split(", "), m[2]]):
            kind = phrases.singular(m[3].split()[-1])
            noun = " ".join([*m[3].split()[:-1], kind])
            return [self._one(f"the {word} {noun}{m[4]}") for word in [*m[1].split(", "), m[2]]]
        return [self._one(part) for part in re.split(r", (?=the )| (?:and|or) (?=the )", named)]

    def _one(self, named: str) -> tuple[int, Seen]:
        named = re.sub(r"^(?:the )?(?:area|region) (?:around|of) ", "", named.strip())
        where = 0
        if m := _FRAME.search(named):
            where, named = self._frame(m[0].removeprefix(" in").strip()), named[: m.start()]
        m = re.fullmatch(r"the (nearest|farthest) (.+?) (?:to|from) (the .+)", named)
        if m and not m[3].startswith(("the camera", "the back")):
            other = self._one(m[3])
            ordered = sorted(self._of_kind(m[2], where), key=lambda s: _apart(s, other[1]))
            return where, self._at(ordered, 0 if m[1] == "nearest" else -1)
        m = re.fullmatch(r"the (\w+) (.+?) (from the \w+)", named)
        if m and m[3] in _TAIL and _is_place(m[1]):
            name, sign = _TAIL[m[3]]
            found = sorted(self._of_kind(m[2], where), key=lambda s: sign * self._measure(name, (where, s)))
            return where, self._at(found, _place(m[1]) - 1)
        words = named.split()
        if words[0] != "the" or len(words) < 2:
            raise Unread
        if words[1] in _BY:
            name, end = _BY[words[1]]
            found = self._of_kind(" ".join(words[2:]), where)
            return where, self._at(sorted(found, key=lambda s: self._measure(name, (where, s))), end)
        if _is_place(words[1]):
            return where, self._at(self._of_kind(" ".join(words[2:]), where), _place(words[1]) - 1)
        found = self._of_kind(" ".join(words[1:]), where)
        if len(found) != 1:
            raise Untrue
        return where, found[0]

    def _at(self, found: Sequence[Seen], place: int) -> Seen:
        if not -len(found) <= place < len(found):
            raise Untrue
        return found[place]

    def _of_kind_places(self, kind: str) -> list[tuple[int, Seen]]:
        where = 0
        if m := _FRAME.search(kind):
            where, kind = self._frame(m[0].removeprefix(" in").strip()), kind[: m.start()]
        return [(where, seen) for seen in self._of_kind(kind, where)]

    def _of_kind(self, kind: str, where: int) -> list[Seen]:
        """Left to right."""
        parsed = phrases.parse(kind)
        words = kind.split()
        if not words or phrases.singular(words[-1]) not in (*SHAPES, "object", "sign"):
            raise Unread
        found: list[Seen] = []
        for seen in self._views[where].seen:
            needed = phrases.modifiers(parsed, seen.name)
            if needed is not None and set(needed) <= set(seen.attributes):
                found.append(seen)
        return found

    def _frame(self, named: str) -> int:
        word = named.split()[1]
        if not _is_place(word) or _place(word) > len(self._views):
            raise Unread
        return _place(word) - 1

    def _x(self, thing: tuple[int, Seen]) -> float:
        return thing[1].center

    def _measure(self, name: str, thing: tuple[int, Seen]) -> float:
        where, seen = thing
        x1, y1, x2, y2 = seen.box
        match name:
            case "x":
                return seen.center
            case "y":
                return -(y1 + y2) / 2
            case "depth":
                return self._views[where].median_depth(seen.box)
            case "width":
                return x2 - x1
            case "height":
                return y2 - y1
            case _:
                return seen.area


_WORDS = {
    "red", "orange", "yellow", "green", "blue", "purple", "pink", "gray", "rubber", "metal", "small", "medium",
    "large", "white", "paper", "sign", *SHAPES,
}  # fmt: skip


def _further(a: float, side: str, b: float) -> bool:
    return a < b if side == "left" else a > b


def _apart(a: Seen, b: Seen) -> float:
    across = max(a.box[0] - b.box[2], b.box[0] - a.box[2], 0)
    along = max(a.box[1] - b.box[3], b.box[1] - a.box[3], 0)
    if across or along:
        return (across**2 + along**2) ** 0.5
    shared = (min(a.box[2], b.box[2]) - max(a.box[0], b.box[0])) * (
        min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
    )
    return -shared / (a.area + b.area - shared)


def _number(word: str) -> float:
    if word.lower() in _NUMBER:
        return _NUMBER[word.lower()]
    if not re.fullmatch(r"-?\d+(?:\.\d+)?", word):
        raise Unread
    return float(word)


def _is_place(word: str) -> bool:
    return word in ORDINAL_WORDS or re.fullmatch(r"\d+(?:st|nd|rd|th)", word) is not None


def _place(word: str) -> int:
    return ORDINAL_WORDS.get(word) or int(word[:-2])
