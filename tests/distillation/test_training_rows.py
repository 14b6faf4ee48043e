"""Which rows a question gives: its label, its rationale, its trajectory, and when one is left out."""

from typing import Any

import pytest

from vpd.distillation.facts.models import Concluded, Detected, Fact, HasText, Thing, dump
from vpd.distillation.rows.rows import Kept, RowMaker, label, rationale_fault
from vpd.distillation.settings import DistillationSettings, RationaleSettings, TrajectorySettings
from vpd.records import Candidate, Example, ImageFile, Rationale, TrainingRow, Verdict

SIGN = Thing(noun="sign", box=(40, 40, 60, 52))
READ: tuple[Fact, ...] = (
    Detected(noun="sign", count=1, things=(SIGN,), steps=(0,)),
    HasText(thing=SIGN, lines=("12",), steps=(1,)),
    Concluded(answer="12", steps=(2,)),
)


def example(**changes: Any) -> Example:
    image = ImageFile(path="a.png", sha256="0" * 64, width=400, height=300)
    values: dict[str, Any] = {"id": "e", "images": (image,), "question": "What is on the sign?"}
    return Example(**(values | {"answers": ("12",), "source": "signs"} | changes))


def kept(
    text: str = "The sign reads 12. The answer is 12.", facts: tuple[Fact, ...] = READ, **changes: Any
) -> Kept:
    return Kept(
        Candidate(example_id="e", index=3, program="…", round=2, model="m", log_probability=-2.5),
        Verdict(
            example_id="e", index=3, status="ok", correct=True, kept=True, selected=True, probability=0.9
        ),
        Rationale(example_id="e", index=3, text=text, facts=dump(facts), **changes),
    )


def rows(
    asked: Example, of: Kept | None, settings: DistillationSettings | None = None
) -> dict[str, TrainingRow]:
    return {row.task: row for row in RowMaker(settings or DistillationSettings()).rows(asked, of)}


def test_a_labelled_question_with_a_kept_program_gives_all_three():
    made = rows(example(), kept())
    assert list(made) == ["label", "rationale", "trajectory"]
    assert {row.id for row in made.values()} == {"e/label", "e/rationale", "e/trajectory"}
    assert {row.example_id for row in made.values()} == {"e"}


def test_without_a_kept_program_there_is_the_label():
    assert list(rows(example(), None)) == ["label"]


def test_without_a_label_there_is_no_label_row():
    assert list(rows(example(answers=()), kept())) == ["rationale", "trajectory"]


def test_a_question_whose_images_cannot_be_read_gives_nothing():
    assert rows(example(problem="no such file"), None) == {}


@pytest.mark.parametrize(
    ("of", "fault", "tasks"),
    [
        (kept(unsupported=("a zebra",)), "unsupported", ["label"]),
        (kept(facts=(Concluded(answer="12"),)), "nothing_seen", ["label"]),
        (kept(text="word " * 200 + "The answer is 12."), "long", ["label", "trajectory"]),
        (kept(), None, ["label", "rationale", "trajectory"]),
    ],
)
def test_what_is_not_to_be_learned_is_left_out(of: Kept, fault: str | None, tasks: list[str]):
    assert rationale_fault(of.rationale, RationaleSettings()) == fault
    assert list(rows(example(), of)) == tasks


def test_trajectories_need_no_rationale_rows():
    settings = DistillationSettings(labels=False, rationales=None, trajectories=TrajectorySettings())
    assert list(rows(example(), kept(), settings)) == ["trajectory"]


def test_the_label_is_the_commonest_reference_answer():
    assert label(example(answers=("red", "blue", "blue"))) == "blue"
    assert label(example(answers=("red", "blue"))) == "red"


def test_choices_are_asked_with_the_question():
    made = rows(example(choices=("10", "12")), kept())
    for row in made.values():
        assert isinstance(row.messages, list)
        assert "What is on the sign? Choices: 10; 12" in str(row.messages)


def test_provenance_says_where_a_row_comes_from():
    settings = DistillationSettings(trajectories=TrajectorySettings(text_only=0))
    made = rows(example(), kept(), settings)
    assert made["label"].provenance == {"source": "signs"}
    assert made["rationale"].provenance == {
        "source": "signs",
        "program": 3,
        "round": 2,
        "model": "m",
        "log_probability": -2.5,
        "probability": 0.9,
        "written_by": "template",
    }
    trajectory = made["trajectory"].provenance
    assert isinstance(trajectory, dict)
    assert trajectory["cue"] == [40.0, 40.0, 60.0, 52.0]
    assert trajectory["kind"] in ("single", "wrong_once", "wrong_twice", "closer")
