"""From a replay to the facts that its answer hangs on, in order."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from vision_tools.phrases import modifiers, parse
from vpd.distillation.facts.arithmetic import as_number, calculations
from vpd.distillation.facts.grouping import Draft, grouped
from vpd.distillation.facts.models import (
    Asked,
    Calculated,
    Chosen,
    Concluded,
    Detected,
    Fact,
    FramesSelected,
    HasDepth,
    HasProperty,
    HasText,
    Matched,
    Quantity,
    SortedOut,
    TextCompared,
    Thing,
)
from vpd.distillation.facts.naming import Naming, patches_in, phrase
from vpd.distillation.facts.propositions import Propositions
from vpd.distillation.facts.quantities import Speaker
from vpd.distillation.facts.words import singular
from vpd.distillation.replay.machine import Event, Frame
from vpd.distillation.replay.replay import Replay
from vpd.distillation.replay.values import (
    Called,
    Computed,
    Measured,
    Picked,
    Value,
)
from vpd.records import Box, Example, Execution

_GENERIC = frozenset(
    {"object", "item", "thing", "entity", "image", "photo", "picture", "scene", "part", "area"}
)


class Extractor:
    """Goes through the events of one replay."""

    def __init__(self, example: Example, replay: Replay, execution: Execution) -> None:
        sizes = [(image.width, image.height) for image in example.images]
        self._replay = replay
        self._execution = execution
        self._naming = Naming(sizes, example.video)
        variables = {
            id(event.value.form): event.name or ""
            for event in replay.events
            if isinstance(event.value.form, Computed)
        }
        self._speaker = Speaker(self._naming, variables)
        self._propositions = Propositions(self._naming, self._speaker)
        self._calls = frozenset(i for i, step in enumerate(execution.steps) if step.kind == "call")
        self._stated: set[int] = set()

    def drafts(self, needed: frozenset[int]) -> Iterator[Draft]:
        """The facts of the events whose steps are needed."""
        detected: list[tuple[Fact, tuple[int, ...]]] = []
        for event in self._replay.events:
            self._enter(event.frames)
            relevant = event.step in needed if event.step is not None else bool(event.value.deps & needed)
            for fact, value in list(self._facts(event)):
                vain = isinstance(fact, TextCompared) and not fact.holds and event.frames
                if relevant and not vain:
                    steps = (value.deps & self._calls & needed) | (
                        {event.step} if event.step is not None else set()
                    )
                    scopes = tuple(self._scope(frame) for frame in event.frames)
                    frames = event.frames
                    if isinstance(fact, Detected):
                        frames = frames[: _passes_of(fact, scopes)]
                        place = fact, tuple(frame.turn for frame in frames)
                        if place in detected:
                            continue  # looked at again in every pass of an inner loop
                        detected.append(place)
                    told = fact.model_copy(update={"steps": tuple(sorted(steps))})
                    yield Draft(told, frames, scopes[: len(frames)])

    def _enter(self, frames: tuple[Frame, ...]) -> None:
        for frame in frames:
            self._naming.ordered(frame.source)

    def _scope(self, frame: Frame) -> tuple[Thing, ...]:
        """What a pass of a loop is about."""
        return tuple(thing for item in frame.items if (thing := self._naming.thing(item)) is not None)

    def _facts(self, event: Event) -> Iterator[tuple[Fact, Value]]:
        for value in _regions(event):
            chosen = self._naming.chosen(value)
            if chosen is not None:
                yield chosen, value
        if event.kind == "call":
            yield from self._call(event)
        elif event.kind == "pick":
            yield from self._picked(event.value)
        else:
            yield from self._condition(event)
            if event.kind == "return":
                yield from self._calculated(event.value)

    def _picked(self, value: Value) -> Iterator[tuple[Fact, Value]]:
        """The place of the smallest or largest of several measures: which region it is that has it."""
        chosen = self._naming.furthest(value)
        if chosen is not None:
            yield chosen, value

    def _calculated(self, value: Value) -> Iterator[tuple[Fact, Value]]:
        """Arithmetic that gives the answer itself."""
        for each, words in calculations(as_number(value)):
            yield Calculated(quantity=Quantity(phrase=words, value=each.data)), each

    def _condition(self, event: Event) -> Iterator[tuple[Fact, Value]]:
        scope = {phrase(thing, set()) for frame in event.frames for thing in self._scope(frame)}
        for form, fact in list(self._propositions.of(event.value, scope)):
            if id(form) not in self._stated:
                self._stated.add(id(form))
                yield fact, event.value

    def _call(self, event: Event) -> Iterator[tuple[Fact, Value]]:
        assert isinstance(event.value.form, Called | Measured | Picked)
        step = event.step
        assert step is not None
        fact = self._tool(event, step)
        if fact is not None:
            yield fact, event.value

    def _tool(self, event: Event, index: int) -> Fact | None:
        step = self._execution.steps[index]
        receiver, *rest = event.arguments
        texts = [argument.data if argument is not None else None for argument in rest]
        thing = self._naming.thing(receiver) if receiver is not None else None
        match step.tool, texts:
            case "find", [str(name)]:
                noun = singular(name)
                self._naming.found(index, event.value, noun, receiver)
                return self._detected(noun, event.value, thing, step.result)
            case "find_text", [text]:
                self._naming.quoted(index, event.value, receiver)
                found = self._detected("line", event.value, thing, step.result)
                shown = step.result if isinstance(step.result, list) else []
                lines = [str(each.get("category")) for each in shown if isinstance(each, dict)]
                words = text if isinstance(text, str) else ""
                return found.model_copy(update={"text": words, "telling": self._telling(lines)})
            case "exists", [str(name)]:
                return Detected(noun=singular(name), present=step.result is True, within=_part(thing))
            case "verify_property", [str(name), str(what)] if thing is not None:
                return HasProperty(thing=_subject(thing, name), property=what, holds=step.result is True)
            case "best_text_match", [list(options), *_] if thing is not None:
                words = tuple(option.data for option in options if isinstance(option.data, str))
                return Matched(thing=thing, value=str(step.result), options=words)
            case "simple_query", [question, *_] if thing is not None:
                asked = question if isinstance(question, str) else "What is this?"
                return Asked(thing=thing, question=asked, answer=str(step.result))
            case "llm_query", [str(question), *_]:
                return Asked(thing=None, question=question, answer=str(step.result))
            case "read_text", _ if thing is not None:
                lines = tuple(str(step.result).splitlines())
                return HasText(thing=thing, lines=lines, telling=self._telling(lines))
            case "compute_depth", _ if thing is not None and isinstance(step.result, int | float):
                return HasDepth(thing=thing, depth=step.result)
            case "best_image_match", [list(patches), content, *_]:
                return self._best_match(event.value, patches, content)
            case "select_frames", [str(description), *_] if isinstance(step.result, list):
                frames = tuple(frame["image"] for frame in step.result if isinstance(frame, dict))
                return FramesSelected(description=description, frames=frames)  # type: ignore[arg-type]
            case _:
                return None

    def _telling(self, lines: Sequence[str]) -> str:
        """The line that holds the answer; '' if none does."""
        answer = (self._execution.answer or "").strip()
        number = float(answer) if re.fullmatch(r"\d+\.\d+", answer) else None
        for line in lines:
            read = (float(each) for each in re.findall(r"(?<![\d.])\d{1,12}\.\d{1,6}(?![\d.])", line))
            if len(answer) > 1 and (answer in line or (number is not None and number in read)):
                return line
        return ""

    def _detected(self, noun: str, result: Value, thing: Thing | None, shown: Any) -> Detected:
        items: list[Value] = result.data if isinstance(result.data, list) else []
        things = tuple(named for item in items if (named := self._naming.thing(item)) is not None)
        count = len(items) if isinstance(result.data, list) else _count(shown)
        return Detected(noun=noun, count=count, present=bool(count), things=things, within=_part(thing))

    def _best_match(self, chosen: Value, patches: list[Any], content: Any) -> Fact | None:
        words = content if isinstance(content, str) else ", ".join(str(c.data) for c in content or ())
        among = tuple(each for patch in patches if (each := self._naming.thing(patch)) is not None)
        thing = self._naming.thing(chosen)
        return (
            Chosen(thing=thing, rank=f"best match for “{words}”", among=among) if thing is not None else None
        )


def extract(
    example: Example, execution: Execution, replay: Replay, matters: Collection[int] | None
) -> tuple[Fact, ...]:
    """The facts of a replay.

    Args:
        example: the question.
        execution: what happened.
        replay: the program told again from it.
        matters: indices of the steps that the answer is known to hang on; None to rely on the slice alone.
    """
    needed = replay.returned.deps
    if matters is not None:
        kept = frozenset(matters)
        calls = {i for i, step in enumerate(execution.steps) if step.kind == "call"}
        needed = frozenset(i for i in needed if i in kept or i not in calls)
    extractor = Extractor(example, replay, execution)
    drafts = list(extractor.drafts(needed))
    facts = _once(_completed(grouped(drafts)))
    last = tuple(i for i, step in enumerate(execution.steps) if step.kind == "return")[-1:]
    return (*facts, Concluded(answer=execution.answer or "", steps=last))


def _passes_of(fact: Detected, scopes: Sequence[tuple[Thing, ...]]) -> int:
    """How many of the loops around a detection, from outside, it has to do with."""
    depth = len(scopes)
    while depth and fact.within not in scopes[depth - 1]:
        depth -= 1
    return depth


def _regions(event: Event) -> Iterator[Value]:
    """The regions that an event is about."""
    if event.kind != "call":
        yield from patches_in(event.value)
    elif event.arguments and event.arguments[0] is not None:
        yield event.arguments[0]


def _completed(facts: list[Fact]) -> list[Fact]:
    """With what was sorted out marked where it is but some of what was found."""
    found = [frozenset[Box | None](t.box for t in f.things) for f in facts if isinstance(f, Detected)]
    return [_complete(fact, found) if isinstance(fact, SortedOut) else fact for fact in facts]


def _complete(fact: SortedOut, found: Sequence[frozenset[Box | None]]) -> SortedOut:
    boxes = frozenset[Box | None](thing.box for thing in (*fact.passed, *fact.failed))
    some = any(boxes < known for known in found) and boxes not in found
    return fact.model_copy(update={"complete": not some})


def _once(facts: Sequence[Fact]) -> Iterator[Fact]:
    """Without facts that are found out again in the same place."""
    seen: list[Fact] = []
    for fact in facts:
        same = fact.model_copy(update={"steps": ()})
        if same not in seen and not any(_says(known, fact) for known in seen):
            seen.append(same)
            yield fact


def _says(known: Fact, fact: Fact) -> bool:
    """Whether a property that is found out of one has been found out when all were sorted."""
    if not isinstance(known, SortedOut) or not isinstance(known.sample, HasProperty):
        return False
    if not isinstance(fact, HasProperty) or fact.property != known.sample.property:
        return False
    boxes = {thing.box for thing in (known.passed if fact.holds else known.failed)}
    return fact.thing.box in boxes and fact.thing.noun == known.noun


def _part(thing: Thing | None) -> Thing | None:
    """A region, or None for a whole image that is the only one."""
    return None if thing is None or (thing.box is None and not thing.mark) else thing


def _subject(thing: Thing, name: str) -> Thing:
    """What a property is said of: the region, or the object in it that the program names."""
    noun = singular(name)
    if noun.lower() in _GENERIC or modifiers(parse(noun), thing.noun) is not None:
        return thing
    if thing.box is None:
        return Thing(noun=noun, image=thing.image)
    return Thing(noun=noun, within=phrase(thing, set()), image=thing.image, box=thing.box)


def _count(shown: Any) -> int | None:
    """How many there are in a list that the trace cuts short."""
    if not isinstance(shown, list) or not shown or not isinstance(shown[-1], str):
        return None
    return len(shown) - 1 + int(shown[-1].split()[1])
