"""A real model that was taught something answers in its ways, in any batch, and when memory runs out."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.evaluation.taught import COLOURS, QUESTION, images
from tests.training.training_rows import user
from vpd.errors import UserError
from vpd.evaluation.answering import local
from vpd.evaluation.answering.asking import Way, answer
from vpd.evaluation.answering.local import LocalModel, LocalSettings
from vpd.evaluation.answering.model import Ask, Pixels, Reply
from vpd.evaluation.answering.pixel import begin
from vpd.evaluation.benchmark import Benchmark
from vpd.evaluation.records import Item, Prediction
from vpd.pixel_operations import call_text, response_message
from vpd.records import Example, ImageFile, View
from vpd.text.asking import LABEL_SUFFIX

pytestmark = pytest.mark.slow

OWN = Benchmark(name="own", title="Own", metric="same_answer")


def item(colour: str, image: ImageFile, **values: Any) -> Item:
    example = Example(id=colour, images=(image,), question=QUESTION, answers=(colour,), **values)
    return Item(example=example)


def model(taught: Path, batch_size: int = 8, folder: Path | None = None) -> LocalModel:
    settings = LocalSettings(str(folder or taught / "taught" / "model"), device="cpu", batch_size=batch_size)
    return LocalModel(settings, Pixels(taught / "images"))


def run(model: LocalModel, items: Sequence[Item], way: Way) -> list[Prediction]:
    async def asked() -> list[Prediction]:
        await model.start()
        return await answer(model, items, OWN, way, 12, "relative")

    return asyncio.run(asked())


def ask(model: LocalModel, asks: Sequence[Ask], max_tokens: int = 8) -> list[Reply]:
    async def asked() -> list[Reply]:
        await model.start()
        return await model.replies(asks, max_tokens)

    return asyncio.run(asked())


def asks(taught: Path) -> list[Ask]:
    """Of different lengths, so that batches need padding."""
    views = {colour: View(image=image) for colour, image in images(taught / "images").items()}
    return [
        Ask([user(f"{'Please. ' * n}{QUESTION} {LABEL_SUFFIX}")], (views[colour],), wants_yes=True)
        for n, colour in enumerate(COLOURS)
    ]


def test_it_answers_directly(taught: Path):
    items = [item(colour, image) for colour, image in images(taught / "images").items()]
    predictions = run(model(taught), items, "direct")
    assert [each.answer for each in predictions] == list(COLOURS)
    assert all(each.status == "ok" and each.prompt_tokens > 30 for each in predictions)
    assert all(1 < each.completion_tokens <= 12 for each in predictions)


def test_it_answers_through_its_rationale(taught: Path):
    items = [item(colour, image) for colour, image in images(taught / "images").items()]
    predictions = run(model(taught), items, "rationale")
    assert [each.answer for each in predictions] == list(COLOURS)
    assert predictions[0].text == "The answer is red."


def test_it_reads_a_conversation_with_a_crop(taught: Path):
    image = images(taught / "images")["red"]
    conversation = begin(item("red", image).example, "relative")
    whole = conversation.ask
    (shown,) = conversation.pictures.zoom_in([500, 500, 1000, 1000], 1)
    call = {"role": "assistant", "content": call_text("zoom_in", {"bbox_2d": [500, 500, 1000, 1000]})}
    messages = [*whole.messages, call, response_message(2, [shown])]
    one, two = ask(model(taught), [whole, Ask(messages, (View(image=image), shown))])
    assert (one.failure, two.failure) == (None, None)
    assert two.prompt_tokens > one.prompt_tokens + 20  # the call, what came back, and the crop


def test_with_pixel_operations_every_question_has_a_prediction(taught: Path):
    items = [item(colour, image) for colour, image in images(taught / "images").items()]
    predictions = run(model(taught), items, "pixel")
    assert [each.question_id for each in predictions] == list(COLOURS)
    assert {each.status for each in predictions} <= {"ok", "no_answer"}


def test_a_batch_gives_what_each_gives_alone(taught: Path):
    together, alone = ask(model(taught, 3), asks(taught)), ask(model(taught, 1), asks(taught))
    assert [(a.text, a.prompt_tokens, a.completion_tokens) for a in together] == [
        (b.text, b.prompt_tokens, b.completion_tokens) for b in alone
    ]
    assert [a.probability_yes for a in together] == pytest.approx(
        [b.probability_yes for b in alone], abs=1e-4
    )


def test_the_probability_of_yes_is_told_where_it_is_asked_for(taught: Path):
    wanted = asks(taught)
    plain = [each._replace(wants_yes=False) for each in wanted]
    told, untold = ask(model(taught), wanted), ask(model(taught), plain)
    assert all(0 <= (reply.probability_yes or -1) <= 1 for reply in told)
    assert untold == [reply._replace(probability_yes=None) for reply in told]


def test_the_same_model_is_loaded_once(taught: Path, monkeypatch: pytest.MonkeyPatch):
    loaded: list[LocalSettings] = []
    load = local.load

    def counted(settings: LocalSettings) -> tuple[Any, Any]:
        loaded.append(settings)
        return load(settings)

    monkeypatch.setattr(local, "load", counted)
    monkeypatch.setattr(local, "_last", {})
    for batch_size in (2, 2, 3, 2):
        ask(model(taught, batch_size), asks(taught))
    assert [settings.batch_size for settings in loaded] == [2, 3, 2]


def test_when_memory_runs_out_the_batch_is_halved_and_nothing_is_lost(
    taught: Path, monkeypatch: pytest.MonkeyPatch
):
    import torch

    tried: list[int] = []
    generate = LocalModel._generate

    def small_memory(self: LocalModel, asks: Sequence[Ask], max_tokens: int) -> list[Reply]:
        tried.append(len(asks))
        if len(asks) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return generate(self, asks, max_tokens)

    expected = [reply.text for reply in ask(model(taught), asks(taught))]
    monkeypatch.setattr(LocalModel, "_generate", small_memory)
    assert [reply.text for reply in ask(model(taught), asks(taught))] == expected
    assert tried == [3, 1, 1, 1]


def test_an_image_that_is_gone_fails_its_own_question_alone(taught: Path, tmp_path: Path):
    good = images(taught / "images")
    gone = good["red"].model_copy(update={"path": "gone.png"})
    predictions = run(model(taught), [item("blue", good["blue"]), item("red", gone)], "direct")
    assert [(each.status, each.answer) for each in predictions] == [("ok", "blue"), ("no_image", None)]
    assert "gone.png" in (predictions[1].problem or "")


def test_a_question_whose_image_could_not_be_read_is_not_asked(taught: Path):
    image = images(taught / "images")["red"]
    (prediction,) = run(model(taught), [item("red", image, problem="the image is torn")], "direct")
    assert (prediction.status, prediction.problem) == ("no_image", "the image is torn")


def test_an_adapters_folder_loads_with_its_base(taught: Path, tmp_path: Path):
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForImageTextToText, AutoProcessor

    base = taught / "taught" / "model"
    plain: Any = AutoModelForImageTextToText.from_pretrained(base)
    adapted = get_peft_model(plain, LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=True))
    adapted.save_pretrained(tmp_path)
    AutoProcessor.from_pretrained(base).save_pretrained(tmp_path)

    expected = [reply.text for reply in ask(model(taught), asks(taught))]
    assert [reply.text for reply in ask(model(taught, folder=tmp_path), asks(taught))] == expected
    assert model(taught, folder=tmp_path).identity != model(taught).identity


def test_what_is_no_model_is_said_in_one_sentence(tmp_path: Path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserError, match="cannot load the model"):
        ask(LocalModel(LocalSettings(str(tmp_path), device="cpu"), Pixels(tmp_path)), [])
