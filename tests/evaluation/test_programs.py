"""What a run's programs answer: by the vote of the first round, and only what they were asked."""

from pathlib import Path

import pytest

from vpd.evaluation.answering.programs import Programs
from vpd.evaluation.benchmark import Benchmark
from vpd.evaluation.records import Item, Prediction
from vpd.records import Candidate, Example, Execution, ImageFile, Usage
from vpd.store import Run

OWN = Benchmark(name="own", title="Own", metric="same_answer")
QUESTION = Example(
    id="0",
    images=(ImageFile(path="a.png", sha256="a", width=4, height=4),),
    question="How many cats?",
    answers=("2",),
)


def run(folder: Path, *programs: tuple[str, int, int]) -> Run:
    """A run on the question, whose programs are given as answer, round and weight."""
    made = Run(folder)
    made.examples.write(0, [QUESTION], "")
    usage = Usage(prompt_tokens=10, completion_tokens=1)
    candidates = [
        Candidate(example_id="0", index=i, program="p", round=number, weight=weight, usage=usage)
        for i, (_, number, weight) in enumerate(programs)
    ]
    executions = [
        Execution(example_id="0", index=i, status="ok", answer=answer)
        for i, (answer, _, _) in enumerate(programs)
    ]
    made.candidates.write(0, candidates, "")
    made.executions.write(0, executions, "")
    return made


def predict(run: Run, example: Example = QUESTION) -> Prediction:
    return Programs(run).prediction(Item(example=example), OWN)


def test_the_answer_of_most_programs(tmp_path: Path):
    assert predict(run(tmp_path, ("3", 1, 1), ("2", 1, 1), ("two", 1, 1))).answer == "2"
    assert predict(run(tmp_path, ("3", 1, 3), ("2", 1, 1), ("2", 1, 1))).answer == "3"


def test_rounds_that_only_wrong_answers_bring_about_do_not_vote(tmp_path: Path):
    found = predict(run(tmp_path, ("3", 1, 1), ("2", 2, 5)))
    assert found.answer == "3"
    assert (found.prompt_tokens, found.completion_tokens) == (10, 1)


@pytest.mark.parametrize(
    "asked",
    [
        {"question": "What colour is the bus?"},
        {"images": (ImageFile(path="a.png", sha256="b", width=4, height=4),)},
    ],
)
def test_another_question_of_the_same_id_is_not_answered(tmp_path: Path, asked: dict[str, object]):
    found = predict(run(tmp_path, ("2", 1, 1)), QUESTION.model_copy(update=asked))
    assert (found.status, found.answer) == ("no_program", None)
    assert found.problem == "the run asks something else under this id"
