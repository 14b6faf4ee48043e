"""Rationales and trajectories on a question's page."""

from pathlib import Path
from typing import Any

import pytest

from tests.reporting import sample
from tests.reporting.browser import Browser
from vpd.records import Box, Json, MaskedSpan, Rationale, TrainingRow, View
from vpd.reporting.rationales import Region, rationale_page, sentences, speaks_of, trajectory_page
from vpd.reporting.report import write_report
from vpd.reporting.summary import QuestionRows, RunSummary


def region(noun: str, mark: str = "") -> Region:
    return Region(noun, mark, 0, (0, 0, 1, 1))


@pytest.mark.parametrize(
    ("sentence", "noun", "mark", "named"),
    [
        ("There is one red cube.", "red cube", "", True),
        ("There is one red cube.", "cube", "", True),
        ("There is one blue cube.", "red cube", "", False),
        ("There are three cups.", "cup", "second", True),
        ("The first and third cups are blue.", "cup", "third", True),
        ("The first and third cups are blue.", "cup", "second", False),
        ("The third cup is blue.", "cup", "first", False),
        ("The topmost sign reads “12”.", "sign", "topmost", True),
        ("The topmost sign reads “12”.", "sign", "leftmost", False),
        ("There is one dog.", "cat", "", False),
        ("Both women smile.", "woman", "first", True),
    ],
)
def test_a_sentence_speaks_of_the_regions_that_it_names(sentence: str, noun: str, mark: str, named: bool):
    assert speaks_of(sentence, region(noun, mark)) == named


@pytest.mark.parametrize(("within", "named"), [("the first box", True), ("the second box", False)])
def test_a_sentence_about_one_place_speaks_of_no_region_in_another(within: str, named: bool):
    square = Region("square", "topmost", 0, (0, 0, 1, 1), within)
    assert (
        speaks_of("The first box has two squares, and the topmost square is the second one.", square) == named
    )


@pytest.mark.parametrize(
    "text",
    [
        "There are two cups. The first cup is blue. So the answer is 1.",
        "The sign reads “NO. 5”. The answer is 5.",
        "It costs 3.50 dollars. The answer is 3.50.",
    ],
)
def test_sentences_end_where_sentences_end(text: str):
    assert " ".join(sentences(text)) == text
    assert len(sentences(text)) == text.count(". ") + 1 - text.count("NO. ")


FACTS: Json = [
    {
        "kind": "detected",
        "noun": "circle",
        "count": 2,
        "things": [
            {"noun": "circle", "mark": "first", "box": [10, 10, 60, 60]},
            {"noun": "circle", "mark": "second", "box": [100, 10, 160, 60]},
        ],
    },
    {"kind": "property", "thing": {"noun": "circle", "mark": "second", "box": [100, 10, 160, 60]}},
    {"kind": "answer", "answer": "1"},
]
TEXT = "There are two circles. The second circle is red, and a <b>zebra</b> sleeps. The answer is 1."


def rationale(example: str) -> Rationale:
    claims = ("and a <b>zebra</b> sleeps",)
    return Rationale(example_id=example, index=0, text=TEXT, facts=FACTS, unsupported=claims)


