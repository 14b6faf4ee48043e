"""Trajectory rows: look at the whole, look closer at the cue, read it, answer; sometimes after a wrong turn."""

import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, cast

from vpd.distillation.facts.models import Concluded, Fact
from vpd.distillation.rationale.composition import compose
from vpd.distillation.rationale.template import seeded
from vpd.distillation.settings import ImageMix, TrajectorySettings, VideoMix
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
    messages: list[dict[str, Any]]
    images: tuple[View, ...]
    masked: tuple[MaskedSpan, ...]
    cue: Box | None
    """What must be seen to answer, in pixels of its image; None for videos and text alone."""


class Trajectories:
    """Makes the trajectories of some questions, one after the other, in the proportions of the settings.

    Not every question has room for every kind (a crop that misses a large cue, say). So each gets, of those that it
    has room for, the kind that the rows so far have most too few of. Questions that need no closer look, or for
    which there is no telling where to look, are answered in words alone while such rows are too few.
    """

    def __init__(self, settings: TrajectorySettings, shard: int = 0) -> None:
        self._settings = settings
        # Every shard begins its count elsewhere: if all began with the commonest kind, it would be too common.
        start = random.Random(f"{settings.seed} {shard}")  # noqa: S311 - variety, not secrecy
        self._images = _Quota(_shares(settings, settings.image), start)
        self._videos = _Quota(_shares(settings, settings.video), start)

    def make(self, example: Example, facts: Sequence[Fact]) -> Trajectory | None:
        """A trajectory to the answer of a kept program; None where no kind fits that is still wanted."""
        maker = _Maker(example, facts, self._settings)
        quota = self._videos if example.video else self._images
        for kind in quota.most_wanted():
            if kind == "text_only" and not quota.lacks(kind):
                continue  # it fits every question, and would soon be too common
            trajectory = maker.make(kind)
            if trajectory is not None:
                quota.made[kind] += 1
                return trajectory
        return None


class _Quota:
    """Which kinds are too few so far."""

    def __init__(self, shares: Mapping[Kind, float], start: random.Random) -> None:
        self._shares = shares
        self._ahead: dict[Kind, float] = {kind: start.random() for kind in shares}
        self.made: Counter[Kind] = Counter()

    def most_wanted(self) -> list[Kind]:
        return sorted(self._shares, key=self._surplus)

    def lacks(self, kind: Kind) -> bool:
        """Whether one more of a kind is not one too many."""
        return self._surplus(kind) <= 0

    def _surplus(self, kind: Kind) -> float:
        rows = self.made.total() + 1
        return self.made[kind] + self._ahead[kind] - self._shares[kind] * rows


def _shares(settings: TrajectorySettings, mix: ImageMix | VideoMix) -> Mapping[Kind, float]:
    """The share of each kind in all rows; those without one are left out."""
    parts = cast("dict[Kind, float]", mix.model_dump())
    whole = sum(parts.values())
    shares: dict[Kind, float] = {"text_only": settings.text_only}
    for kind, part in parts.items():
        shares[kind] = (1 - settings.text_only) * part / whole
    return {kind: share for kind, share in shares.items() if share > 0}


class _Maker:
    """Makes one trajectory, of whatever kind."""

    def __init__(self, example: Example, facts: Sequence[Fact], settings: TrajectorySettings) -> None:
        self._example = example
        self._facts = facts
        self._settings = settings
        self._generator = random.Random(hashlib.sha256(f"{settings.seed} {example.id}".encode()).digest())  # noqa: S311
        self._choose = seeded(f"trajectory {settings.seed} {example.id}")
        self._sizes = [(image.width, image.height) for image in example.images]

    def make(self, kind: Kind) -> Trajectory | None:
        """None where the question has no room for this kind."""
        if kind == "text_only":
            return self._text_only()
        if self._example.video:
            cue = find_frames(self._facts)
            if cue is None or len(cue.frames) > min(MOST_FRAMES_SELECTED, len(self._sizes) - 1):
                return None
            return self._selections(kind, cue)
        region = find_cue(self._facts)
        if region is None:
            return None
        image = self._example.images[region.image]
        whole: Box = (0, 0, image.width, image.height)
        crop = grown(region.box, self._settings.margin, self._settings.smallest, whole)
        if _area(crop) > self._settings.largest_share * _area(whole):
            return None
        return self._zooms(kind, region, crop, whole)

    def _text_only(self) -> Trajectory:
        conversation = self._begin(self._shown(()))
        conversation.say(self._words(self._facts))
        return self._end("text_only", conversation, None)

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
            box = missing(cue.box, size, whole, wrong, self._generator)
            if box is None:
                return None
            wrong.append(box)
            conversation.zoom(_join(said, wording.to_search(self._choose, cue.name)), box, target, wrong=True)
            said = wording.missed(self._choose)
        if kind != "closer":
            said = _join(said, wording.to_look(self._choose, cue.name))
        conversation.zoom(said, crop, target)
        conversation.say(_join(wording.closer(self._choose), self._words((*cue.read, *self._conclusion()))))
        return self._end(kind, conversation, cue.box)

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
