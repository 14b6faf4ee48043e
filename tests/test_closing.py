"""The tables at a run's end count samples, not programs, and know nothing of time."""

from pathlib import Path

from vpd.commands.closing import Closing
from vpd.commands.evaluate_recipe import Evaluated
from vpd.evaluation.folder import EvaluationFolder
from vpd.records import Candidate, Example, TrainingRow, Usage, Verdict
from vpd.store import Run


def example(name: str, *answers: str) -> Example:
    return Example(id=name, images=(), question="?", answers=answers)


def candidate(name: str, index: int, weight: int = 1) -> Candidate:
    usage = Usage(prompt_tokens=10, completion_tokens=5)
    return Candidate(example_id=name, index=index, program="", weight=weight, usage=usage)


def verdict(name: str, index: int, correct: bool) -> Verdict:
    return Verdict(example_id=name, index=index, status="ok", correct=correct, kept=correct)


def written(root: Path) -> Run:
    """Two labelled questions: of one, one of four samples is right, of the other all."""
    run = Run(root)
    run.examples.write(0, [example("a", "1"), example("b", "1"), example("c")], "")
    candidates = [
        candidate("a", 0, weight=3),
        candidate("a", 1),
        candidate("b", 0, weight=4),
        candidate("c", 0),
    ]
    verdicts = [verdict("a", 0, False), verdict("a", 1, True), verdict("b", 0, True)]
    for programs in (run, run.round(1)):
        programs.candidates.write(0, candidates, "")
        programs.verdicts.write(0, verdicts, "")
    return run


def test_the_first_sample_is_the_mean_of_all_and_within_asks_for_any(tmp_path: Path):
    run = written(tmp_path / "run")
    row = TrainingRow(id="a/rationale", example_id="a", task="rationale", messages=[], images=())
    run.rows.write(0, [row], "")
    table = Closing(run, Evaluated(EvaluationFolder(tmp_path), run)).figures()[0]
    found = {str(row[0]): row[1] for row in table.rows}
    assert found["round 1: accepted"] == "66.7 % (2 of 3)"
    assert found["held out: right at the first sample"] == "62.5 %"
    assert found["held out: right within 4"] == "100.0 %"
    assert found["tokens read and written per kept rationale"] == 60


def test_without_rationales_they_have_no_price(tmp_path: Path):
    run = written(tmp_path / "run")
    table = Closing(run, Evaluated(EvaluationFolder(tmp_path), run)).figures()[0]
    assert next(row[1] for row in table.rows if "per kept rationale" in str(row[0])) is None
