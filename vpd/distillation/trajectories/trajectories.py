"""Trajectory rows: look at the whole, look closer at the cue, read it, answer; sometimes after a wrong turn."""

import hashlib
import random
from collections.abc import Sequence
from typing import Literal, NamedTuple

from vpd.distillation.facts.models import Concluded, Fact
from vpd.distillation.rationale.composition import compose
from vpd.distillation.rationale.template import seeded
from vpd.distillation.settings import TrajectorySettings
from vpd.distillation.trajectories import wording
from vpd.distillation.trajectories.conversation import Conversation
from vpd.distillation.trajectories.crops import grown, larger, missing
from vpd.distillation.trajectories.cue import Cue, FrameCue, find_cue, find_frames
from vpd.pixel_operations import MOST_FRAMES_SELECTED, MOST_FRAMES_SHOWN, area
from vpd.records import Box, Example, MaskedSpan, View

Kind = Literal["text_only", "single", "wrong_once", "wrong_twice", "closer", "reselect"]


class Trajectory(NamedTuple):
    """A conversation that looks closer before it answers."""

    kind: Kind
    messages: list[dict[str, object]]
    images: tuple[View, ...]
    masked: tuple[MaskedSpan, ...]
    cue: Box | None
    """What must be seen to answer, in pixels of its image; None for videos and text alone."""


def make_trajectory(example: Example, facts: Sequence[Fact], settings: TrajectorySettings) -> Trajectory | None:
    """A trajectory to the answer of a kept program; None where there is nothing to look closer at.

    Its kind is drawn by the shares of the settings from a hash of the example's id, among the kinds that there is
    room for. Text-only rows are drawn from the same questions, so that the shares hold among the rows.
    """
    generator = random.Random(hashlib.sha256(f"{settings.seed} {example.id}".encode()).digest())  # noqa: S311
    maker = _Maker(example, facts, settings, generator)
    attempts = maker.video if example.video else maker.image
    text_only = generator.random() < settings.text_only
    made = attempts()
    if made is None or not text_only:
        return made
    return maker.text_only()


