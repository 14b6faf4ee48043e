"""Which calls an answer hangs on."""

import pytest

from tests.verification.programs import SIZE, example, run
from vpd.execution.entry import ProgramInputs
from vpd.execution.known import called, known_results
from vpd.execution.limits import Limits
from vpd.execution.reruns import Reruns, Study
from vpd.verification.counterfactuals import calls, changes, hangs
from vpd.verification.looks import looks


async def hung(program: str) -> tuple[list[str], list[str]]:
    """The expressions of the calls that the answer hangs on, and of those that are idle."""
    about = example("?", None)
    _, [done] = await run(about, [program])
    assert done.status == "ok", done.error
    assert done.answer is not None
    trace = called(done.steps, (SIZE,))
    known = known_results(trace, (SIZE,))
    tried = calls(trace, looks(program).compared)
    async with Reruns(Limits(), 1) as reruns:
        [found] = await reruns.look_into(
            ProgramInputs((SIZE,)), [known], [Study(program, changes(tried), [])]
        )
    assert found is not None
    told = hangs(tried, found, done.answer)
    return [done.steps[i].expression for i in told.on], [done.steps[i].expression for i in told.idle]


@pytest.mark.parametrize(
    ("body", "on", "idle"),
    [
        ('return str(len(image.find("cube")))', ['image.find("cube")'], []),
        (
            'image.find("sphere")\n    return str(len(image.find("cube")))',
            ['image.find("cube")'],
            ['image.find("sphere")'],
        ),
        ('image.find("cube")\n    return "2"', [], ['image.find("cube")']),
        ('return bool_to_yesno(image.exists("cone"))', ['image.exists("cone")'], []),
        ('return image.find("sphere")[0].simple_query("What colour is it?")', None, []),
        ('return "far" if image.find("sphere")[0].compute_depth() > 9 else "near"', None, []),
    ],
)
async def test_a_call_matters_if_another_result_gives_another_answer(
    body: str, on: list[str] | None, idle: list[str]
):
    program = f"def execute_command(image):\n    {body}\n"
    matters, rest = await hung(program)
    assert rest == idle
    if on is not None:
        assert matters == on
    else:
        assert len(matters) == 2, "what is found, and what is asked of it"


async def test_calls_that_only_matter_together_matter_all():
    """Either would do."""
    program = (
        'def execute_command(image):\n    cube = image.exists("cube")\n    sphere = image.exists("sphere")\n'
        "    return bool_to_yesno(cube or sphere)\n"
    )
    assert await hung(program) == (['image.exists("cube")', 'image.exists("sphere")'], [])


async def test_a_text_is_changed_to_what_the_program_compares_it_with():
    program = (
        'def execute_command(image):\n    colour = image.find("sphere")[0].simple_query("What colour is it?")\n'
        '    return bool_to_yesno(colour == "red")\n'
    )
    matters, _ = await hung(program)
    assert any("simple_query" in expression for expression in matters)
