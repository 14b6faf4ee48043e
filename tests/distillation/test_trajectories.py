"""Trajectory rows: where they look, in which proportions, what is masked, and how they render."""

import json
import random
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from benchmarks.tabletop_programs.gold import GoldRun
from tests.distillation.gold_programs import facts, runs
from tests.tiny_vlm import tiny_processor
from vpd.distillation.facts.models import Concluded, Detected, HasText, Thing
from vpd.distillation.settings import ImageMix, TrajectorySettings, VideoMix
from vpd.distillation.trajectories.crops import grown, larger, missing
from vpd.distillation.trajectories.trajectories import Trajectories, Trajectory, containment, overlap
from vpd.pixel_operations import MOST_FRAMES_SELECTED, Pictures, area, prompt, response, tools
from vpd.records import Box, Example, ImageFile, TrainingRow, View
from vpd.training.rendering import render

CALL = re.compile(r"<tool_call>\n(.*?)\n</tool_call>", re.DOTALL)

Made = list[tuple[GoldRun, Trajectory]]


@cache
def made(settings: TrajectorySettings = TrajectorySettings()) -> Made:  # noqa: B008 - immutable
    maker = Trajectories(settings)
    found = [(run, maker.make(run.example, known)) for run, known in zip(runs(), facts(), strict=True)]
    return [(run, trajectory) for run, trajectory in found if trajectory is not None]


def of_kind(*kinds: str) -> Made:
    chosen = [each for each in made() if each[1].kind in kinds]
    assert chosen
    return chosen


def crops(run: GoldRun, trajectory: Trajectory) -> tuple[View, ...]:
    """What was looked at closer, in order."""
    return trajectory.images[len(run.example.images) :]


def calls(trajectory: Trajectory) -> list[dict[str, Any]]:
    said = [m["content"] for m in trajectory.messages if m["role"] == "assistant"]
    return [json.loads(found[1]) for text in said for found in CALL.finditer(text)]


class TestWhereTheyLook:
    def test_the_last_crop_contains_the_cue(self):
        for run, trajectory in of_kind("single", "wrong_once", "wrong_twice", "closer"):
            if not run.example.video:
                assert trajectory.cue is not None
                assert containment(trajectory.cue, crops(run, trajectory)[-1]) == 1

    def test_wrong_crops_show_nothing_of_the_cue(self):
        for run, trajectory in of_kind("wrong_once", "wrong_twice"):
            assert trajectory.cue is not None
            wrong = crops(run, trajectory)[:-1]
            assert len(wrong) == {"wrong_once": 1, "wrong_twice": 2}[trajectory.kind]
            assert [overlap(trajectory.cue, view) for view in wrong] == [0] * len(wrong)

    def test_the_larger_crop_holds_the_closer_one(self):
        for run, trajectory in of_kind("closer"):
            first, second = crops(run, trajectory)
            assert containment(area(second), first) == 1
            assert overlap(area(second), first) < 0.6
            assert [call["arguments"]["target_image"] for call in calls(trajectory)] == [1, 2]

    def test_wrong_selections_show_none_of_the_right_frames(self):
        for _, trajectory in of_kind("reselect"):
            wrong, right = (set(call["arguments"]["target_frames"]) for call in calls(trajectory))
            assert not wrong & right

    def test_selections_show_few_frames_of_those_that_were_shown(self):
        for run, trajectory in made():
            for call in calls(trajectory):
                if call["name"] == "select_frames":
                    frames = call["arguments"]["target_frames"]
                    assert frames == sorted(set(frames))
                    assert 1 <= len(frames) <= min(MOST_FRAMES_SELECTED, len(run.example.images) - 1)

    def test_crops_are_whole_pixels_within_their_image(self):
        for run, trajectory in made():
            for view in crops(run, trajectory):
                left, top, right, bottom = area(view)
                assert all(edge == int(edge) for edge in area(view))
                assert 0 <= left < right <= view.image.width
                assert 0 <= top < bottom <= view.image.height

    def test_what_fills_its_image_is_not_looked_at_closer(self):
        cat = Thing(noun="cat", box=(5, 5, 195, 95))
        known = [Detected(noun="cat", count=1, things=(cat,)), Concluded(answer="1")]
        settings = TrajectorySettings(text_only=0)
        assert Trajectories(settings).make(example((200, 100)), known) is None

    def test_a_small_cue_gets_a_crop_of_at_least_so_many_pixels(self):
        sign = Thing(noun="sign", box=(300, 200, 310, 206))
        known = [HasText(thing=sign, lines=("12",)), Concluded(answer="12")]
        settings = TrajectorySettings(
            text_only=0, smallest=64, image=ImageMix(single=1, wrong_once=0, wrong_twice=0, closer=0)
        )
        made_of_it = Trajectories(settings).make(example((400, 400)), known)
        assert made_of_it is not None
        left, top, right, bottom = area(made_of_it.images[-1])
        assert right - left >= 64
        assert bottom - top >= 64

    def test_in_pixels_boxes_are_those_of_the_crops(self):
        settings = TrajectorySettings(coordinates="pixels")
        for run, trajectory in made(settings):
            views = [*trajectory.images]
            shown = len(run.example.images)
            for number, call in enumerate(calls(trajectory)):
                if call["name"] == "zoom_in":
                    origin = area(views[call["arguments"]["target_image"] - 1])
                    box = call["arguments"]["bbox_2d"]
                    moved = tuple(edge + origin[axis % 2] for axis, edge in enumerate(box))
                    assert moved == area(views[shown + number])