class _Maker:
    def __init__(
        self, example: Example, facts: Sequence[Fact], settings: TrajectorySettings, generator: random.Random
    ) -> None:
        self._example = example
        self._facts = facts
        self._settings = settings
        self._generator = generator
        self._choose = seeded(f"trajectory {settings.seed} {example.id}")
        self._sizes = [(image.width, image.height) for image in example.images]

    def text_only(self) -> Trajectory:
        conversation = self._begin(self._shown(()))
        conversation.say(self._words(self._facts))
        return self._end("text_only", conversation, None)

    # Images -------------------------------------------------------------------------------------------------

    def image(self) -> Trajectory | None:
        cue = find_cue(self._facts)
        if cue is None:
            return None
        image = self._example.images[cue.image]
        whole: Box = (0, 0, image.width, image.height)
        crop = grown(cue.box, self._settings.margin, self._settings.smallest, whole)
        if _area(crop) > self._settings.largest_share * _area(whole):
            return None
        mix = self._settings.image
        shares: dict[Kind, float] = {
            "single": mix.single, "wrong_once": mix.wrong_once, "wrong_twice": mix.wrong_twice, "closer": mix.closer,
        }  # fmt: skip
        while any(shares.values()):
            kind = self._draw(shares)
            made = self._zooms(kind, cue, crop, whole)
            if made is not None:
                return made
            del shares[kind]
        return None

    def _zooms(self, kind: Kind, cue: Cue, crop: Box, whole: Box) -> Trajectory | None:
        target = cue.image + 1
        conversation = self._begin([View(image=image) for image in self._example.images])
        said = self._words(cue.before) if cue.before else ""
        if kind == "closer":
            around = larger(crop, whole, self._generator)
            if around is None:
                return None
            conversation.zoom(_join(said, wording.to_look_around(self._choose, cue.name)), around, target)
            said, target = wording.too_large(self._choose, cue.name), len(conversation.pictures.views)
        wrong: list[Box] = []
        for _ in range({"wrong_once": 1, "wrong_twice": 2}.get(kind, 0)):
            size = crop[2] - crop[0], crop[3] - crop[1]
            box = missing(crop, size, whole, wrong, self._generator)
            if box is None:
                return None
            wrong.append(box)
            conversation.zoom(_join(said, wording.to_search(self._choose, cue.name)), box, target, wrong=True)
            said = wording.missed(self._choose, cue.name)
        if kind != "closer":
            said = _join(said, wording.to_look(self._choose, cue.name))
        conversation.zoom(said, crop, target)
        conversation.say(_join(wording.closer(self._choose), self._words((*cue.read, *self._conclusion()))))
        return self._end(kind, conversation, cue.box)

    # Videos -------------------------------------------------------------------------------------------------

    def video(self) -> Trajectory | None:
        cue = find_frames(self._facts)
        if cue is None or len(cue.frames) > min(MOST_FRAMES_SELECTED, len(self._sizes) - 1):
            return None
        shares: dict[Kind, float] = {"single": self._settings.video.single, "reselect": self._settings.video.reselect}
        while any(shares.values()):
            kind = self._draw(shares)
            made = self._selections(kind, cue)
            if made is not None:
                return made
            del shares[kind]
        return None

    def _selections(self, kind: Kind, cue: FrameCue) -> Trajectory | None:
        shown = self._shown(cue.frames)
        places = {view.image: place for place, view in enumerate(shown, 1)}
        right = [places[self._example.images[frame]] for frame in cue.frames]
        conversation = self._begin(shown)
        said = self._words(cue.before) if cue.before else ""
        if kind == "reselect":
            others = [place for place in range(1, len(shown) + 1) if place not in right]
            if len(others) < len(right):
                return None
            chosen = sorted(self._generator.sample(others, len(right)))
            conversation.select(_join(said, wording.to_select(self._choose)), chosen, wrong=True)
            said = wording.missed_frames(self._choose)
        conversation.select(_join(said, wording.to_select(self._choose)), right)
        conversation.say(_join(wording.closer(self._choose), self._words((*cue.read, *self._conclusion()))))
        return self._end(kind, conversation, None)

    def _shown(self, needed: Sequence[int]) -> list[View]:
        """All images; of a video at most so many frames as a conversation begins with, those needed among them."""
        images = self._example.images
        count = len(images)
        if not self._example.video or count <= MOST_FRAMES_SHOWN:
            return [View(image=image) for image in images]
        spread = [round(place * (count - 1) / (MOST_FRAMES_SHOWN - 1)) for place in range(MOST_FRAMES_SHOWN)]
        chosen = set(needed)
        for frame in sorted(spread, key=lambda frame: -min((abs(frame - n) for n in needed), default=count)):
            if len(chosen) < MOST_FRAMES_SHOWN:
                chosen.add(frame)
        return [View(image=images[frame]) for frame in sorted(chosen)]

    # Parts --------------------------------------------------------------------------------------------------

    def _draw(self, shares: dict[Kind, float]) -> Kind:
        return self._generator.choices(list(shares), list(shares.values()))[0]

    def _begin(self, shown: Sequence[View]) -> Conversation:
        return Conversation(self._example, shown, self._settings.coordinates)

    def _words(self, facts: Sequence[Fact]) -> str:
        return compose(facts, self._example.id, self._sizes)

    def _conclusion(self) -> list[Fact]:
        return [fact for fact in self._facts if isinstance(fact, Concluded)]

    def _end(self, kind: Kind, conversation: Conversation, cue: Box | None) -> Trajectory:
        return Trajectory(
            kind, conversation.messages, tuple(conversation.pictures.views), tuple(conversation.masked), cue
        )


def containment(cue: Box, view: View) -> float:
    """The share of the cue that a view shows, in [0, 1]."""
    return _area(_shared(cue, area(view))) / _area(cue)


def overlap(cue: Box, view: View) -> float:
    """Intersection over union of the cue and what a view shows."""
    shared = _area(_shared(cue, area(view)))
    return shared / (_area(cue) + _area(area(view)) - shared)


def _shared(a: Box, b: Box) -> Box:
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])


def _area(box: Box) -> float:
    return max(box[2] - box[0], 0) * max(box[3] - box[1], 0)


def _join(first: str, second: str) -> str:
    return f"{first} {second}".strip()
