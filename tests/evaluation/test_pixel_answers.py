"""With pixel operations, calls are executed for real, mistakes are answered, and the model sees what came back."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.evaluation.asked import definition, endpoint, evaluate
from tests.language_models.server import Exchange, Server, reply
from vpd.evaluation.answering.pixel import MOST_CALLS
from vpd.evaluation.loading import Asked
from vpd.evaluation.records import Prediction
from vpd.pipeline.evaluate import AnswerSettings, System
from vpd.pixel_operations import call_text


def questions(folder: Path, images: int = 1, video: bool = False) -> Path:
    """One question about a picture that is red on the left and blue on the right."""
    folder.mkdir(exist_ok=True)
    for number in range(images):
        image = Image.new("RGB", (200, 100), "red")
        image.paste("blue", (100, 0, 200, 100))
        image.save(folder / f"{number}.png")
    line = {
        "id": "q",
        "images": [f"{n}.png" for n in range(images)],
        "question": "Which colour is on the right?",
        "answer": "blue",
        "video": video,
    }
    path = folder / "questions.jsonl"
    path.write_text(json.dumps(line) + "\n")
    return path


def look(tmp_path: Path, said: list[str], **values: Any) -> tuple[Prediction, list[Exchange], float]:
    """What comes of a conversation in which the model says these things, one after the other."""

    def script(exchange: Exchange):
        return reply(said[exchange.number])

    path = questions(tmp_path / "data", **values)
    with Server(script) as server:
        system = System(endpoint(server), "pixel", AnswerSettings())
        scored = evaluate(tmp_path / "run", Asked(definition(options="list"), questions=path), system)
        log = server.log
    (prediction,) = scored.systems[0].predictions.values()
    return prediction, log, scored.systems[0].scores.value()


def pictures(exchange: Exchange) -> list[Image.Image]:
    """The pictures of a request, decoded, in order."""
    parts = [
        part for m in exchange.body["messages"] if isinstance(m["content"], list) for part in m["content"]
    ]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) for url in urls]


ZOOM = "I look closer.\n" + call_text("zoom_in", {"bbox_2d": [500, 0, 1000, 1000], "target_image": 1})


def test_the_crop_that_was_asked_for_is_what_the_model_sees(tmp_path: Path):
    prediction, log, score = look(tmp_path, [ZOOM + " and then", "It is blue, so the answer is blue."])

    assert (prediction.status, prediction.answer, score) == ("ok", "blue", 1.0)
    assert prediction.turns == [
        {"call": json.dumps({"name": "zoom_in", "arguments": {"bbox_2d": [500, 0, 1000, 1000], "target_image": 1}}),
         "shown": [[100, 0, 200, 100]]}
    ]  # fmt: skip
    whole, crop = pictures(log[1])
    assert (whole.size, crop.size) == ((200, 100), (100, 100))
    assert crop.convert("RGB").getcolors() == [(100 * 100, (0, 0, 255))]
    # What stood after the call was written without having seen the crop.
    assert log[1].body["messages"][2] == {"role": "assistant", "content": ZOOM}
    assert (prediction.prompt_tokens, prediction.completion_tokens) == (20, 10)


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("{zoom}", "not JSON"),
        ('{"name": "zoom_in"}', "arguments"),
        ("[1]", "arguments"),
        ('{"name": "erase", "arguments": {}}', "no operation 'erase'"),
        ('{"name": "zoom_in", "arguments": {"bbox_2d": [0, 0, 0, 0], "target_image": 1}}', "x1 < x2"),
        ('{"name": "zoom_in", "arguments": {"bbox_2d": [0, 0, 9, 9], "target_image": 7}}', "no picture 7"),
        ('{"name": "zoom_in", "arguments": {"bbox_2d": [0, 0, 9, 9], "target_image": "1"}}', "whole number"),
        ('{"name": "zoom_in", "arguments": {"bbox_2d": ["a", 0, 9, 9]}}', "numbers"),
        ('{"name": "zoom_in", "arguments": {"bbox_2d": [0, 0, 1e999, 9]}}', "too large"),
        ('{"name": "zoom_in", "arguments": {"bbox_2d": [0, 0, NaN, 9]}}', "too large"),
        ('{"name": "select_frames", "arguments": {"target_frames": [1]}}', "no video"),
    ],
)
def test_a_call_that_makes_no_sense_is_answered_and_the_model_goes_on(
    tmp_path: Path, call: str, problem: str
):
    prediction, log, _ = look(tmp_path, [f"<tool_call>\n{call}\n</tool_call>", "The answer is blue."])
    assert prediction.answer == "blue"
    assert isinstance(prediction.turns, list)
    assert problem in prediction.turns[0]["problem"]
    assert problem in log[1].body["messages"][-1]["content"][0]["text"]


def test_frames_of_a_video_are_shown_again(tmp_path: Path):
    call = call_text("select_frames", {"target_frames": [2, 3]})
    prediction, log, _ = look(tmp_path, [call, "The answer is blue."], images=3, video=True)
    assert prediction.answer == "blue"
    assert [len(pictures(exchange)) for exchange in log] == [3, 5]


def test_who_never_stops_looking_gives_no_answer(tmp_path: Path):
    prediction, log, score = look(tmp_path, [ZOOM] * (MOST_CALLS + 1))
    assert (prediction.status, score) == ("no_answer", 0.0)
    assert len(log) == MOST_CALLS + 1
