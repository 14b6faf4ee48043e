"""What training is made of: schedules, positives of the detector, packed rows, lessons, average precision."""

import re
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd.records import Example, ImageFile
from vpd.sampling.prompt import asked, first_attempt
from vpd.tabletop.generation import Asked, asked_scenes
from vpd.tabletop.scene import Card, Solid
from vpd.tabletop.splits import pair_split
from vpd.tabletop.training.eyes_targets import letter_middles, shown
from vpd.tabletop.training.lessons import IN_WORDS, Lesson, one_step, right, simple
from vpd.tabletop.training.neighbours import look_around
from vpd.tabletop.training.pictures import draw_shots, holds, occurs, recolored, small_shots, training_shots
from vpd.tabletop.training.programs import pairs, prompt
from vpd.tabletop.training.rendered import pooled_in, rendered
from vpd.tabletop.training.specialist import Schedule
from vpd.tabletop.vocabulary import COLORS, SHAPES, WORDS

torch: Any = pytest.importorskip("torch")
pytest.importorskip("trl")


@given(st.integers(200, 5000), st.data())
def test_rates_rise_stay_and_fall_to_almost_nothing(steps: int, data: st.DataObject):
    plan = Schedule(steps=steps, batch_size=1)
    step = data.draw(st.integers(0, steps - 1))
    assert 0 < plan.rate(step) <= 1
    assert plan.rate(0) < 0.02
    assert plan.rate(steps - 1) < 0.02
    assert plan.rate(steps // 2) == 1


def test_equal_seeds_draw_equal_programs():
    one, other = (pairs("train", 30, 0.5, np.random.default_rng(4)) for _ in range(2))
    assert one == other


def test_some_questions_ask_for_random_letters_and_their_programs_look_for_them():
    found = pairs("train", 200, 0.0, np.random.default_rng(4), letters=0.2)
    named = [(word, pair.program) for pair in found for word in re.findall(r"\b[A-Z]{3,7}\b", pair.question)]
    assert 25 <= sum(word not in WORDS for word, _ in named) <= 60
    assert all(word in program for word, program in named)


def test_the_coder_reads_what_the_sampling_stage_sends():
    for scene in asked_scenes("train", 28, seed=0):
        for question in scene.questions:
            sent = first_attempt(asked(_example(scene, question.text, question.choices)), "").content
            assert prompt(question.text, question.choices, scene.world) == sent


def _example(scene: Asked, text: str, choices: tuple[str, ...]) -> Example:
    frames = tuple(
        ImageFile(path=f"{k}.png", sha256="0" * 64, width=128, height=128) for k in range(len(scene.views))
    )
    return Example(
        id="1",
        images=frames,
        question=text,
        answers=(),
        answer_type="choice" if choices else "open",
        choices=choices,
        source="tabletop",
        video=len(frames) > 1,
    )


def test_training_shows_no_pair_that_is_held_out():
    for shot in draw_shots("train", 40, np.random.default_rng(0)):
        for seen in shot.view.solids:
            assert isinstance(seen.thing, Solid)
            assert pair_split(seen.thing.color, seen.thing.shape) == "train"


class TestDensePositives:
    def test_patches_in_the_middle_of_a_thing_answer_for_it(self):
        from vpd.tabletop.training.dense_detection import owners

        things = torch.tensor([[[0.25, 0.25, 0.5, 0.5], [0.0, 0.0, 0.0, 0.0]]])
        grid = owners(things, 64).reshape(8, 8)
        assert (grid >= 0).nonzero().tolist() == [[y, x] for y in (1, 2) for x in (1, 2)]

    def test_a_tiny_thing_has_one_patch(self):
        from vpd.tabletop.training.dense_detection import owners

        things = torch.tensor([[[0.5, 0.5, 0.5, 0.5], [0.9, 0.1, 0.01, 0.01]]])
        assert (owners(things, 64) == 1).sum() == 1

    def test_a_right_box_with_a_sure_score_costs_less_than_a_wrong_one(self):
        from vpd.tabletop.training.dense_detection import dense_loss, owners

        things, true = torch.tensor([[[0.5, 0.5, 0.5, 0.5]]]), torch.ones(1, 1, 1)
        sure = torch.where(owners(things, 64) >= 0, 6.0, -6.0)[..., None]
        exact = things.expand(1, 64, 4)
        good = dense_loss(sure, exact, things, true)
        assert good < 0.02
        assert dense_loss(sure, exact + 0.1, things, true) > good + 1
        assert dense_loss(-sure, exact, things, true) > good + 1

    def test_images_without_things_only_push_scores_down(self):
        from vpd.tabletop.training.dense_detection import dense_loss

        logits = torch.zeros(1, 4, 2, requires_grad=True)
        dense_loss(logits, torch.full((1, 4, 4), 0.5), torch.zeros(1, 1, 4), torch.zeros(1, 1, 2)).backward()
        assert (logits.grad > 0).all()


class TestPackedPrograms:
    def test_a_pair_in_company_costs_what_it_costs_alone(self):
        from vpd.tabletop.training.coder import Coder, packed

        torch.manual_seed(0)
        coder = Coder(hidden=32, layers=2)
        model = coder.build().eval()
        some = [([5, 6, 7], [8, 9, 10, 2]), ([11, 12], [13, 14, 2]), ([15], [16, 2])]
        alone = [coder.loss(model, packed([pair], 3)) * len(pair[1]) for pair in some]
        together = coder.loss(model, packed(some, 3))
        assert torch.isclose(together, sum(alone) / sum(len(reply) for _, reply in some), rtol=1e-5)


class TestTurns:
    @pytest.mark.parametrize("diet", ["answers", "base"])
    def test_a_packed_turn_costs_what_the_plain_conversation_costs(
        self, diet: Any, monkeypatch: pytest.MonkeyPatch
    ):
        from vpd.tabletop.training.packed_attention import parts_mask
        from vpd.tabletop.training.vlm import VisionLanguageTraining

        monkeypatch.setattr(VisionLanguageTraining, "_colors", {})  # answers as they are
        torch.manual_seed(0)
        training = VisionLanguageTraining(diet, vision=(32, 2), text=(32, 2))
        model = training.build().eval()
        batch = training.batch(np.random.default_rng(0), 3)
        if diet == "base":  # the faster of the two ways to attend
            assert parts_mask(batch["part"]).shape[2] == 1
        packed = training.loss(model, batch)
        total = tokens = 0.0
        rng = np.random.default_rng(0)
        shots = (training_shots if diet == "answers" else small_shots)(3, rng, 0)
        colors = (rng.random(3) >= 0.5).tolist()
        model.set_attn_implementation("sdpa")
        for image, lessons in training.examples(shots, rng, colors):
            for lesson in lessons:
                cost, count = _plain_cost(training.processor, model, image, lesson)
                total, tokens = total + cost, tokens + count
        assert float(packed.detach()) == pytest.approx(total / tokens, rel=1e-4)


def _plain_cost(processor: Any, model: Any, image: Any, lesson: Lesson) -> tuple[float, int]:
    """Of the answer's tokens, as the library itself makes of a conversation with the chat template."""
    user = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": lesson.question}]}
    asked = processor.apply_chat_template([user], add_generation_prompt=True, tokenize=False)
    batch = processor(text=[f"{asked}{lesson.answer}<|im_end|>"], images=[image], return_tensors="pt")
    count = len(processor.tokenizer(f"{lesson.answer}<|im_end|>").input_ids)
    labels = batch["input_ids"].clone()
    labels[:, :-count] = -100
    with torch.no_grad():
        return float(model(**batch, labels=labels).loss) * count, count


class TestLessons:
    def test_base_lessons_are_right_and_need_one_step(self):
        skills: set[str] = set()
        for shot in draw_shots("train", 20, np.random.default_rng(1), {"signs": 1.0}):
            for lesson in one_step(shot.view, np.random.default_rng(2)):
                skills.add(lesson.skill)
                assert right(lesson, lesson.answer)
        assert {"caption", "what is there", "where is it", "list", "read"} <= skills

    def test_answers_about_a_crop_are_true_of_the_thing(self):
        rng = np.random.default_rng(3)
        for shot in draw_shots("train", 20, rng, {"solids": 1.0}):
            for seen in shot.view.solids:
                for lesson in simple(seen, rng):
                    if lesson.answer not in ("yes", "no"):
                        assert holds(lesson.answer, seen)

    @pytest.mark.parametrize(
        ("said", "verdict"),
        [
            ("[0, 0, 100, 95] red cube", True),
            ("[0, 0, 100, 40] red cube", False),
            ("[0, 0, 100, 100] blue cube", False),
            ("red cube", False),
        ],
    )
    def test_boxes_need_an_overlap_of_half_and_words_must_be_the_same(self, said: str, verdict: bool):
        assert right(Lesson("caption", "", "[0, 0, 100, 100] red cube"), said) is verdict

    @pytest.mark.parametrize(
        ("said", "verdict"),
        [
            ("The cube is not red. Therefore, the answer is no.", True),
            ("no", True),
            ("The cube is red. So the answer is yes.", False),
            ("The cube is not red.", False),
        ],
    )
    def test_of_words_alone_the_conclusion_counts(self, said: str, verdict: bool):
        assert right(Lesson(IN_WORDS, "", "The cube is not red. So the answer is no."), said) is verdict


def test_parts_of_the_training_scenes_share_nothing():
    one, other = (training_shots(8, np.random.default_rng(0), part) for part in (0, 1))
    assert not {shot.image.tobytes() for shot in one} & {shot.image.tobytes() for shot in other}


def test_training_never_says_that_a_pair_of_color_and_shape_is_nowhere():
    rng = np.random.default_rng(6)
    for shot in draw_shots("train", 30, rng, {"solids": 1.0}):
        said = one_step(shot.view, rng, training=True)
        said += [lesson for seen in shot.view.solids for lesson in simple(seen, rng, training=True)]
        asked = [part for each in _of_pictures(said) for part in each.question.split(" and the ")]
        assert all(occurs(text.replace("?", " ").replace("s ", " ")) for text in asked)


def _of_pictures(lessons: list[Lesson]) -> list[Lesson]:
    return [lesson for lesson in lessons if lesson.skill != IN_WORDS]


class TestRecoloredImages:
    def test_no_question_names_their_colors(self):
        rng = np.random.default_rng(5)
        for shot in draw_shots("train", 10, rng, {"solids": 0.6, "signs": 0.4}):
            asked = one_step(shot.view, rng, colors=False, training=True)
            asked += simple(shot.view.seen[0], rng, colors=False, training=True)
            questions = [lesson.question for lesson in _of_pictures(asked)]
            words = {word.strip(".,?;") for question in questions for word in question.split()}
            assert words.isdisjoint((*COLORS, "color"))

    @pytest.mark.parametrize("own", [True, False])
    def test_no_answer_hangs_on_a_color_before_it_and_none_is_learnt_of_changed_ones(self, own: bool):
        from vpd.tabletop.training.vlm import VisionLanguageTraining

        training = VisionLanguageTraining("base", vision=(32, 2), text=(32, 2))
        answer = "[1, 2, 3, 4] large red metal cube; [5, 6, 7, 8] gray ring"
        rng = np.random.default_rng(0)
        turns = [training._turn(Lesson("caption", "Describe.", answer), rng, own) for _ in range(40)]  # pyright: ignore[reportPrivateUsage]
        tokenizer = training.processor.tokenizer
        written = {tokenizer.decode(turn.shown) for turn in turns}
        firsts = {text.split(" large ")[1].split()[0] for text in written}
        assert firsts == set(COLORS)
        assert {text.split(" large ")[1].split()[1] for text in written} == {"metal"}
        learnt = tokenizer.decode([token for token in turns[0].answer if token != -100])
        assert ("red" in learnt, "gray" in learnt, "metal" in learnt) == (own, own, True)

    def test_gray_stays_gray_and_the_image_its_size(self):
        [shot] = draw_shots("train", 1, np.random.default_rng(0), {"solids": 1.0})
        gray = shot.image.convert("L").convert("RGB")
        changed = recolored(gray, np.random.default_rng(1))
        assert changed.size == gray.size
        assert np.abs(np.asarray(changed, int) - np.asarray(gray, int)).max() <= 1

    def test_eyes_learn_from_images_of_which_no_color_is_known(self):
        from vpd.tabletop.training.eyes import Eyes, eyes_loss, targets

        shots = draw_shots("train", 2, np.random.default_rng(0), {"solids": 1.0})
        told = targets([shown(shot.view, colors=False) for shot in shots])
        heads = Eyes(width=32, layers=2, out=32).build()
        assert eyes_loss(heads, torch.zeros(2 * 64, 32), told).isfinite()

    def test_the_scorer_learns_no_shape_of_a_piece_and_no_color_of_a_recolored_picture(self):
        from vpd.tabletop.training.scorer import Scorer

        batch = Scorer(width=16).batch(np.random.default_rng(0), 48)
        shares = batch["told"].mean(dim=1)
        assert (shares == 1).any()  # pictures of which all is told
        assert (shares < 1).any()
        assert (shares > 0).all()  # of each picture something


class TestThePoolOfScenes:
    def test_a_picture_is_the_same_the_second_time(self, tmp_path: Path):
        [shot] = draw_shots("train", 1, np.random.default_rng(0), {"solids": 1.0})
        with pooled_in(tmp_path):
            first, second = rendered(shot.view.scene), rendered(shot.view.scene)
        assert first.tobytes() == second.tobytes() == shot.image.tobytes()
        assert len(list(tmp_path.iterdir())) == 1

    def test_outside_of_a_training_nothing_is_kept(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(tmp_path)
        [shot] = draw_shots("train", 1, np.random.default_rng(0), {"solids": 1.0})
        rendered(shot.view.scene)
        assert not list(tmp_path.iterdir())


class TestPackedAttention:
    def test_long_rows_are_attended_as_with_the_mask(self):
        from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

        from vpd.tabletop.training.packed_attention import NAME, parts_mask, register
        from vpd.tabletop.training.turns import mask

        register()
        attend: Any = ALL_ATTENTION_FUNCTIONS[NAME]
        part = torch.tensor(
            [[-1] * 5 + [0] * 170 + [1] * 80 + [2] * 50, [-1] * 5 + [0] * 90 + [1] * 100 + [-2] * 110]
        )
        states = [torch.randn(2, 2, part.shape[1], 8) for _ in range(3)]
        packed = parts_mask(part)
        assert packed.shape == (2, 1, 1, part.shape[1])
        fast, _ = attend(None, *states, packed, scaling=0.3)
        plain, _ = attend(None, *states, mask(part), scaling=0.3)
        real = part != -2
        torch.testing.assert_close(fast[real], plain[real])

    def test_a_turn_that_is_longer_than_it_sees_gets_the_usual_mask(self):
        from vpd.tabletop.training.packed_attention import parts_mask

        part = torch.tensor([[-1] * 5 + [0] * 50 + [1] * 450])
        assert parts_mask(part).shape == (1, 1, 505, 505)


def test_muon_moves_weights_as_the_librarys_does():
    import torch

    from vpd.tabletop.training.muon import Muon

    def moved(kind: Any, weights: Any) -> Any:
        weights = [torch.nn.Parameter(weight) for weight in weights]
        optimizer = kind([{"params": weights, "lr": 0.02}])
        for seed in range(3):
            torch.manual_seed(seed)
            for weight in weights:
                weight.grad = torch.randn_like(weight)
            optimizer.step()
        return weights

    torch.manual_seed(9)
    wide, tall = torch.randn(8, 24), torch.randn(24, 8)
    ours = moved(lambda groups: Muon(groups, weight_decay=0.01), [wide.clone(), tall.clone()])
    theirs = moved(lambda groups: torch.optim.Muon(groups, weight_decay=0.01), [wide.clone(), tall.clone()])
    for mine, other, begun in zip(ours, theirs, (wide, tall), strict=True):
        # Theirs multiplies with eight bits of mantissa.
        assert (mine - other).norm() < 0.02 * (mine - begun).norm()


def test_weights_that_were_trained_before_learn_slower():
    from vpd.tabletop.training.optimizer import Optimizer

    model = torch.nn.ModuleDict({"visual": torch.nn.Linear(4, 4), "text": torch.nn.Linear(4, 4)})
    plan = Schedule(steps=10, batch_size=1, muon=0.02, adamw=0.002, warmup=1, slower={"visual": 0.25})
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)
    Optimizer(model, plan).step(0)
    moved = {name: float((w.detach() - before[name]).abs().mean()) for name, w in model.named_parameters()}
    assert moved["visual.bias"] == pytest.approx(moved["text.bias"] / 4, rel=1e-3)
    assert moved["visual.weight"] < 0.5 * moved["text.weight"]


class TestWhatEyesAreTold:
    def test_the_patch_at_the_middle_of_a_thing_tells_of_it(self):
        for shot in draw_shots("train", 6, np.random.default_rng(0), {"solids": 0.5, "signs": 0.5}):
            told = shown(shot.view)
            for row, column in np.argwhere(told.here == 1):
                shapes = [
                    seen.name
                    for seen in shot.view.seen
                    if seen.box[0] < 8 * column + 8 and 8 * column < seen.box[2]
                    and seen.box[1] < 8 * row + 8 and 8 * row < seen.box[3]
                ]  # fmt: skip
                assert (*SHAPES, "sign")[told.kinds[row, column, 0]] in shapes

    def test_the_mirrored_image_shows_the_mirrored_things(self):
        for shot in draw_shots("train", 6, np.random.default_rng(1), {"solids": 1.0}):
            plain, mirrored = shown(shot.view), shown(shot.view, mirrored=True)
            one = plain.here == 1
            other = mirrored.here[:, ::-1] == 1
            assert (one & other).sum() >= 0.8 * one.sum()  # a middle between two patches may go to either
            both = one & other
            assert (plain.kinds[both] == mirrored.kinds[:, ::-1][both]).all()

    def test_letters_lie_on_their_card_from_left_to_right(self):
        for shot in draw_shots("train", 6, np.random.default_rng(2), {"signs": 1.0}):
            for seen in shot.view.signs:
                places = letter_middles(shot.view, cast("Card", seen.thing))
                left, top, right, bottom = seen.box
                assert len(places) == len(seen.text)
                assert all(left < x < right and top < y < bottom for x, y in places)
                assert places == sorted(places)


def test_patches_first_look_at_what_is_near():
    queries, keys, places = torch.zeros(64, 64), torch.zeros(64, 64), torch.zeros(64, 64)
    torch.manual_seed(0)
    look_around(places, 1.0, [(queries, keys)])
    scores = (places @ queries.T) @ (places @ keys.T).T
    corner = scores[0].reshape(8, 8)  # of the patch top left, on the grid
    assert corner[0, 0] > corner[0, 2] > corner[4, 4]


def test_small_pictures_are_seen_whole_and_many_show_signs():
    shots = small_shots(20, np.random.default_rng(0), 0)
    assert {shot.image.size for shot in shots} == {(128, 128)}
    assert sum(bool(shot.view.signs) for shot in shots) == 9


def test_average_precision_of_a_hand_computed_case():
    from vpd.tabletop.training.vision_scores import average_precision

    # Precision at the three hits is 1, 2/3 and 3/5 of the four that are there.
    found = [(0.9, True), (0.8, False), (0.7, True), (0.6, False), (0.5, True)]
    assert average_precision(found, 4) == pytest.approx((1 + 2 / 3 + 3 / 5) / 4)
