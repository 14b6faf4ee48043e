"""Small local data sets with the hub's columns, one for each benchmark, and what a known system scores on them."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image


def picture(colour: str) -> Image.Image:
    return Image.new("RGB", (32, 24), colour)


def png(colour: str) -> bytes:
    buffer = io.BytesIO()
    picture(colour).save(buffer, "PNG")
    return buffer.getvalue()


Table = dict[str, list[Any]]


@dataclass(frozen=True)
class StandIn:
    """A benchmark's tables by file, what a system says to whom, and its scores worked out by hand."""

    tables: dict[str, Table]
    replies: dict[str, str]
    """By a part of the prompt."""
    score: float
    figures: dict[str, float] = field(default_factory=dict)
    categories: dict[str, float] = field(default_factory=dict)
    asked: str = ""
    """The text of one prompt in full."""
    files: dict[str, bytes] = field(default_factory=dict)


def write(stand_in: StandIn, folder: Path) -> Path:
    """Write the tables as Parquet, with images as the hub stores them."""
    from datasets import Dataset
    from datasets import Image as ImageFeature

    for name, table in stand_in.tables.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = Dataset.from_dict(table)
        for column, values in table.items():
            if isinstance(values[0], Image.Image):
                data = data.cast_column(column, ImageFeature())
        data.to_parquet(str(path))
    for name, content in stand_in.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


RED, BLUE, GREEN = (picture(colour) for colour in ("red", "blue", "green"))


def ten(first: str, times: int, other: str) -> list[str]:
    return [first] * times + [other] * (10 - times)


def _people(answers: list[str]) -> list[dict[str, Any]]:
    return [
        {"answer": answer, "answer_confidence": "yes", "answer_id": i} for i, answer in enumerate(answers)
    ]


