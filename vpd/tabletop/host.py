"""The tools of a program, answered from annotations: what a program finds when every specialist is right."""

import re
from collections.abc import Sequence
from typing import cast

from vision_tools import phrases
from vpd.execution.calls import ApiCall, ApiValue, Patch, ToolFailure
from vpd.tabletop.annotation import Annotation, Seen
from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES

INSIDE = 0.5
"""A thing belongs to a patch when at least this share of its box lies in it."""

_VALUES: dict[str, tuple[str, ...]] = {
    "color": COLORS,
    "colour": COLORS,
    "material": MATERIALS,
    "made of": MATERIALS,
    "shape": SHAPES,
    "size": SIZES,
}


class TruthHost:
    """A `ProgramHost` for one image, or for the frames of a clip."""

    def __init__(self, views: Sequence[Annotation]) -> None:
        self._views = views

    async def call(self, call: ApiCall) -> ApiValue:
        """See `ProgramHost.call`.

        Raises:
            ToolFailure: the annotations cannot tell.
        """
        arguments, patch = call.arguments, call.patch
        match call.method:
            case "find":
                assert patch is not None
                name = str(arguments["object_name"])
                return [_patch(patch, seen, name) for seen in self._find(patch, name)]
            case "exists":
                assert patch is not None
                return bool(self._find(patch, str(arguments["object_name"])))
            case "verify_property":
                assert patch is not None
                return self._verify(patch, str(arguments["object_name"]), str(arguments["visual_property"]))
            case "best_text_match":
                assert patch is not None
                return self._best_text(patch, cast("list[str]", arguments["option_list"]))
            case "simple_query":
                assert patch is not None
                return self._answer(patch, str(arguments["question"]))
            case "read_text":
                assert patch is not None
                return "\n".join(seen.text for seen in self._signs(patch))
            case "find_text":
                assert patch is not None
                wanted = str(arguments["text"] or "").casefold()
                return [_patch(patch, s, s.text) for s in self._signs(patch) if wanted in s.text.casefold()]
            case "compute_depth":
                assert patch is not None
                return self._views[patch.image].median_depth(patch.box)
            case "best_image_match":
                patches = cast("list[Patch]", arguments["list_patches"])
                texts = cast("list[str]", arguments["content"])
                scores = [sum(self._likeness(each, text) for text in texts) for each in patches]
                return scores.index(max(scores))
            case "select_frames":
                return self._select_frames(call)
            case _:
                raise ToolFailure(f"annotations do not answer `{call.method}`")

    def _inside(self, patch: Patch) -> list[Seen]:
        """Left to right."""
        return [s for s in self._views[patch.image].seen if _shared(s, patch) >= INSIDE * s.area]

    def _find(self, patch: Patch, name: str) -> list[Seen]:
        phrase = phrases.parse(name)
        return [seen for seen in self._inside(patch) if _is(seen, phrase)]

    def _main(self, patch: Patch) -> Seen:
        """The thing that a patch shows: the one whose box is most like it."""
        inside = [s for s in self._views[patch.image].seen if _shared(s, patch) > 0]
        if not inside:
            raise ToolFailure(f"the annotations show nothing in {patch.box}")
        return max(inside, key=lambda s: _overlap(s, patch))

    def _verify(self, patch: Patch, name: str, attribute: str) -> bool:
        found = self._find(patch, name)
        if not found:
            return False
        seen = max(found, key=lambda s: _overlap(s, patch))
        return all(_said(word, seen) for word in phrases.words_of(attribute))

    def _best_text(self, patch: Patch, options: list[str]) -> str:
        scores = [self._likeness(patch, option) for option in options]
        return options[scores.index(max(scores))]

    def _likeness(self, patch: Patch, text: str) -> int:
        """How many words of the text are said of what the patch shows."""
        seen = self._main(patch)
        return sum(_said(word, seen) for word in phrases.words_of(text))

    def _answer(self, patch: Patch, question: str) -> str:
        asked = question.lower()
        counted = re.match(r"how many (.+?)s? (?:are|is|do|can|stand)\b", asked)
        if counted:
            return str(len(self._find(patch, counted[1])))
        nouns = [word for word in re.findall(r"[a-z]+", asked) if word in (*SHAPES, "sign")]
        named = self._find(patch, nouns[-1]) if nouns else []
        seen = max(named, key=lambda s: _overlap(s, patch)) if named else self._main(patch)
        if re.search(r"\b(say|says|text|word|number|written|read)\b", asked):
            return seen.text
        for name, values in _VALUES.items():
            if re.search(rf"\b{name}\b", asked):
                return next((value for value in (*seen.attributes, seen.name) if value in values), "unknown")
        if asked.startswith(("is ", "does ", "are ")):
            values = {value for known in _VALUES.values() for value in known} - {seen.name}
            told = [word for word in re.findall(r"[a-z]+", asked) if word in values]
            return "yes" if told and all(_has(seen, value) for value in told) else "no"
        return seen.name

    def _signs(self, patch: Patch) -> list[Seen]:
        """From top to bottom."""
        signs = [seen for seen in self._inside(patch) if seen.text]
        return sorted(signs, key=lambda s: (s.box[1], s.box[0]))

    def _select_frames(self, call: ApiCall) -> list[Patch]:
        start, end, count = (int(cast("int", call.arguments[name])) for name in ("start", "end", "count"))
        phrase = phrases.parse(str(call.arguments["description"]))._replace(after="")
        scores = {k: any(_is(seen, phrase) for seen in self._views[k].seen) for k in range(start, end)}
        best = sorted(range(start, end), key=lambda k: not scores[k])[: max(count, 0)]
        return [Patch(k, (0, 0, self._views[k].width, self._views[k].height)) for k in sorted(best)]


def _is(seen: Seen, phrase: phrases.Phrase) -> bool:
    required = phrases.modifiers(phrase, seen.name)
    return required is not None and all(_has(seen, modifier) for modifier in required)


def _said(word: str, seen: Seen) -> bool:
    """Whether the word is one of its attributes or its name."""
    return _has(seen, word) or phrases.modifiers(phrases.parse(word), seen.name) == ()


def _has(seen: Seen, attribute: str) -> bool:
    return phrases.adjective(attribute) in {phrases.adjective(known) for known in seen.attributes}


def _patch(inside: Patch, seen: Seen, category: str) -> Patch:
    (left, top, right, bottom), (x1, y1, x2, y2) = inside.box, seen.box
    return Patch(inside.image, (max(x1, left), max(y1, top), min(x2, right), min(y2, bottom)), category)


def _shared(seen: Seen, patch: Patch) -> int:
    (left, top, right, bottom), (x1, y1, x2, y2) = patch.box, seen.box
    return max(min(x2, right) - max(x1, left), 0) * max(min(y2, bottom) - max(y1, top), 0)


def _overlap(seen: Seen, patch: Patch) -> float:
    """Intersection over union."""
    left, top, right, bottom = patch.box
    shared = _shared(seen, patch)
    return shared / (seen.area + (right - left) * (bottom - top) - shared)
