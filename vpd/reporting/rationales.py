"""Rationales and trajectories → what a question's page shows: sentences with the regions that they speak of."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from vision_tools.phrases import words_of
from vpd.records import Example, Json, MaskedSpan, Rationale, TrainingRow, View
from vpd.reporting.values import box, visible

_SENTENCE_END = re.compile(r"(?<=[.!?])[”\"]?\s+(?=[A-Z“\"])")
_CALL = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)


class Region(NamedTuple):
    """A region that some fact is about, and what it is called."""

    noun: str
    mark: str
    """What tells it from others of its noun: `first`, `topmost`."""
    image: int
    box: tuple[int | float, ...]
    within: str = ""
    """The region it was found in: `the second box`."""

    @property
    def label(self) -> str:
        return f"{self.mark} {self.noun}".strip()


def rationale_page(rationale: Rationale) -> dict[str, Any]:
    """A rationale, sentence by sentence; `assets/rationale.js` reads it."""
    regions = list(dict.fromkeys(_regions(rationale.facts)))
    return {
        "source": rationale.source,
        "sentences": [
            {
                "text": visible(sentence),
                "boxes": [_shown(region) for region in regions if speaks_of(sentence, region)],
                "unsupported": [
                    visible(claim) for claim in rationale.unsupported if claim and claim in sentence
                ],
            }
            for sentence in sentences(rationale.text)
        ],
        "unsupported": [visible(claim) for claim in rationale.unsupported],
    }


def sentences(text: str) -> list[str]:
    """The sentences of a rationale; a full stop within a quotation ends none."""
    return [part for part in _SENTENCE_END.split(text.strip()) if part]


def speaks_of(sentence: str, region: Region) -> bool:
    """Whether a sentence names a region, or all regions of its noun.

    By its words: `the first and second cups` names two, `the cups` all of them, `the third cup` one.
    """
    noun, mark = words_of(region.noun), set(words_of(region.mark))
    said = words_of(sentence)
    if not noun or not _runs(noun, said) or _elsewhere(words_of(region.within), said):
        return False
    if not mark or mark <= set(said):
        return True
    return _plural(noun[-1], sentence) and not _marked(noun[-1], sentence)


def _elsewhere(holder: Sequence[str], said: Sequence[str]) -> bool:
    """Whether a sentence is about another place of the same name: `the first box` where this is `the second box`."""
    return not _runs(holder, said) and bool(set(holder) & set(said))


def _runs(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether words stand in a text one after the other."""
    size = len(part)
    return any(tuple(whole[i : i + size]) == tuple(part) for i in range(len(whole) - size + 1))


def _plural(noun: str, sentence: str) -> bool:
    words = re.findall(r"[^\W_]+", sentence.lower())
    return any(word != noun and words_of(word) == (noun,) for word in words)


_NUMBERED = r"first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d+(?:st|nd|rd|th)"
_ORDINALS = rf"{_NUMBERED}|\w+most|nearest|farthest"


def _marked(noun: str, sentence: str) -> bool:
    """Whether a sentence tells regions of a noun apart, so that its plural is not all of them."""
    before = rf"\b(?:{_ORDINALS})(?:[ ,]+(?:and )?(?:{_ORDINALS}))*(?: [\w-]+)? {re.escape(noun)}"
    return re.search(before, sentence.lower()) is not None


def _regions(facts: Json) -> Iterator[Region]:
    """Every region that facts name, wherever they hold it."""
    if isinstance(facts, list):
        for each in facts:
            yield from _regions(each)
    elif isinstance(facts, dict):
        corners = box(facts.get("box"))
        noun = facts.get("noun")
        if corners is not None and isinstance(noun, str):
            image = facts.get("image", 0)
            mark = f"{facts.get('mark', '')} {facts.get('tail', '')}".strip()
            within = str(facts.get("within", ""))
            yield Region(noun, mark, image if isinstance(image, int) else 0, tuple(corners), within)
        for each in facts.values():
            if isinstance(each, list | dict):
                yield from _regions(each)


def _shown(region: Region) -> dict[str, Any]:
    return {
        "image": region.image,
        "box": list(region.box),
        "label": visible(region.label),
        "kind": "result",
    }


_KINDS = {
    "text_only": "In words alone.",
    "single": "One closer look.",
    "wrong_once": "A look that misses the cue, then one at it.",
    "wrong_twice": "Two looks that miss the cue, then one at it.",
    "closer": "A look at a large part, then a closer one.",
    "reselect": "A selection that misses the cue, then the right one.",
}


def trajectory_page(row: TrainingRow, example: Example) -> dict[str, Any]:
    """A trajectory, turn by turn: what is said, what is called, and what that shows."""
    places = {image.path: place for place, image in enumerate(example.images)}
    told = cast("dict[str, Any]", row.provenance if isinstance(row.provenance, dict) else {})
    messages = cast("list[dict[str, Any]]", row.messages)
    views = iter(row.images)
    turns: list[dict[str, Any]] = []
    for number, message in enumerate(messages):
        if message["role"] == "assistant":
            turns.append(_turn(str(message["content"]), [m for m in row.masked if m.message == number]))
        elif isinstance(message["content"], list):
            shown = [next(views) for part in message["content"] if part.get("type") == "image"]
            if turns:
                turns[-1]["views"] = [_view(view, places) for view in shown]
    kind = str(told.get("kind", ""))
    return {"kind": _KINDS.get(kind) or visible(kind), "cue": box(told.get("cue")), "turns": turns}


def _turn(text: str, masked: Sequence[MaskedSpan]) -> dict[str, Any]:
    call = _CALL.search(text)
    return {
        "said": visible((text[: call.start()] if call else text).strip()),
        "call": visible(_operation(call[1])) if call else None,
        "masked": bool(masked),
        "views": [],
    }


def _operation(call: str) -> str:
    """`zoom_in(bbox_2d=[…], target_image=1)`; a call that is none as it stands."""
    try:
        read = json.loads(call)
        given = ", ".join(f"{name}={json.dumps(value)}" for name, value in read["arguments"].items())
        return f"{read['name']}({given})"
    except (ValueError, TypeError, KeyError, AttributeError):
        return call


def _view(view: View, places: dict[str, int]) -> dict[str, Any]:
    whole = (0, 0, view.image.width, view.image.height)
    return {"image": places.get(view.image.path, 0), "box": box(view.box or whole)}