STAND_INS: dict[str, Callable[[], StandIn]] = {
    "gqa": lambda: StandIn(
        {
            "testdev_balanced_instructions/testdev-00000.parquet": {
                "id": ["1", "2", "3", "4"],
                "imageId": ["n1", "n2", "n2", "n1"],
                "question": ["What colour is it?", "Is it big?", "What is it?", "Who is there?"],
                "answer": ["red", "no", "traffic light", "nobody"],
            },
            "testdev_balanced_images/testdev-00000.parquet": {"id": ["n1", "n2"], "image": [RED, BLUE]},
        },
        {"colour": "Red.", "big": "yes", "What is it": "traffic-light", "Who": "nobody"},
        score=0.5,  # "traffic-light" is not "traffic light" once punctuation is dropped
        asked="What colour is it? Answer with a single word or phrase.",
    ),
    "vqav2": lambda: StandIn(
        {
            "validation-0.parquet": {
                "question_id": [10, 11],
                "image": [RED, BLUE],
                "question": ["What is this?", "How many?"],
                "answers": [_people(ten("sofa", 2, "couch")), _people(ten("2", 10, ""))],
                "answer_type": ["other", "number"],
            }
        },
        {"What": "sofa", "How": "Two"},
        score=0.8,  # two of ten agree: 0.6
        categories={"number": 1.0, "other": 0.6},
    ),
    "okvqa": lambda: StandIn(
        {
            "val2014-0.parquet": {
                "question_id": ["a", "b"],
                "image": [RED, BLUE],
                "question": ["What sport?", "What year?"],
                "answers": [ten("tennis", 10, ""), ten("1990", 1, "2000")],
            }
        },
        {"sport": "The tennis", "year": "1990"},
        score=0.65,  # one of ten agrees: 0.3
    ),
    "aokvqa-mc": lambda: StandIn(
        {
            "validation-0.parquet": {
                "question_id": ["a", "b", "c"],
                "image": [RED, BLUE, GREEN],
                "question": ["Why red?", "Why blue?", "Why green?"],
                "choices": [["paint", "rust", "light", "blood"]] * 3,
                "correct_choice_idx": [1, 2, 3],
            }
        },
        {"Why red": "B", "Why blue": "light", "Why green": "A"},
        score=2 / 3,
        asked="Why red?\nA. paint\nB. rust\nC. light\nD. blood\n"
        "Answer with the option's letter from the given choices directly.",
    ),
    "aokvqa-da": lambda: StandIn(
        {
            "validation-0.parquet": {
                "question_id": ["a", "b", "c"],
                "image": [RED, BLUE, GREEN],
                "question": ["What is it?", "Who is it?", "Where is it?"],
                # The hub holds the list as the text that Python writes for it.
                "direct_answers": [str(ten("cab", 2, "taxi")), str(ten("a cook", 9, "chef")), "['x']"],
                "difficult_direct_answer": [False, False, True],
            }
        },
        {"What": "Cab.", "Who": "cook", "Where": "x"},
        score=1 / 3,  # 2/3 and 0; the difficult one is no part of the score
    ),
    "tallyqa": lambda: StandIn(
        {
            "test-0.parquet": {
                "image": [RED, BLUE],
                "qa": [
                    [
                        {"question": "How many cats?", "answer": 3, "is_simple": True},
                        {"question": "How many black cats?", "answer": 1, "is_simple": False},
                    ],
                    [{"question": "How many dogs?", "answer": 0, "is_simple": True}],
                ],
            }
        },
        {"many cats": "three cats", "black cats": "2", "dogs": "0"},
        score=2 / 3,
        categories={"complex": 0.0, "simple": 1.0},
    ),
    "textvqa": lambda: StandIn(
        {
            "validation-0.parquet": {
                "question_id": [1, 2],
                "image": [RED, BLUE],
                "question": ["What does it say?", "What brand?"],
                "answers": [ten("stop", 4, "go"), ten("nokia", 10, "")],
            }
        },
        {"say": "STOP", "brand": "samsung"},
        score=0.5,
    ),
    "pope": lambda: StandIn(
        {
            "test-0.parquet": {
                "question_id": ["1", "1", "2", "2"],
                "image": [RED] * 4,
                "question": ["a dog?", "a cat?", "a bus?", "a cup?"],
                "answer": ["yes", "no", "yes", "no"],
                "category": ["random", "adversarial", "random", "adversarial"],
            }
        },
        {"dog": "Yes, there is.", "cat": "yes", "bus": "No", "cup": "There is no cup"},
        score=0.5,
        figures={"accuracy": 0.5, "precision": 0.5, "recall": 0.5, "yes ratio": 0.5},
    ),
    "mmbench": lambda: StandIn(
        {
            "en/dev-0.parquet": {
                "index": [7, 1_000_007, 8, 1_000_008],
                "question": ["Which seven?", "Which seven turned?", "Which eight?", "Which eight turned?"],
                "hint": ["nan", "nan", "Look closely.", "Look closely."],
                "image": [RED] * 4,
                "A": ["x", "y", "p", "q"],
                "B": ["y", "x", "q", "p"],
                "C": ["nan"] * 4,
                "D": ["nan"] * 4,
                "answer": ["A", "B", "B", "A"],
                "category": ["logic", "logic", "ocr", "ocr"],
            }
        },
        {"seven?": "A", "seven turned": "B", "eight?": "B", "eight turned": "B"},
        score=0.5,
        figures={"accuracy of single rotations": 0.75},
        categories={"logic": 1.0, "ocr": 0.0},
        asked="Look closely.\nWhich eight?\nA. p\nB. q\n"
        "Answer with the option's letter from the given choices directly.",
    ),
    "hateful-memes": lambda: StandIn(
        {
            "validation-0.parquet": {
                "id": [1, 2, 3, 3],
                "img": ["img/1.png", "img/2.png", "img/3.png", "img/3.png"],
                "text": ["good day", "bad words", "worse words", "worse words"],
                "label": [0, 1, 1, 1],
            }
        },
        {"good": "no", "bad": "yes", "worse": "no"},
        score=0.75,  # of the pairs of a hateful and a harmless one, one is ordered and one is a tie
        figures={"accuracy": 2 / 3},
        files={f"img/{n}.png": png("red") for n in (1, 2, 3)},
        asked='The text on this meme reads: "good day". Is the meme hateful? Answer yes or no.',
    ),
    "vstar": lambda: StandIn(
        {
            "test-0.parquet": {
                "question_id": ["1", "2"],
                "image": [RED, BLUE],
                "text": ["What colour? (A) red (B) blue", "Which side? (A) left (B) right"],
                "label": ["B", "A"],
                "category": ["direct_attributes", "relative_position"],
            }
        },
        {"colour": "(B)", "side": "B"},
        score=0.5,
        categories={"direct_attributes": 1.0, "relative_position": 0.0},
    ),
    "infographicvqa": lambda: StandIn(
        {
            "InfographicVQA/validation-0.parquet": {
                "questionId": ["1", "2"],
                "image": [RED, BLUE],
                "question": ["Which city?", "What share?"],
                "answers": [["Paris", "paris"], ["40%"]],
            }
        },
        {"city": "Pariz", "share": "7"},
        score=0.4,  # one letter of five is wrong: 0.8
    ),
}
