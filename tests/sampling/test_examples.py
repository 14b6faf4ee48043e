"""The few-shot examples: each one type-checks, runs, sees what it says it sees, and gives its answer."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.sampling.world import images, run
from vpd.errors import UserError
from vpd.execution.sandbox import Sandbox
from vpd.sampling.deduplication import normal_form
from vpd.sampling.examples import FewShot, choose_examples, load_examples
from vpd.sampling.trace import trace_lines

EXAMPLES = list(load_examples().values())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(workers=1) as sandbox:
        yield sandbox


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
async def test_its_program_runs_as_it_says(example: FewShot, sandbox: Sandbox):
    assert (await sandbox.check(example.program)).status == "ok"
    outcome = await run(sandbox, example)
    assert (outcome.status, outcome.answer) == ("ok", example.answer)
    assert tuple(trace_lines(outcome.steps, images(example.world))) == example.trace


def test_they_cover_what_programs_are_asked_to_do():
    topics = {example.topic for example in EXAMPLES}
    assert topics >= {"counting", "attributes", "spatial relations", "depth"}
    assert topics >= {"reading text", "comparison", "knowledge", "video"}
    assert len(EXAMPLES) >= 12
    assert any(example.choices for example in EXAMPLES)
    assert any(len(example.world.images) > 1 and not example.video for example in EXAMPLES)


def test_no_two_are_alike():
    assert len({normal_form(example.program) for example in EXAMPLES}) == len(EXAMPLES)


def test_a_recipe_may_choose_some_in_its_own_order():
    assert [e.name for e in choose_examples(["tallest", "count"])] == ["tallest", "count"]


def test_an_example_that_is_not_there_is_named():
    with pytest.raises(UserError, match="no example 'juggling'; there are count, "):
        choose_examples(["juggling"])
