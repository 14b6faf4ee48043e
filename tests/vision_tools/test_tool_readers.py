"""Text readers: rapidocr and tesseract on rendered and real text, and a Florence-2 taught two lines."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny_models
import torch
from PIL import Image, ImageDraw, ImageFont

from vision_tools.errors import ToolError, ToolUnavailable
from vision_tools.regions import Box, Region
from vision_tools.registry import create
from vision_tools.roles import TextReader

RegionOf = Callable[..., Region]


@pytest.fixture(scope="module", params=["rapidocr", "tesseract"])
def reader(request: pytest.FixtureRequest) -> Any:
    if request.param == "tesseract" and shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed")
    tool = create("reader", request.param, {})
    assert isinstance(tool, TextReader)
    return tool


@pytest.fixture(scope="module")
def page() -> Image.Image:
    """Two columns of two lines each, over an empty lower half."""
    image = Image.new("RGB", (640, 320), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(40)
    for text, place in [
        ("TOTAL", (20, 12)),
        ("12.50", (420, 10)),
        ("DATE", (20, 90)),
        ("24-01-18", (400, 92)),
    ]:
        pen.text(place, text, "black", font=font)
    return image


def test_lines_come_in_reading_order(reader: Any, page: Image.Image, region_of: RegionOf) -> None:
    lines = reader.read([region_of(page)])[0]
    assert " ".join(line.text for line in lines) == "TOTAL 12.50 DATE 24-01-18"
    assert all(0.5 <= line.score <= 1 for line in lines)


def test_boxes_are_in_pixels_of_the_region(reader: Any, page: Image.Image, region_of: RegionOf) -> None:
    line = reader.read([region_of(page, (380, 70, 640, 160))])[0][0]
    assert line.text == "24-01-18"
    assert tuple(line.box) == pytest.approx((20, 30, 200, 60), abs=25)


def test_a_region_without_text_gives_no_lines(reader: Any, page: Image.Image, region_of: RegionOf) -> None:
    parts = [(0, 160, 640, 320), (5, 5, 6, 6), (0, 200, 3, 240), (0, 200, 640, 203)]
    assert reader.read([region_of(page, part) for part in parts]) == [[], [], [], []]


def test_a_batch_gives_what_each_call_gives_alone(
    reader: Any, page: Image.Image, region_of: RegionOf
) -> None:
    regions = [region_of(page), region_of(page, (0, 0, 300, 160)), region_of(page, (0, 70, 640, 160))]
    assert reader.read(regions) == [reader.read([region])[0] for region in regions]


def test_rapidocr_reads_real_receipts(real_data: Path, region_of: RegionOf) -> None:
    lines = (real_data / "receipts" / "questions.jsonl").read_text().splitlines()
    questions = [json.loads(line) for line in lines[:6]]
    tool: Any = create("reader", "rapidocr", {})
    files = sorted({question["image"] for question in questions})
    read = dict(zip(files, tool.read([region_of(real_data / "receipts" / f) for f in files]), strict=True))
    for question in questions:
        text = "".join(line.text for line in read[question["image"]]).replace(" ", "").lower()
        assert question["answer"].replace(" ", "").lower() in text, question["id"]


def test_a_missing_tesseract_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolUnavailable, match="apt install tesseract-ocr"):
        create("reader", "tesseract", {})


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_a_missing_language_says_how_to_install_it() -> None:
    with pytest.raises(ToolUnavailable, match="no language 'xyz': apt install tesseract-ocr-xyz"):
        create("reader", "tesseract", {"languages": "eng+xyz"})


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_tesseract_is_stopped_when_it_takes_too_long(page: Image.Image, region_of: RegionOf) -> None:
    tool: Any = create("reader", "tesseract", {})
    tool._timeout = 0.001
    with pytest.raises(ToolError, match="took longer than"):
        tool.read([region_of(page)])


@pytest.fixture(scope="module")
def florence(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A tiny Florence-2 that has learnt to read `total` off a black picture and two lines off a white one."""
    torch.manual_seed(0)
    model, processor = tiny_models.florence2()
    corners = "<loc_{0}> <loc_{1}> <loc_{2}> <loc_{1}> <loc_{2}> <loc_{3}> <loc_{0}> <loc_{3}>"
    black = "total " + corners.format(100, 200, 500, 400)
    white = "cat " + corners.format(500, 500, 900, 700) + " ball " + corners.format(0, 0, 499, 250)
    images = [Image.new("RGB", (200, 100), colour) for colour in ("black", "white")]
    inputs = processor(images=images, text=["<OCR_WITH_REGION>"] * 2, return_tensors="pt")
    labels = processor.tokenizer([f"{t} </s>" for t in (black, white)], padding=True, return_tensors="pt")
    targets = labels["input_ids"].masked_fill(labels["attention_mask"] == 0, -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(400):
        loss = model(**inputs, labels=targets).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if loss.item() < 0.01:
            break
    assert loss.item() < 0.1
    settings = tiny_models.saved(tmp_path_factory.mktemp("saved"), model, processor)
    return {**settings, "max_new_tokens": 40, "beams": 1}


def test_florence2_reads_lines_with_their_boxes(florence: dict[str, Any], region_of: RegionOf) -> None:
    tool: Any = create("reader", "florence2", florence)
    black, white = (region_of(Image.new("RGB", (200, 100), colour)) for colour in ("black", "white"))
    together = tool.read([black, white, black])
    assert [[line.text for line in lines] for lines in together] == [["total"], ["ball", "cat"], ["total"]]
    assert together[0][0].box == pytest.approx(Box(20, 20, 100, 40), abs=1)
    assert together == [tool.read([region])[0] for region in (black, white, black)]