def trajectory(rows: QuestionRows) -> TrainingRow:
    image = rows.example.images[0]
    wrong: Box = (300, 200, 400, 260)
    right: Box = (90, 0, 170, 70)

    def call(box: Box) -> str:
        arguments = f'{{"bbox_2d": {list(box)}, "target_image": 1}}'
        return f'<tool_call>\n{{"name": "zoom_in", "arguments": {arguments}}}\n</tool_call>'

    def shown(number: int) -> dict[str, Json]:
        tag: list[Json] = [{"type": "text", "text": f"<tool_response>\nPicture {number}:"}, {"type": "image"}]
        return {"role": "user", "content": tag}

    first = f"I look for it.\n{call(wrong)}"
    messages: list[Json] = [
        {"role": "system", "content": "Tools"},
        {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What?"}]},
        {"role": "assistant", "content": first},
        shown(2),
        {"role": "assistant", "content": f"Not here.\n{call(right)}"},
        shown(3),
        {"role": "assistant", "content": "The answer is 1."},
    ]
    return TrainingRow(
        id="t",
        example_id=rows.example.id,
        task="trajectory",
        messages=messages,
        images=(View(image=image), View(image=image, box=wrong), View(image=image, box=right)),
        masked=(MaskedSpan(message=2, start=15, end=len(first)),),
        provenance={"kind": "wrong_once", "cue": [100, 10, 160, 60]},
    )


def test_the_page_of_a_rationale_has_each_sentence_with_its_boxes():
    first, second, last = rationale_page(rationale("e"))["sentences"]
    assert [each["box"] for each in first["boxes"]] == [[10, 10, 60, 60], [100, 10, 160, 60]]
    assert [each["box"] for each in second["boxes"]] == [[100, 10, 160, 60]]
    assert second["unsupported"] == ["and a <b>zebra</b> sleeps"]
    assert last["boxes"] == []


def test_the_page_of_a_trajectory_has_what_each_call_showed(tmp_path: Path):
    [rows] = sample.run(tmp_path, 1)
    page = trajectory_page(trajectory(rows), rows.example)
    assert [turn["masked"] for turn in page["turns"]] == [True, False, False]
    assert page["turns"][0]["call"] == "zoom_in(bbox_2d=[300, 200, 400, 260], target_image=1)"
    assert page["turns"][1]["views"] == [{"image": 0, "box": [90, 0, 170, 70]}]
    assert page["cue"] == [100, 10, 160, 60]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("distilled")
    first, second = sample.run(folder / "images", 2)
    told = first._replace(rationales=[rationale(first.example.id)], trained=[trajectory(first)])
    return write_report(folder / "report", [told, second], folder / "images", RunSummary("a run"))


@pytest.fixture
def opened(browser: Browser, page: Path) -> Browser:
    browser.open(page, "#question?n=1&program=1")
    browser.wait_for("document.querySelector('.rationale')")
    return browser


def boxes(browser: Browser) -> list[Any]:
    return browser.run(
        "[...document.querySelectorAll('.canvas rect.result')].map(r => "
        "['x', 'y'].map(name => Number(r.getAttribute(name))))"
    )


def test_pointing_at_a_sentence_shows_what_it_speaks_of(opened: Browser):
    opened.point(".sentence:nth-of-type(2)")
    opened.wait_for("document.querySelectorAll('.canvas rect.result').length === 1")
    assert boxes(opened) == [[100, 10]]
    opened.point("h1")
    opened.wait_for("document.querySelectorAll('.canvas rect.result').length === 0")


def test_the_keyboard_reaches_a_sentence(opened: Browser):
    opened.send("Emulation.setFocusEmulationEnabled", enabled=True)
    opened.run("document.querySelector('.sentence').focus()")
    assert boxes(opened) == [[10, 10], [100, 10]]
    opened.run("document.querySelector('.sentence').blur()")
    assert boxes(opened) == []


def test_unsupported_claims_are_marked_and_are_text(opened: Browser):
    assert opened.texts(".sentence mark") == ["and a <b>zebra</b> sleeps"]
    assert opened.run("document.querySelectorAll('.rationale b').length") == 0
    assert "1 claim not borne out" in opened.texts(".rationale .refused")[0]


def test_trajectories_show_their_crops_and_what_is_wrong_on_purpose(opened: Browser):
    assert opened.run("document.querySelectorAll('.trajectory .crop svg').length") == 2
    assert opened.run("document.querySelector('.crop svg').getAttribute('viewBox')") == "300 200 100 60"
    assert opened.texts(".trajectory .flag") == ["wrong on purpose: no loss"]
    opened.point(".trajectory .crop")
    opened.wait_for("document.querySelector('.canvas rect.region')")
    assert boxes(opened) == [[100, 10]]


def test_other_programs_have_no_rationale_and_nothing_is_asked_of_the_network(opened: Browser, page: Path):
    opened.go("#question?n=1&program=2")
    opened.wait_for("document.querySelector('.tabs a:nth-child(2)[aria-current]')")
    assert opened.run("document.querySelector('.rationale')") is None
    assert opened.problems == []
    assert all(address.startswith("file:") for address in opened.requests if address != "about:blank")