def example(size: tuple[int, int], video: int = 0) -> Example:
    image = ImageFile(path="a.png", sha256="0" * 64, width=size[0], height=size[1])
    return Example(id="e", images=(image,) * max(video, 1), question="What?", video=video > 0)


sizes = st.tuples(st.integers(60, 6000), st.integers(60, 6000))


@st.composite
def boxes(draw: st.DrawFn, size: tuple[int, int]) -> Box:
    left = draw(st.floats(0, size[0] - 2, width=32))
    top = draw(st.floats(0, size[1] - 2, width=32))
    return left, top, draw(st.floats(left + 1, size[0])), draw(st.floats(top + 1, size[1]))


@given(st.data(), sizes, st.floats(0, 2), st.integers(8, 300))
def test_a_grown_box_holds_what_it_is_grown_from_and_stays_inside(
    data: st.DataObject, size: tuple[int, int], margin: float, smallest: int
):
    whole = (0, 0, *size)
    box = data.draw(boxes(size))
    crop = grown(box, margin, smallest, whole)
    view = View(image=example(size).images[0], box=crop)
    assert containment(box, view) > 1 - 1e-6
    assert crop[0] >= 0 and crop[1] >= 0 and crop[2] <= size[0] + 1e-6 and crop[3] <= size[1] + 1e-6  # noqa: PT018
    assert crop[2] - crop[0] >= min(smallest, size[0]) - 1e-6


@given(st.data(), sizes, st.sampled_from(["relative", "pixels"]), st.integers(0, 10**6))
def test_what_misses_the_cue_still_does_when_it_is_written_down_and_run(
    data: st.DataObject, size: tuple[int, int], coordinates: Any, seed: int
):
    cue = data.draw(boxes(size))
    wrong = missing(cue, (cue[2] - cue[0], cue[3] - cue[1]), (0, 0, *size), (), random.Random(seed))
    assume(wrong is not None)
    assert wrong is not None
    pictures = Pictures([View(image=example(size).images[0])], False, coordinates)
    [view] = pictures.zoom_in(pictures.bbox(wrong, 1), 1)
    assert overlap(cue, view) == 0


@given(st.data(), sizes, st.integers(0, 10**6))
def test_a_larger_box_holds_the_crop_and_leaves_some_of_the_image_out(
    data: st.DataObject, size: tuple[int, int], seed: int
):
    crop = data.draw(boxes(size))
    around = larger(crop, (0, 0, *size), random.Random(seed))
    assume(around is not None)
    assert around is not None
    assert containment(crop, View(image=example(size).images[0], box=around)) > 1 - 1e-6
    covered = (around[2] - around[0]) * (around[3] - around[1])
    assert covered <= 0.8 * size[0] * size[1] + 1e-3


@given(st.data(), sizes, st.sampled_from(["relative", "pixels"]))
def test_a_box_that_is_written_down_shows_at_least_itself(
    data: st.DataObject, size: tuple[int, int], coordinates: Any
):
    box = data.draw(boxes(size))
    pictures = Pictures([View(image=example(size).images[0])], False, coordinates)
    [view] = pictures.zoom_in(pictures.bbox(box, 1), 1)
    assert containment(box, view) > 1 - 1e-6


