"""A replay computes what the sandbox did: its values are those of the trace, and so is its answer."""

import pytest

from tests.distillation.gold_programs import runs
from tests.distillation.small_worlds import Teller
from vpd.distillation.replay.replay import Replay, replay
from vpd.distillation.replay.values import Opaque, Value
from vpd.sampling.examples import FewShot, load_examples

EXAMPLES = list(load_examples().values())
PROGRAMS = 500


def corrected(told: Replay) -> list[Value]:
    """Values that the replay computed otherwise than the trace shows them."""
    values = [event.value for event in told.events if event.kind in ("bind", "test", "return")]
    return [v for v in values if isinstance(v.form, Opaque) and v.form.source == "" and _known(v.form.parts)]


def _known(parts: tuple[Value, ...]) -> bool:
    return len(parts) == 1 and parts[0].known and not isinstance(parts[0].data, list | str)


def test_gold_programs_are_replayed_to_the_same_values():
    for run in runs(PROGRAMS):
        told = replay(run.example, run.candidate.program, run.execution)
        assert told is not None, run.candidate.program
        assert corrected(told) == [], run.candidate.program
        assert told.returned.deps, run.candidate.program


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_few_shot_examples_are_replayed_to_the_same_values(example: FewShot, tell: Teller):
    told = tell.in_world(example.program, example.world, example.question, example.choices, example.video)
    assert told.execution.answer == example.answer
    replayed = replay(told.example, told.program, told.execution)
    assert replayed is not None
    assert corrected(replayed) == []
    assert told.checker.check(told.text()) == []


@pytest.mark.parametrize(
    "program",
    [
        "x = 1\nwhile True:\n    x = x * x + 1\nreturn 'never'",
        "xs = [image] * 9\nys = [xs] * 9\nreturn 'deep'",
    ],
)
def test_a_program_that_is_not_that_of_the_trace_is_not_replayed(program: str, tell: Teller):
    told = tell("return 'done'", {"width": 9, "height": 9})
    body = "\n".join(f"    {line}" for line in program.splitlines())
    assert replay(told.example, f"def execute_command(image):\n{body}\n", told.execution) is None


def test_nothing_of_a_program_is_executed(tell: Teller, tmp_path):  # type: ignore[no-untyped-def]
    told = tell("return 'done'", {"width": 9, "height": 9})
    file = tmp_path / "proof"
    evil = f"def execute_command(image):\n    open({str(file)!r}, 'w').write('x')\n    return 'done'\n"
    replay(told.example, evil, told.execution)
    assert not file.exists()