class TestProportions:
    @pytest.mark.parametrize("shard", range(5))
    def test_kinds_come_as_configured(self, shard: int):
        """Where every question has room for every kind, counts differ from the shares by less than two rows."""
        settings = TrajectorySettings()
        maker = Trajectories(settings, shard)
        sign = Thing(noun="sign", box=(400, 200, 430, 216))
        known = [HasText(thing=sign, lines=("12",)), Concluded(answer="12")]
        count = 200
        kinds = Counter(
            cast("Trajectory", maker.make(example((900, 700)).model_copy(update={"id": str(n)}), known)).kind
            for n in range(count)
        )
        shares = {
            "text_only": 0.25,
            "single": 0.225,
            "wrong_once": 0.15,
            "wrong_twice": 0.15,
            "closer": 0.225,
        }
        assert kinds.keys() == shares.keys()
        assert all(abs(kinds[kind] - share * count) < 2 for kind, share in shares.items()), kinds  # type: ignore[index]

    def test_small_shards_begin_with_different_kinds(self):
        sign = Thing(noun="sign", box=(400, 200, 430, 216))
        known = [HasText(thing=sign, lines=("12",)), Concluded(answer="12")]
        first = [
            cast(
                "Trajectory", Trajectories(TrajectorySettings(), shard).make(example((900, 700)), known)
            ).kind
            for shard in range(400)
        ]
        share = Counter(first)["single"] / 400
        assert 0.1 < share < 0.45
        assert len(set(first)) == 5

    def test_another_mixture_is_kept_to(self):
        mix = ImageMix(single=0, wrong_once=1, wrong_twice=0, closer=0)
        settings = TrajectorySettings(text_only=0, image=mix, video=VideoMix(single=0, reselect=1))
        assert {t.kind for _, t in made(settings)} == {"wrong_once", "reselect"}

    def test_questions_without_a_place_to_look_at_are_answered_in_words(self):
        known = [Detected(noun="cat", present=False, count=0), Concluded(answer="no")]
        words = Trajectories(TrajectorySettings(text_only=1)).make(example((100, 100)), known)
        assert words is not None
        assert (words.kind, words.images) == ("text_only", (View(image=example((100, 100)).images[0]),))
        assert calls(words) == []

    def test_in_the_drawn_world_shares_are_close_to_the_settings(self):
        kinds = Counter(t.kind for run, t in made() if not run.example.video)
        for kind, share in {"text_only": 0.25, "single": 0.225, "wrong_once": 0.15, "closer": 0.225}.items():
            assert abs(kinds[kind] / kinds.total() - share) < 0.04  # type: ignore[index]


def row(run: GoldRun, trajectory: Trajectory) -> TrainingRow:
    return TrainingRow(
        id=run.example.id,
        example_id=run.example.id,
        task="trajectory",
        messages=cast("Any", trajectory.messages),
        images=trajectory.images,
        masked=trajectory.masked,
    )


@pytest.fixture(scope="module")
def processor() -> Any:
    return tiny_processor()


class TestMasks:
    def test_the_masked_text_is_that_of_the_wrong_operations(self, processor: Any):
        for run, trajectory in made():
            rendered = render(processor, row(run, trajectory))
            masked = [rendered.text[slice(*span)] for span in rendered.masked]
            wrong = {"wrong_once": 1, "wrong_twice": 2, "reselect": 1}.get(trajectory.kind, 0)
            # The template's own words on tools hold an example of a call.
            expected = [
                found[0] + "<|im_end|>"
                for target in rendered.targets
                for found in CALL.finditer(rendered.text[slice(*target)])
            ][:wrong]
            assert masked == expected

    def test_no_loss_falls_on_what_a_tool_gave_back(self, processor: Any):
        for run, trajectory in made():
            rendered = render(processor, row(run, trajectory))
            outputs = [
                found.span()
                for found in re.finditer(r"<tool_response>.*?</tool_response>", rendered.text, re.DOTALL)
            ]
            assert len(outputs) == len(calls(trajectory))
            assert not any(a < end and start < b for a, b in rendered.targets for start, end in outputs)

    def test_the_last_words_have_loss_and_end_with_the_answer(self, processor: Any):
        for run, trajectory in made():
            rendered = render(processor, row(run, trajectory))
            last = rendered.text[slice(*rendered.targets[-1])]
            assert f"answer is {run.execution.answer}" in last
            assert not any(span.end > rendered.targets[-1].start for span in rendered.masked)


class TestRendering:
    def test_a_row_is_byte_for_byte_the_rollout_that_makes_the_same_calls(self, processor: Any):
        """Rollouts give the tools to the chat template, and results as messages of the role `tool`."""
        settings = TrajectorySettings()
        for run, trajectory in made():
            shown = _shown(trajectory)
            pictures = Pictures(shown, run.example.video, settings.coordinates)
            rollout: list[dict[str, Any]] = prompt(run.example, shown)
            for message in trajectory.messages:
                if message["role"] != "assistant":
                    continue
                rollout.append(message)
                for call in (json.loads(found[1]) for found in CALL.finditer(message["content"])):
                    first = len(pictures.views) + 1
                    views = getattr(pictures, call["name"])(**call["arguments"])
                    rollout.append({"role": "tool", "content": response(first, views)})
            as_rollout = processor.apply_chat_template(
                rollout, tools=tools(settings.coordinates), tokenize=False
            )
            as_row = processor.apply_chat_template(trajectory.messages, tokenize=False)
            assert as_row == as_rollout
            assert tuple(pictures.views) == trajectory.images

    def test_every_prefix_that_asks_for_an_answer_is_a_prefix_of_the_whole(self, processor: Any):
        for _, trajectory in made()[:40]:
            ends = [n for n, m in enumerate(trajectory.messages) if m["role"] == "assistant"]
            texts = [
                processor.apply_chat_template(
                    trajectory.messages[:n], tokenize=False, add_generation_prompt=True
                )
                for n in ends
            ] + [processor.apply_chat_template(trajectory.messages, tokenize=False)]
            assert all(b.startswith(a) for a, b in pairwise(texts))


def _shown(trajectory: Trajectory) -> list[View]:
    """The pictures of the first question."""
    asked = trajectory.messages[1]["content"]
    return list(trajectory.images[: sum(part["type"] == "image" for part in asked)])
